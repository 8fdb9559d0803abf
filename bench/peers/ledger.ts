import { join } from 'node:path';
import { auditMiddleware, createAudit } from '../built';
import { ENTRIES } from '../../models/append-only/audit-entry';
import { ACTION, type Peer, REFUSAL } from './peer';

const TENANT = 'acme';

/** This package: `void req.audit(…)` in the handler, and the middleware's own record of a 401. */
export const ledger = peer('this package', false);

/** The same, with events kept in files until they are in the database. */
export const ledgerWithSpool = peer('this package, spool', true);

function peer(name: string, spooled: boolean): Peer {
  return {
    name,
    async attach(app, connection, { folder }) {
      const spool = spooled && { spool: { directory: join(folder, 'spool') } };
      const audit = createAudit({ connection, defaultTenant: TENANT, ...spool });
      await audit.event({ action: 'bench.start' }); // makes the indexes
      app.use(
        auditMiddleware({ audit, identify: ({ method }) => (method === 'POST' ? { actor: 'user_1' } : {}) }),
      );
      return {
        invited: (req, id) => void req.audit({ action: ACTION, resource: id, metadata: { role: 'member' } }),
        flush: () => audit.flush(),
        waiting: () => {
          const { queued, inFlight, spooled } = audit.stats();
          return queued + inFlight + spooled;
        },
        close: () => audit.close(),
      };
    },
    async records(connection) {
      const entries = connection.db!.collection<{ metadata: { count: number } }>(ENTRIES);
      const action = { $in: [ACTION, REFUSAL] };
      const single = await entries.countDocuments({ action, 'metadata.count': { $exists: false } });
      const folded = await entries.find({ action, 'metadata.count': { $exists: true } }).toArray();
      return folded.reduce((sum, { metadata }) => sum + metadata.count, single);
    },
    async chain(connection) {
      const { verdict, problemCount } = await createAudit({ connection }).verify({ tenantId: TENANT });
      return verdict === 'intact' ? verdict : `${verdict}, ${problemCount} problems`;
    },
  };
}
