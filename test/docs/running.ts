import express, { type Express, type RequestHandler } from 'express';
import mongoose, { type Connection } from 'mongoose';
import supertest from 'supertest';
import { type Audit, auditMiddleware, createAudit } from '../../index';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { serve } from '../support/served';
import { LEDGER, newKey } from '../support/signing';
import { type Given, runBlock } from './code';
import { type Block, blocksOf, pages } from './markdown';

/** Pages whose code needs a framework that is not installed here: test/frameworks/next makes an application of it. */
const ELSEWHERE = ['docs/frameworks/next.md'];

/** All TypeScript of the other pages. */
export const BLOCKS = pages()
  .filter((page) => !ELSEWHERE.includes(page))
  .flatMap(blocksOf)
  .filter(({ language }) => language === 'ts');

const named = new Set<Block>();

/** The blocks that nobody has asked `blockWith` for. */
export const leftOver = (): Block[] => BLOCKS.filter((block) => !named.has(block));

/** The one block of a page that has a text in it. */
export function blockWith(page: string, text: string): Block {
  const found = BLOCKS.filter((block) => block.page === page && block.code.includes(text));
  const [block] = found;
  if (!block || found.length > 1) throw new Error(`${page} has ${found.length} blocks with ${text}`);
  named.add(block);
  return block;
}

/** Runs it. */
export async function run(page: string, text: string, given: Given): Promise<Record<string, unknown>> {
  return runBlock(blockWith(page, text), given);
}

/** Who all requests come from. */
export const MEMBER = { id: 'ada', tenantId: 'acme' };
export const IDENTITY = { actor: 'ada', tenantId: 'acme' };

/** Signs in everybody, with the role that they name. */
export const authenticate: RequestHandler = (req, _res, next) => {
  const role = req.get('x-role');
  Object.assign(req, { user: { ...MEMBER, ...(role !== undefined && { role }) } });
  next();
};
export const pass: RequestHandler = (_req, _res, next) => next();

/** What blocks are run with: a database, a ledger in it that signs, and Mongoose's default connection to another. */
export interface Shop {
  connection: Connection;
  audit: Audit;
  /** Of the default connection. */
  uri: string;
}

const TENANT = MEMBER.tenantId;
const opened: Audit[] = [];

export const signingKey = newKey();

/** Ends a ledger that a block made, after the tests. */
export function ending(made: unknown): Audit {
  opened.push(made as Audit);
  return made as Audit;
}

/** Gives the tests of a file their shop, which is there once they run. */
export function useShop(): Shop {
  const shop = {} as Shop;
  beforeAll(async () => {
    shop.connection = await connect();
    const name = `${shop.connection.name}_default`;
    shop.uri = sharedDatabaseUri().replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`);
    await mongoose.connect(shop.uri);
    shop.audit = ending(createAudit({ connection: shop.connection, ledger: LEDGER, signingKey }));
    await shop.audit.event({ tenantId: TENANT, action: 'org.create', actor: 'ada' });
    await shop.audit.checkpoint(TENANT);
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
    await mongoose.connection.dropDatabase();
    await mongoose.connection.close(); // not disconnect(): the other connection is of the same Mongoose
  });
  return shop;
}

/** An application in which a block can stand, behind what the pages say that comes first. */
export function application({ audit }: Shop): Express {
  const app = express().set('env', 'test');
  return app.use(auditMiddleware({ audit }), authenticate);
}

/** Asks an application that runs a block in one of its handlers. */
export async function inHandler(
  shop: Shop,
  page: string,
  text: string,
  values: Given['values'],
): Promise<void> {
  const app = application(shop).post('/', async (req, res) => {
    await run(page, text, { values: { ...values, req } });
    res.sendStatus(204);
  });
  await supertest((await serve(app)).url)
    .post('/')
    .expect(204);
  await shop.audit.flush();
}

/** The entries of an action. */
export async function actions({ audit }: Shop, action: string): Promise<string[]> {
  return (await audit.list({ tenantId: TENANT, action })).map((entry) => entry.action);
}
