import { join } from 'node:path';
import express, { type RequestHandler } from 'express';
import mongoose, { type Connection, createConnection } from 'mongoose';
import supertest from 'supertest';
import * as index from '../index';
import { AuditError, auditMiddleware, auditRouter, createAudit, isAuditError } from '../index';
import { connect } from './support/connection';
import { sharedDatabaseUri } from './support/database';
import { serve } from './support/served';

const mongoose8 = jest.requireActual<typeof mongoose>('mongoose8');

const optionsError = (options: unknown): AuditError => {
  try {
    createAudit(options as object);
  } catch (error) {
    if (isAuditError(error)) return error;
    throw error;
  }
  throw new Error('the options were accepted');
};

/** The package once more, with the same Mongoose, as it is loaded from the folder of a dependency. */
function secondCopy(version?: string): typeof index {
  let copy: typeof index | undefined;
  jest.isolateModules(() => {
    jest.doMock('mongoose', () => mongoose);
    if (version !== undefined) jest.doMock('../lib/version', () => ({ VERSION: version }));
    copy = jest.requireActual<typeof index>('../index');
    jest.dontMock('../lib/version').dontMock('mongoose');
  });
  return copy!;
}

describe('the package', () => {
  it('exports names alone', () => {
    const names = [
      'auditChanges',
      'auditCoverage',
      'auditMiddleware',
      'auditRouter',
      'audited',
      'commonActions',
      'compareWithStandards',
      'createAudit',
      'defineActions',
      'exempt',
      'isAuditError',
      'sensitive',
      'verifyEvidence',
    ];
    expect(Object.keys(index).sort()).toEqual(['AuditError', ...names]);
  });
});

describe('createAudit', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect();
  });

  it('gives a ledger with what guides for this job call', async () => {
    const logger = { warn: jest.fn(), error: jest.fn() };
    const audit = createAudit({ connection, defaultTenant: 'acme', logger });
    const receipt = await audit.event({ action: 'org.created', actor: 'ada' });
    expect(receipt).toMatchObject({ tenantId: 'acme', seq: 1 });
    const entries = await audit.list({ tenantId: 'acme' });
    expect([...entries]).toMatchObject([{ id: receipt.id, hash: receipt.hash }]);
    expect(entries.nextCursor).toBeNull();
    expect(await audit.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact', size: 1 });
    await audit.close();
    await expect(audit.event({ action: 'late' })).rejects.toMatchObject({ code: 'CLOSED', status: 503 });
    expect(logger.error).not.toHaveBeenCalled(); // who handles a rejection is not told twice
  });

  it('may be called while the connection is still being made', async () => {
    const connecting = createConnection(sharedDatabaseUri(), { dbName: connection.name });
    const audit = createAudit({ connection: connecting, defaultTenant: 'early' });
    const recorded = audit.event({ action: 'app.started' });
    expect(connecting.readyState).not.toBe(1);
    expect(await recorded).toMatchObject({ tenantId: 'early', seq: 1 });
    await connecting.close();
  });

  it('takes a connection of Mongoose 8', async () => {
    const older = mongoose8.createConnection(sharedDatabaseUri(), { dbName: connection.name });
    const audit = createAudit({ connection: older, defaultTenant: 'eight' });
    expect(await audit.event({ action: 'app.started' })).toMatchObject({ seq: 1 });
    expect(await audit.verify({ tenantId: 'eight' })).toMatchObject({ verdict: 'intact' });
    await older.close();
  });

  it('takes an explicit undefined for absent', () => {
    const options = { connection: undefined, defaultTenant: undefined, actions: undefined };
    expect(createAudit(options).defaultTenant).toBeUndefined();
  });

  it.each([
    ['a URI', { connection: 'mongodb://db.internal/app' }],
    ['null', { connection: null }],
    ['an object', { connection: {} }],
    ['mongoose itself', { connection: mongoose }],
    ['a list', { connection: [] }],
  ])('refuses %s as connection', (_what, options) => {
    const { code, message } = optionsError(options);
    expect(code).toBe('INVALID_OPTIONS');
    expect(message).toContain('`connection`');
    expect(message).not.toContain('db.internal');
  });

  it('says all that is wrong with the others at once', () => {
    const { code, message } = optionsError({ conection: 1, defaultTenant: 'system', limits: { batch: 0 } });
    expect(code).toBe('INVALID_OPTIONS');
    for (const name of ['`conection`', '`defaultTenant`', '`limits.batch`']) expect(message).toContain(name);
  });

  it('lists the actions in the types', async () => {
    const actions = ['org.read', 'org.write'] as const;
    const logger = { warn: jest.fn(), error: jest.fn() };
    const audit = createAudit({ connection, defaultTenant: 'typed', actions, logger });
    await audit.event({ action: 'org.read' });
    expect(logger.error).not.toHaveBeenCalled();
    // @ts-expect-error: not one of the actions
    await expect(audit.event({ action: 'org.raed' })).rejects.toMatchObject({ code: 'INVALID_EVENT' });
  });
});

