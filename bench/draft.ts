import { sha256 } from '../lib/crypto/node';
import { createDrafter } from '../lib/event/drafter';
import type { AuditEvent } from '../lib/event/event';
import { compare, perSecond } from './measure';

const EVENTS = 20_000;

const ORDER = {
  _id: '64f000000000000000000001',
  status: 'open',
  total: 125.5,
  items: [
    { sku: 'A-1', quantity: 2, price: 9.99 },
    { sku: 'B-2', quantity: 1, price: 19.99 },
  ],
  shipping: { street: 'Main St 5', city: 'Berlin', zip: '10115' },
  note: 'The customer asked for a later delivery, please call before.',
  url: 'https://example.com/orders/7?page=2&sort=name',
};

const EVENT: AuditEvent = {
  tenantId: 'acme',
  action: 'order.update',
  actor: { id: '64f000000000000000000001', name: 'Ann Miller' },
  resource: 'order_7',
  before: ORDER,
  after: { ...ORDER, status: 'paid', password: 'hunter2' },
  context: { ipAddress: '203.0.113.9', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', path: '/orders/7' },
};

/** Events made drafts (checked, converted, redacted, measured), against `JSON.stringify` and `JSON.parse` of the same. */
export async function benchDrafting(): Promise<void> {
  const draft = createDrafter({ sha256, now: Date.now, valueBytes: 65_536 });
  const drafting = (event: AuditEvent, count: number) => () =>
    perSecond(count, () => {
      for (let n = 0; n < count; n++) draft(event, {}, 'application');
      return Promise.resolve();
    });
  const copying = () =>
    perSecond(EVENTS, () => {
      for (let n = 0; n < EVENTS; n++) JSON.parse(JSON.stringify(EVENT));
      return Promise.resolve();
    });
  const huge = { ...EVENT, metadata: { lines: Array.from({ length: 20_000 }, () => 'word '.repeat(200)) } };
  await compare('Making drafts of events', 'a second', 10, [
    { name: 'JSON.parse(JSON.stringify(event))', run: copying },
    { name: 'a draft', run: drafting(EVENT, EVENTS) },
    { name: 'a draft with 20 MB of metadata', run: drafting(huge, 20) },
  ]);
}
