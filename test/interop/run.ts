import { execFileSync } from 'node:child_process';
import { checkSpreadsheet } from './spreadsheet';

/** Checks against programs that are no part of the project. Says what is missing, and never passes without them. */
const CHECKS = [
  {
    name: 'CSV in a spreadsheet',
    needs: 'soffice',
    mend: 'install LibreOffice Calc (Debian: libreoffice-calc-nogui)',
    check: checkSpreadsheet,
  },
  {
    name: 'The client in Python',
    needs: 'python3',
    mend: 'install Python 3.9 or later',
    check: () => runTests('python-client'),
  },
];

async function main(): Promise<void> {
  let failed = 0;
  for (const { name, needs, mend, check } of CHECKS) {
    try {
      if (!isInstalled(needs)) throw new Error(`\`${needs}\` is missing: ${mend}`);
      console.log(`${name}: ${await check()}`);
    } catch (error) {
      failed++;
      console.error(`${name}: FAILED`, error);
    }
  }
  console.log(`${CHECKS.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Tests that Jest runs, but not with the others. @returns what is said of them */
function runTests(name: string): string {
  execFileSync('npx', ['jest', '--testMatch', `**/test/interop/${name}.ts`], { stdio: 'inherit' });
  return 'all tests passed';
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

void main();
