import SwaggerParser from '@apidevtools/swagger-parser';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import express, { type Request } from 'express';
import supertest from 'supertest';
import { type Audit, auditRouter } from '../../../../index';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { signingLedger } from '../../../support/evidence';
import { serve } from '../../../support/served';

type Document = Parameters<typeof SwaggerParser.validate>[0] & {
  paths: Record<string, { get: Operation }>;
  components: { schemas: Record<string, object> };
};
interface Operation {
  operationId: string;
  parameters: { name: string; in: string; schema: { anyOf?: object[] } }[];
  responses: Record<string, { content: Record<string, { schema: { $ref?: string; type?: string } }> }>;
}

const TENANT = 'acme';

describe('GET /openapi.json', () => {
  let audit: Audit;
  let url: string;
  let document: Document;
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats(ajv);
  ajv.addKeyword('components'); // where the document keeps its schemas

  beforeAll(async () => {
    audit = signingLedger(new MemoryStore());
    await audit.event({
      tenantId: TENANT,
      action: 'org.read',
      id: 'first',
      actor: { id: 'ada', type: 'user' },
    });
    const everything = {
      metadata: { a: [1] },
      before: null,
      after: { b: 1 },
      resource: { id: 'r', type: 't', name: 'n' },
    };
    await audit.event({ tenantId: TENANT, action: 'org.write', outcome: 'denied', ...everything });
    await audit.checkpoint(TENANT);
  });
  beforeEach(async () => {
    const app = express();
    const identify = (req: Request) => ({ actor: 'ada', tenantId: req.get('x-tenant') ?? TENANT });
    app.use('/audit', auditRouter({ audit, identify }));
    ({ url } = await serve(app));
    url += '/audit';
    document = (await supertest(url).get('/openapi.json').expect(200)).body as Document;
  });

  it('is OpenAPI 3.1', async () => {
    await expect(SwaggerParser.validate(structuredClone(document))).resolves.toBeDefined();
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '.' }] });
  });

  it('names each operation once', () => {
    const ids = Object.values(document.paths).map(({ get }) => get.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  const operations = () =>
    Object.entries(document.paths)
      .filter(([path]) => path !== '/stream')
      .map(([path, { get }]) => ({ path: path.replace('{id}', 'first').replace('{seq}', '1'), get }));

  it('says what each route answers', async () => {
    expect(operations().length).toBeGreaterThan(9);
    for (const { path, get } of operations()) {
      const { type, body, text } = await supertest(url).get(path).buffer().expect(200);
      const { schema } = get.responses['200']!.content[type]!;
      if (schema.type === 'string') expect(text).not.toBe('');
      else expect([path, problemsOf(schema.$ref!, body)]).toEqual([path, []]);
    }
  });

  it('says how each route refuses', async () => {
    for (const { path, get } of operations()) {
      const { type, body } = await supertest(url).get(`${path}?unknown=1`).expect(400);
      const { schema } = get.responses['400']!.content[type]!;
      expect(problemsOf(schema.$ref!, body)).toEqual([]);
    }
  });

  it('names parameters that are taken, of values that are accepted exactly when their schema accepts them', async () => {
    const candidates = [
      '1',
      '0',
      '1001',
      '101',
      'true',
      'yes',
      'asc',
      'denied',
      'csv',
      'x',
      '2026-01-01',
      '2026-01-01T00:00:00Z',
      '2026-13-01',
      'y'.repeat(1025),
    ];
    for (const { path, get } of operations()) {
      for (const { name, schema } of get.parameters.filter((parameter) => parameter.in === 'query')) {
        for (const value of name === 'cursor' ? [] : candidates) {
          // A tenant of whom there is nothing to read answers fast.
          const { status } = await supertest(url).head(`${path}?${name}=${value}`).set('X-Tenant', 'empty');
          expect([path, name, value, status]).toEqual([
            path,
            name,
            value,
            isValid('items' in schema ? (schema.items as object) : schema, value) ? 200 : 400,
          ]);
        }
      }
    }
  });

  function problemsOf(reference: string, value: unknown): unknown {
    const validate = ajv.compile({ components: document.components, $ref: reference });
    return validate(value) ? [] : validate.errors;
  }

  /** In a URL everything is a text; what is of another type is what JSON reads of it. */
  function isValid(schema: object, text: string): boolean {
    const { type } = schema as { type?: string };
    let value: unknown = text;
    if (type === 'integer' || type === 'boolean')
      value = /^(\d+|true|false)$/.test(text) ? JSON.parse(text) : text;
    return ajv.compile(schema)(value);
  }
});
