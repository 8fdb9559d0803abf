import type { Entry } from '../../chain/entry';
import { VERSION } from '../../version';

/** CEF's severities, 0 to 10. */
const SEVERITIES = { success: 3, failure: 6, denied: 6 } as const satisfies Record<Entry['outcome'], number>;

const inHeader = (text: string) => text.replace(/[\\|]/g, '\\$&').replace(/[\r\n]+/g, ' ');
const inExtension = (text: string) =>
  text.replace(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');

/** An entry in ArcSight's Common Event Format, version 0: `seq` is `cn1`, `hash` and `prevHash` are `cs1` and `cs2`. */
export function toCef(entry: Entry): string {
  const { action, outcome, context = {} } = entry;
  const text = (name: string) => (typeof context[name] === 'string' ? context[name] : undefined);
  const name = inHeader(action);
  const head = `CEF:0|express-audit-ledger|audit|${VERSION}|${name}|${name}|${SEVERITIES[outcome]}`;
  const extension = {
    rt: String(Date.parse(entry.recordedAt)),
    start: String(Date.parse(entry.occurredAt)),
    externalId: entry.id,
    suid: entry.actor,
    suser: entry.actorName,
    src: text('ipAddress'),
    duid: entry.resource,
    duser: entry.resourceName,
    act: action,
    outcome,
    requestMethod: text('method'),
    request: text('path'),
    requestClientApplication: text('userAgent'),
    cn1: String(entry.seq),
    cn1Label: 'seq',
    cs1: entry.hash,
    cs1Label: 'hash',
    cs2: entry.prevHash,
    cs2Label: 'prevHash',
    cs3: entry.tenantId,
    cs3Label: 'tenant',
    cs4: othersOf(entry),
    cs4Label: 'entry',
  };
  const pairs = Object.entries(extension).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${inExtension(value)}`,
  );
  return `${head}|${pairs.join(' ')}`;
}

/** What has no key of its own, as JSON. */
function othersOf({
  actorType,
  onBehalfOf,
  resourceType,
  context,
  metadata,
  before,
  after,
  commitments,
}: Entry): string {
  return JSON.stringify({
    actorType,
    onBehalfOf,
    resourceType,
    context,
    metadata,
    before,
    after,
    commitments,
  });
}
