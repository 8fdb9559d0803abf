import type { AdmittedRequest } from './admitted-request';
import type { Ledger } from '../../../lib/ledger';
import { ACTORS_RULES, type ActorsQuery } from '../../../lib/read/actors';
import {
  EXPORT_RULES,
  type ExportQuery,
  NO_EXPORT_RULES,
  parseExportQuery,
} from '../../../lib/read/export-query';
import { type ActionDefinition, describeActions } from '../../../lib/catalogue/define-actions';
import { ACTIONS_RULES, type ActionsQuery } from '../../../lib/read/actions';
import { HISTOGRAM_RULES, type HistogramQuery } from '../../../lib/read/histogram';
import { FILTER_RULES, LIST_RULES, type ListQuery, readFilter } from '../../../lib/read/list-query';
import { FLAG, SWITCH, TEXT } from '../../../lib/read/rules';
import type { Permission } from './admission';
import { type Answer, json, text } from './answer';
import { attachmentName, CONTENT_TYPES } from './download';
import { followEntries } from './event-stream';
import type { Rules } from './parameters';
import { patiently } from './patient-body';
import { Problem } from './problem';

/**
 * What a route asks of the database: nothing, one reading, counts of many parts, a walk over the whole chain, or something
 * that goes on as long as its reader.
 */
export type Cost = 'none' | 'read' | 'count' | 'walk' | 'export' | 'stream';

/** One path of the API. */
export interface Route {
  /** May have one parameter, such as `/entries/:id`. */
  path: '/' | `/${string}`;
  summary: string;
  /** The permission that a request needs; null when an identity is enough. */
  permission: Permission | null;
  query: Rules;
  /** The response: the name of a JSON schema, or media types of texts. */
  answers: { schema: string } | { texts: readonly string[] };
  /** What it costs: by that it waits for its turn. */
  cost: Cost;
  /** Whether a reading looks at entries one by one, of which it finds few: fewer of these run at a time. */
  looks?: (query: Record<string, unknown>) => boolean;
  /** Whether the response has entries, so that a request is a read of the trail. */
  showsEntries?: true;
  answer: (asked: AdmittedRequest) => Promise<Answer>;
}

const NONE: Rules = {};
const PLAIN = 'text/plain; charset=utf-8';

/** All routes of the API: the router mounts them, and OpenAPI describes them. */
export function createRoutes(): readonly Route[] {
  return [
    {
      path: '/session',
      summary: 'Whose trail this is, what the request may do with it, and who signs its checkpoints',
      permission: null,
      cost: 'none',
      query: NONE,
      answers: { schema: 'Session' },
      answer: async ({ ledger, tenantId, permissions }) =>
        json({
          ...{ tenantId, permissions: await permissions(), ...ledger.proofs.signer(tenantId) },
          ...titlesOf(ledger.definitions),
        }),
    },
    {
      path: '/entries',
      summary: 'A page of entries, newest first unless `order` says otherwise',
      permission: 'read',
      cost: 'read',
      looks: (query) => readFilter(query).conditions !== undefined,
      query: { ...LIST_RULES, faults: FLAG },
      answers: { schema: 'EntryPage' },
      showsEntries: true,
      answer: ({ ledger, tenantId, query: { faults, ...query }, signal }) =>
        listEntries(ledger, { ...(query as Omit<ListQuery, 'tenantId'>), tenantId }, faults === true, signal),
    },
    {
      path: '/entries/:id',
      summary: 'One entry',
      permission: 'read',
      cost: 'read',
      query: NONE,
      answers: { schema: 'Entry' },
      showsEntries: true,
      answer: async ({ ledger, tenantId, name }) =>
        json((await ledger.get({ tenantId, id: name })) ?? noEntry(JSON.stringify(name))),
    },
    {
      path: '/entries/:id/proof',
      summary: 'The proof that an entry is in the tree of the newest checkpoint (C2SP tlog-proof)',
      permission: 'verify',
      cost: 'read',
      query: NONE,
      answers: { texts: ['text/plain'] },
      answer: async ({ ledger, tenantId, name }) => {
        const proof = await ledger.proofs.prove({ tenantId, id: name });
        if (proof) return text(PLAIN, proof.text);
        if (await ledger.get({ tenantId, id: name }))
          throw new Problem(409, 'No checkpoint covers this entry yet.');
        return noEntry(JSON.stringify(name));
      },
    },
    {
      path: '/chain/:seq',
      summary: 'The entry with a number',
      permission: 'read',
      cost: 'read',
      query: NONE,
      answers: { schema: 'Entry' },
      showsEntries: true,
      answer: async ({ ledger, tenantId, name }) =>
        json(
          (await ledger.trail.at({ tenantId, seq: SEQ.test(name) ? Number(name) : 0 })) ??
            noEntry(`number ${JSON.stringify(name)}`),
        ),
    },
    {
      path: '/histogram',
      summary: 'How many entries there are in each part of a span of time',
      permission: 'read',
      cost: 'count',
      query: withoutTenant(HISTOGRAM_RULES),
      answers: { schema: 'Histogram' },
      answer: async ({ ledger, tenantId, query, signal }) => {
        const wanted = { ...(query as Omit<HistogramQuery, 'tenantId'>), tenantId };
        return json(await ledger.trail.histogram(wanted, signal));
      },
    },
    {
      path: '/actions',
      summary: 'Names of actions in the trail, for completion',
      permission: 'read',
      cost: 'read',
      query: { ...withoutTenant(ACTIONS_RULES), described: SWITCH, language: TEXT },
      answers: { schema: 'Actions' },
      answer: async ({ ledger, tenantId, query: { described, language, ...query } }) => {
        const actions = await ledger.trail.actions({
          ...(query as Omit<ActionsQuery, 'tenantId'>),
          tenantId,
        });
        if (described === undefined || described === 'false') return json({ actions });
        return json({
          actions,
          described: describeActions(ledger.definitions, language as string | undefined),
        });
      },
    },
    {
      path: '/actors',
      summary: 'Who is in the newest entries, by a part of their name or id, for completion',
      permission: 'read',
      cost: 'read',
      looks: () => true,
      query: withoutTenant(ACTORS_RULES),
      answers: { schema: 'Actors' },
      answer: async ({ ledger, tenantId, query }) =>
        json({
          actors: await ledger.trail.actors({ ...(query as Omit<ActorsQuery, 'tenantId'>), tenantId }),
        }),
    },
    {
      path: '/stream',
      summary: 'Each new entry as a server-sent event, resumed by `Last-Event-ID`',
      permission: 'read',
      cost: 'stream',
      query: FILTER_RULES,
      answers: { texts: ['text/event-stream'] },
      showsEntries: true,
      answer: (asked) => followEntries(asked),
    },
    {
      path: '/streams',
      summary: 'The streams to other systems that the tenant has set up, and how they go',
      permission: 'read',
      cost: 'read',
      query: NONE,
      answers: { schema: 'Streams' },
      answer: async ({ ledger, tenantId }) => json({ streams: await ownStreams(ledger, tenantId) }),
    },
    {
      path: '/export',
      summary: 'Evidence as a download, in constant memory; `proof=false` gives entries alone',
      permission: 'export',
      cost: 'export',
      query: { format, proof: includeChainProof, ...filters, ...NO_EXPORT_RULES },
      answers: { texts: Object.values(CONTENT_TYPES) },
      answer: exportEvidence,
    },
    {
      path: '/verify',
      summary: 'Whether the whole chain is intact, and what holds it in place',
      permission: 'verify',
      cost: 'walk',
      query: NONE,
      answers: { schema: 'VerificationReport' },
      answer: async ({ ledger, tenantId, signal }) => json(await ledger.verify({ tenantId }, signal)),
    },
    {
      path: '/checkpoint',
      summary: 'The newest signed checkpoint (C2SP signed note)',
      permission: 'verify',
      cost: 'read',
      query: NONE,
      answers: { texts: ['text/plain'] },
      answer: async ({ ledger, tenantId }) => {
        const note = await ledger.proofs.newestCheckpoint(tenantId);
        if (note === null) throw new Problem(404, 'There is no signed checkpoint of this audit trail yet.');
        return text(PLAIN, note);
      },
    },
  ];
}

