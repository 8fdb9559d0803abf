import type { WriteStats } from '../lib/write/recording';
import type { CollectorApi } from '../middleware/http/collector/collector-api';

/** What a process of the collector counts, in Prometheus's text format. */
export function metricsText(stats: WriteStats, { answers, events }: CollectorApi['counts']): string {
  const { outbox, ...queue } = stats;
  return [
    ...metric(
      'audit_ledger_events_collected_total',
      'counter',
      'Events that were sent and are durable.',
      events,
    ),
    ...metric(
      'audit_ledger_events_recorded_total',
      'counter',
      'Entries recorded by this process.',
      queue.recorded,
    ),
    ...metric('audit_ledger_events_failed_total', 'counter', 'Events taken, and not recorded.', queue.failed),
    ...metric(
      'audit_ledger_insert_retries_total',
      'counter',
      'Inserts that were tried again.',
      queue.retries,
    ),
    ...metric('audit_ledger_queue_events', 'gauge', 'Events that wait for an insert.', queue.queued),
    ...metric(
      'audit_ledger_in_flight_events',
      'gauge',
      'Events in an insert that is running.',
      queue.inFlight,
    ),
    ...metric('audit_ledger_spooled_events', 'gauge', 'Events in the spool alone.', queue.spooled),
    ...metric(
      'audit_ledger_oldest_waiting_seconds',
      'gauge',
      'How long the oldest of all these has waited.',
      queue.oldestWaitingMs / 1000,
    ),
    ...metric(
      'audit_ledger_outbox_events',
      'gauge',
      'Events in the outbox, as of the last look.',
      outbox.size,
    ),
    ...metric(
      'audit_ledger_outbox_lag_seconds',
      'gauge',
      'How long the oldest of them has waited.',
      outbox.lagMs / 1000,
    ),
    '# HELP audit_ledger_requests_total Requests that were answered.',
    '# TYPE audit_ledger_requests_total counter',
    ...Array.from(answers, ([counted, count]) => {
      const [route, status] = counted.split(' ');
      return `audit_ledger_requests_total{route="${route}",status="${status}"} ${count}`;
    }),
    '',
  ].join('\n');
}

function metric(name: string, type: 'counter' | 'gauge', help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}
