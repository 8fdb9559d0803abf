import { execFileSync } from 'node:child_process';
import { checkCollector, checkOpenSearch } from './receivers';
import { checkRsyslog } from './rsyslog';
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
  {
    name: 'Syslog over TLS to rsyslog',
    needs: 'rsyslogd',
    mend: 'install rsyslog and rsyslog-gnutls (Debian)',
    check: checkRsyslog,
  },
  {
    name: 'OpenTelemetry logs to a collector',
    needs: 'otelcol',
    mend: 'install the OpenTelemetry collector, with its file exporter',
    check: checkCollector,
  },
  {
    name: 'ECS to OpenSearch',
    needs: '$OPENSEARCH_URL',
    mend: 'start OpenSearch, and name its address',
    check: checkOpenSearch,
  },
];

/** Runs all checks, or those whose program is named on the command line. */
async function main(): Promise<void> {
  const named = process.argv.slice(2);
  const checks = CHECKS.filter(({ needs }) => named.length === 0 || named.includes(needs));
  let failed = 0;
  for (const { name, needs, mend, check } of checks) {
    try {
      if (!isInstalled(needs)) throw new Error(`\`${needs}\` is missing: ${mend}`);
      console.log(`${name}: ${await check()}`);
    } catch (error) {
      failed++;
      console.error(`${name}: FAILED`, error);
    }
  }
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Tests that Jest runs, but not with the others. @returns what is said of them */
function runTests(name: string): string {
  execFileSync('npx', ['jest', '--testMatch', `**/test/interop/${name}.ts`], { stdio: 'inherit' });
  return 'all tests passed';
}

/** What programs are asked that know no `--version`; a collector of the builder's own knows it where it was given one. */
const ASKED: Record<string, string> = { rsyslogd: '-v', otelcol: 'components' };

/** A program, or a variable of the environment that names a server. */
function isInstalled(program: string): boolean {
  if (program.startsWith('$')) return Boolean(process.env[program.slice(1)]);
  try {
    execFileSync(program, [ASKED[program] ?? '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

void main();
