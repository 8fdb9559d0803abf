import { VERSION } from '../lib/version';
import { EXIT } from './exit-code';
import { describeReason, UsageError } from './failure';
import { note } from './out';
import { usageOf } from './examples';
import { type CommandName, USAGE } from './usage';

type Command = (args: string[]) => number | Promise<number>;

/** Loaded when they run: only those that need a database load what speaks to one. */
const COMMANDS: Record<CommandName, () => Promise<Command>> = {
  verify: async () => (await import('./verify.js')).verify,
  export: async () => (await import('./export.js')).exportCommand,
  checkpoint: async () => (await import('./checkpoint.js')).checkpoint,
  reopen: async () => (await import('./reopen.js')).reopen,
  stream: async () => (await import('./stream.js')).stream,
  compare: async () => (await import('./compare.js')).compare,
  doctor: async () => (await import('./doctor.js')).doctor,
  keygen: async () => (await import('./keygen.js')).keygen,
  role: async () => (await import('./role.js')).role,
  keys: async () => (await import('./keys.js')).keys,
  send: async () => (await import('./send.js')).send,
  coverage: async () => (await import('./coverage.js')).coverage,
  actions: async () => (await import('./actions.js')).actions,
  reconcile: async () => (await import('./reconcile.js')).reconcile,
  serve: async () => (await import('./serve.js')).serve,
};

/** Runs one command line, and gives the status that the program is to end with. */
export async function run([name, ...args]: string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') return help(args);
  if (name === '--version') return say(`${VERSION}\n`);
  if (name === undefined) return refuse('no command is given', USAGE);
  if (!isCommand(name)) return refuse(`${JSON.stringify(name)} is no command`, USAGE);
  if (asksForHelp(args)) return say(usageOf(name));
  try {
    const command = await COMMANDS[name]();
    return await command(args);
  } catch (error) {
    if (error instanceof UsageError) return refuse(error.message, usageOf(name));
    note(`audit-ledger ${name}: ${describeReason(error)}`);
    return EXIT.unchecked;
  }
}

/** Of all commands, or of the one that is named. */
function help([name]: string[]): number {
  if (name === undefined) return say(USAGE);
  return isCommand(name) ? say(usageOf(name)) : refuse(`${JSON.stringify(name)} is no command`, USAGE);
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** Behind `--` stand names of files alone. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}

function say(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

function refuse(why: string, usage: string): number {
  note(`audit-ledger: ${why.replace(/\.$/, '')}.`);
  process.stderr.write(`\n${usage}`);
  return EXIT.unchecked;
}
