import { Interrupted, runInstaller } from './installer';

// Runs a Bash command as an installer: what tests stop and kill.
const [script = '', ...parameters] = process.argv.slice(2);

runInstaller(console.log, {
  title: 'Installing',
  name: 'the installer',
  command: 'bash',
  parameters: ['-c', script, ...parameters],
}).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
});
