import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerRequest } from './middleware/fetch/answer-request';
import { CollectorApi } from './middleware/http/collector/collector-api';
import { type CollectorOptions, parseCollectorOptions } from './middleware/http/collector/options';
import { answerNode } from './middleware/node/answer-node';
import { sharedAudit } from './models/create-audit';

export type { CollectorOptions } from './middleware/http/collector/options';
export type { CollectorLimits } from './middleware/http/collector/collector-api';

/** The collector, as a request handler of Express and of `node:http`, and of the Fetch standard. */
export interface Collector {
  (req: IncomingMessage, res: ServerResponse): void;
  /**
   * Answers a request of the Fetch standard.
   * @param where `mount`: the path that the collector is mounted at; `address`: the client's, where it is known
   */
  fetch(request: Request, where?: { mount?: string; address?: string }): Promise<Response>;
}

/**
 * Takes events over HTTP from services that hold no database, by API keys (`audit.keys`, `audit-ledger keys`), and lets them
 * read the trails of the tenants of their key: docs/collector.md.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function auditCollector(options: CollectorOptions = {}): Collector {
  const api = new CollectorApi(parseCollectorOptions(options, sharedAudit));
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    answerNode(api, req, res).catch((error: unknown) => {
      api.report(error);
      res.destroy();
    });
  };
  const fetch: Collector['fetch'] = (request, { mount = '', address } = {}) => {
    const { pathname } = new URL(request.url);
    const base = mount.replace(/\/+$/, '');
    const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : '/';
    return answerRequest(api, request, { path, mount: base, address });
  };
  return Object.assign(answer, { fetch });
}
