import type { Audit } from '../lib/audit';
import type { StreamList } from '../lib/streams/stream-options';
import type { StreamStatus } from '../lib/streams/streams';
import { elasticTemplate } from '../lib/streams/to/elastic-template';
import { DATABASE_OPTIONS, parseDatabase, readArguments, required, type Values } from './arguments';
import { EXIT, type Outcome } from './exit-code';
import { describeReason, InputError, UsageError } from './failure';
import { nextSignal } from './interrupt';
import { keepOpen, type Made } from './keep-open';
import { withLedger } from './ledger';
import { exportOf } from './loaded-module';
import { note, print, printJson } from './out';

const OPTIONS = {
  ...DATABASE_OPTIONS,
  config: { type: 'string' },
  stream: { type: 'string' },
  tenant: { type: 'string' },
  from: { type: 'string' },
  'data-stream': { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Given = Values<typeof OPTIONS>;

type Act = (audit: Audit, given: Given, made: Made) => Promise<Outcome>;

/** What can be done; those that deliver need the streams of a file. */
const ACTS: Record<string, { needsConfig: boolean; act: Act }> = {
  run: { needsConfig: true, act: run },
  status: { needsConfig: false, act: status },
  pause: { needsConfig: false, act: async ({ streams }, given) => done(streams.pause(nameIn(given))) },
  resume: { needsConfig: false, act: async ({ streams }, given) => done(streams.resume(nameIn(given))) },
  remove: { needsConfig: false, act: async ({ streams }, given) => done(streams.remove(nameIn(given))) },
  replay: { needsConfig: false, act: replay },
  'set-aside': { needsConfig: false, act: setAside },
  test: { needsConfig: true, act: test },
  redeliver: { needsConfig: true, act: redeliver },
};

/** `audit-ledger stream`: delivers entries to other systems, and tells and changes how that goes. */
export async function stream(args: string[]): Promise<Outcome> {
  const { values, operands } = readArguments(args, OPTIONS);
  const [name = 'run', ...others] = operands;
  if (others.length > 0) throw new UsageError(`${JSON.stringify(others[0])} is not expected here`);
  if (name === 'template') return template(values);
  const known = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  if (!known)
    throw new UsageError(`${JSON.stringify(name)} is none of ${Object.keys(ACTS).join(', ')}, template`);
  const streams = known.needsConfig ? readConfig(required('config', values.config)) : undefined;
  return withLedger(parseDatabase(values), (opened) => known.act(opened.audit({ streams }), values, opened));
}

/** The streams that a module exports: the same as those of the application. */
function readConfig(file: string): StreamList {
  const streams = exportOf(file, 'streams') as StreamList | undefined;
  if (streams !== undefined) return streams;
  throw new InputError(`${file} exports no \`streams\`: an array of streams, or a function that gives one`);
}

/** Delivers until it is told to end; what is under way is delivered first. */
async function run(audit: Audit, _: Given, made: Made): Promise<Outcome> {
  const close = keepOpen(made, (reason) =>
    note(`audit-ledger stream: The database cannot be reached: ${describeReason(reason)}`),
  );
  audit.streams.run();
  note('audit-ledger stream: delivers while no other process does. Ctrl+C ends it.');
  await nextSignal(); // a delivery that is cut off is delivered twice
  await audit.close();
  await close();
  return EXIT.ok;
}

async function status({ streams }: Audit, { json }: Given): Promise<Outcome> {
  const all = await streams.status();
  for (const each of all) {
    if (json) printJson(each);
    else print(...describe(each));
  }
  return all.every(({ state }) => state !== 'failing') ? EXIT.ok : EXIT.broken;
}

function describe({
  name,
  kind,
  address,
  state,
  lag,
  delivered,
  setAside,
  lastError,
}: StreamStatus): string[] {
  const lines = [
    `${name}: ${state}, ${kind} at ${address}, ${delivered} delivered, ${lag.entries} behind, ${setAside} set aside`,
  ];
  if (lastError) lines.push(`  last error at ${lastError.at}: ${lastError.reason}`);
  return lines;
}

async function replay({ streams }: Audit, given: Given): Promise<Outcome> {
  const from = required('from', given.from);
  const seq = /^\d+$/.test(from) ? Number(from) : from;
  return done(streams.replay(nameIn(given), { from: seq, tenantId: given.tenant }));
}

async function setAside({ streams }: Audit, given: Given): Promise<Outcome> {
  const name = nameIn(given);
  let portion = await streams.setAside(name, { limit: 1_000 });
  while (portion.length > 0) {
    for (const entry of portion) printJson(entry);
    portion = await streams.setAside(name, {
      limit: 1_000,
      behind: portion.at(-1) as (typeof portion)[number],
    });
  }
  return EXIT.ok;
}

async function test({ streams }: Audit, given: Given): Promise<Outcome> {
  const { ok, reason } = await streams.test(nameIn(given));
  print(ok ? 'It was taken.' : `It was not taken: ${reason ?? 'unknown'}`);
  return ok ? EXIT.ok : EXIT.broken;
}

async function redeliver({ streams }: Audit, given: Given): Promise<Outcome> {
  const { taken, refused, reason } = await streams.redeliver(nameIn(given));
  print(
    `${taken} taken, ${refused} still set aside${reason === undefined ? '' : `, the others wait: ${reason}`}`,
  );
  return refused === 0 && reason === undefined ? EXIT.ok : EXIT.broken;
}

function template(given: Given): Outcome {
  process.stdout.write(`${JSON.stringify(elasticTemplate(given['data-stream']), null, 2)}\n`);
  return EXIT.ok;
}

async function done(work: Promise<void>): Promise<Outcome> {
  await work;
  return EXIT.ok;
}

function nameIn({ stream: name }: Given): string {
  return required('stream', name);
}