const SEQ = /^[1-9]\d{0,15}$/;

const { format, includeChainProof, exportedBy: _, ...filters } = withoutTenant(EXPORT_RULES);

/** The rules without the tenant, which the server chooses. */
function withoutTenant<Known extends Rules & { tenantId: unknown }>({
  tenantId: _,
  ...rules
}: Known): Omit<Known, 'tenantId'> {
  return rules;
}

/** What a tenant sees of its own streams: nothing of the process that delivers them. */
async function ownStreams(ledger: Ledger, owner: string): Promise<object[]> {
  const all = await ledger.streams.status({ owner });
  return all.map(
    ({ name, kind, address, format, state, lag, delivered, lastSuccess, lastError, setAside }) => ({
      name,
      kind,
      address,
      format,
      state,
      lag,
      delivered,
      lastSuccess,
      lastError,
      setAside,
    }),
  );
}

function noEntry(name: string): never {
  throw new Problem(404, `There is no entry ${name}.`);
}

/** With `withFaults`, altered entries are listed beside the others. Without it, an altered entry is an error. */
async function listEntries(
  ledger: Ledger,
  query: ListQuery,
  withFaults: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  if (withFaults) return json(await ledger.trail.page(query, signal));
  const entries = await ledger.list(query, signal);
  const { nextCursor, lookedAt } = entries;
  return json({ entries, nextCursor, lookedAt });
}

async function exportEvidence(admitted: AdmittedRequest): Promise<Answer> {
  const { ledger, tenantId, actor, query, asked, recordsExports } = admitted;
  const { proof, ...given } = query;
  const wanted = { ...given, includeChainProof: proof, tenantId } as ExportQuery;
  const { format = 'jsonl' } = wanted;
  const headers = {
    'Content-Type': CONTENT_TYPES[format],
    'Content-Disposition': attachmentName(format),
    Link: '<verify.html>; rel="help"', // the page that verifies the file
  };
  if (asked.method !== 'HEAD') {
    const evidence = await ledger.exportAs(actor, wanted, { isRecorded: recordsExports });
    return { status: 200, headers, body: patiently(evidence, asked.client) };
  }
  parseExportQuery(wanted, (text) => ledger.secrets.isText(text));
  return { status: 200, headers, body: null };
}

/** What the page calls the actions that an application has defined; it speaks the languages of its readers. */
function titlesOf(definitions: Readonly<Record<string, ActionDefinition>>): { titles?: object } {
  const titles = Object.entries(definitions).map(([name, { title }]) => [name, title] as const);
  return titles.length > 0 ? { titles: Object.fromEntries(titles) } : {};
}
