import type { Express, Request, RequestHandler } from 'express';
import supertest from 'supertest';
import { type Audit, auditRouter, type AuditRouterOptions } from '../../../../index';
import { checkpointOrigin, parseCheckpoint } from '../../../../lib/notes/checkpoint';
import { decodeHex } from '../../../../lib/util/hex';
import { isSignedBy, parseNote, parseVerifierKey } from '../../../../lib/notes/note';
import { verifyInclusion } from '../../../../lib/tree/proof';
import { parseTlogProof } from '../../../../lib/notes/tlog-proof';
import { memoryLedger } from '../../../support/memory-ledger';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { LEDGER, signingLedger, textOf, verifierKeyOf } from '../../../support/evidence';
import { EXPRESSES, serve } from '../../../support/served';
import { TREE_NODE_HASH } from '../../../../lib/checkpoints/tree-node-hash';
import { NODE_CRYPTO, sha256Bytes } from '../../../../lib/crypto/node';

const MEMBER = { 'X-User': 'ada', 'X-Tenant': 'acme' };

const signIn: RequestHandler = (req, _res, next) => {
  Object.assign(req, { user: { id: req.get('x-user'), tenantId: req.get('x-tenant') } });
  next();
};

const isSigned = (note: string, tenantId: string): boolean => {
  const { text, signatures } = parseNote(note);
  const key = parseVerifierKey(verifierKeyOf(tenantId), sha256Bytes);
  return signatures.some((signature) => isSignedBy(text, signature, key, NODE_CRYPTO.verifyEd25519));
};

describe.each(EXPRESSES)('checkpoints and proofs in %s', (_name, express) => {
  let store: MemoryStore;
  let audit: Audit;
  const SIZE = 300;

  beforeAll(async () => {
    store = new MemoryStore();
    audit = signingLedger(store);
    const batch = audit.batch();
    for (let n = 1; n <= SIZE; n++) batch.event({ tenantId: 'acme', action: 'a.b', id: `a/${n}` });
    batch.event({ tenantId: 'globex', action: 'a.b', id: 'theirs' });
    batch.event({ tenantId: 'acm', action: 'a.b', id: 'x' });
    await batch.commit();
    for (const tenantId of ['acme', 'globex']) await audit.checkpoint(tenantId);
    await audit.event({ tenantId: 'acme', action: 'a.b', id: 'late' });
  });

  async function ask(path: string, headers: object = MEMBER, options: AuditRouterOptions = {}) {
    const app: Express = express();
    app.set('env', 'test').use('/some/:where/', signIn, auditRouter({ audit, ...options }));
    const { url } = await serve(app);
    return supertest(url)
      .get(`/some/where${path}`)
      .set(headers as Record<string, string>);
  }

  describe('GET /checkpoint', () => {
    it('gives the newest note of the tenant, signed', async () => {
      const { status, text, headers } = await ask('/checkpoint');
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      expect(isSigned(text, 'acme')).toBe(true);
      expect(parseCheckpoint(parseNote(text).text)).toMatchObject({
        origin: checkpointOrigin(LEDGER, 'acme'),
        size: SIZE,
      });
    });

    it.each(['acm', 'acme:', 'acme%3A', 'nobody', 'acme/x'])('has none for %s', async (tenantId) => {
      const { status, type } = await ask('/checkpoint', { ...MEMBER, 'X-Tenant': tenantId });
      expect([status, type]).toEqual([404, 'application/problem+json']);
    });

    it('has none of a ledger that does not sign', async () => {
      const unsigned = memoryLedger().audit;
      await unsigned.event({ tenantId: 'acme', action: 'a.b' });
      await textOf(await unsigned.exportEvidence({ tenantId: 'acme' }));
      expect((await ask('/checkpoint', MEMBER, { audit: unsigned })).status).toBe(404);
    });

    it.each(['/checkpoint?tenantId=globex', '/checkpoint?x', '/entries/late/proof?size=1'])(
      'takes no parameters: %s',
      async (path) => {
        expect((await ask(path)).status).toBe(400);
      },
    );
  });

  describe('GET /entries/:id/proof', () => {
    it.each([1, 2, 128, 256, 257, 299, SIZE])('proves entry %s', async (n) => {
      const { status, text, headers } = await ask(`/entries/a%2F${n}/proof`);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8' });
      const { index, hashes, checkpoint } = parseTlogProof(text);
      expect(isSigned(checkpoint, 'acme')).toBe(true);
      const { size, root } = parseCheckpoint(parseNote(checkpoint).text);
      const entry = await audit.get({ tenantId: 'acme', id: `a/${n}` });
      const inclusion = { index, size, leaf: decodeHex(entry?.hash ?? ''), root, proof: hashes };
      expect([index, verifyInclusion(inclusion, TREE_NODE_HASH)]).toEqual([n - 1, true]);
    });

    it('says that no checkpoint covers the entry yet', async () => {
      const { status, body } = await ask('/entries/late/proof');
      expect(status).toBe(409);
      expect(body).toMatchObject({ title: 'Conflict', status: 409, detail: expect.any(String) });
    });

    it.each(['theirs', 'nothing', 'globex:theirs', 'x'])('knows no %s', async (id) => {
      const { status, text } = await ask(`/entries/${id}/proof`);
      const none = await ask('/entries/none/proof');
      expect([status, text.replace(id, 'none')]).toEqual([404, none.text]);
    });
  });

  it('ask for `verify`, and for an identity', async () => {
    const authorize = jest.fn((_req: Request, permission: string) => permission !== 'verify');
    for (const path of ['/checkpoint', '/entries/late/proof']) {
      expect((await ask(path, MEMBER, { authorize })).status).toBe(403);
      expect((await ask(path, {})).status).toBe(401);
    }
    expect(authorize.mock.calls.map(([, permission]) => permission)).toEqual(['verify', 'verify']);
  });

  it('leave an answer alone that the application gave meanwhile', async () => {
    const errors: Error[] = [];
    const app = express();
    const tooLate: RequestHandler = (_req, res, next) => {
      next();
      res.status(504).end('too late');
    };
    app.use(signIn, tooLate, auditRouter({ audit }), ((
      error: Error,
      _q: unknown,
      _s: unknown,
      next: () => void,
    ) => {
      errors.push(error);
      next();
    }) as never);
    const served = await serve(app);
    for (const path of ['/checkpoint', '/entries/a%2F1/proof', '/export'])
      expect((await supertest(served.url).get(path).set(MEMBER)).text).toBe('too late');
    await served.settled();
    await audit.flush();
    expect(errors).toEqual([]);
  });
});