describe('isAuditError', () => {
  it('knows the errors of another copy of the package', () => {
    jest.isolateModules(() => {
      const copy = jest.requireActual<typeof index>('../index');
      const error = new copy.AuditError('CLOSED', 'closed');
      expect(error instanceof AuditError).toBe(false);
      expect(isAuditError(error)).toBe(true);
    });
  });

  it.each([undefined, null, 'CLOSED', new Error('x'), { name: 'AuditError', code: 'CLOSED' }])(
    'knows that %p is none',
    (value) => {
      expect(isAuditError(value)).toBe(false);
    },
  );
});

describe('a second copy of the package in the process', () => {
  it('takes the ledger of the other, and records with it', async () => {
    const copy = secondCopy();
    expect(copy.AuditError).not.toBe(AuditError);
    const audit = createAudit({ connection: await connect(), defaultTenant: 't' });
    const app = express().use(copy.auditMiddleware({ audit }));
    app.use('/audit', copy.auditRouter({ audit, identify: () => ({ actor: 'ann', tenantId: 't' }) }));
    app.post('/', async (req, res) => void res.json(await req.audit({ action: 'a.b' })));
    const { url } = await serve(app);
    await supertest(url).post('/').expect(200);
    const { body } = await supertest(url).get('/audit/entries').expect(200);
    expect(body).toMatchObject({ entries: [{ action: 'a.b' }] });
  });

  it('says so, and where both are, when they are of two versions', async () => {
    const audit = secondCopy('9.9.9').createAudit({ connection: await connect() });
    const [folder] = [join(__dirname, '..')];
    for (const mount of [auditMiddleware, auditRouter])
      expect(() => mount({ audit })).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTIONS',
          message: expect.stringMatching(
            `Two versions .* from ${folder}.*, and 9.9.9 from ${folder}`,
          ) as string,
        }),
      );
  });
});

describe('the three lines', () => {
  const dbName = `test_${new mongoose.Types.ObjectId().toHexString()}`;
  beforeAll(async () => {
    await mongoose.connect(sharedDatabaseUri(), { dbName });
  });
  afterAll(async () => {
    await mongoose.connection.dropDatabase();
    await mongoose.connection.close();
  });

  const requireAuth: RequestHandler = (req, res, next) => {
    const user = req.get('x-user');
    if (user === undefined) return void res.sendStatus(401);
    Object.assign(req, { user: { id: user, tenantId: 'acme' } });
    next();
  };

  it('share one ledger on mongoose’s own connection', async () => {
    const app = express();
    app.use(auditMiddleware());
    app.use(requireAuth);
    app.post('/invites', async (req, res) => {
      await req.audit({ action: 'org.member.invite', resource: 'invite-1', metadata: { role: 'admin' } });
      res.sendStatus(201);
    });
    app.use('/audit', auditRouter());
    const { url } = await serve(app);
    await supertest(url).post('/invites').set('X-User', 'ada').expect(201);
    const { body } = await supertest(url).get('/audit/entries').set('X-User', 'ada').expect(200);
    expect(body).toMatchObject({
      entries: [{ action: 'org.member.invite', actor: 'ada', metadata: { role: 'admin' } }],
      nextCursor: null,
    });
    await supertest(url).get('/audit/entries').expect(401);
    const other = express().use(requireAuth).use('/audit', secondCopy().auditRouter());
    const { body: same } = await supertest(other).get('/audit/entries').set('X-User', 'ada').expect(200);
    expect(same).toEqual(body); // whichever copy asks for it
    const shown = await supertest(url).get('/audit/verify').set('X-User', 'ada').expect(200);
    expect(shown.body).toMatchObject({ verdict: 'intact', size: 1 });
  });
});
