import { EVENT_MEMBERS } from '../../../lib/event/drafter';
import type { Schema } from '../../../lib/read/rules';
import { SCOPES } from '../../../lib/store/key-store';
import { OUTCOMES } from '../../../lib/vocabulary';
import { openApi } from '../api/openapi';
import { type Status, TITLES } from '../api/problem';
import type { Route } from '../api/routes';
import type { RequestLimits } from './sent-events';

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const text: Schema = { type: 'string' };
const textOrNull: Schema = { type: ['string', 'null'] };

/** Members of an event that are not any JSON. */
const KNOWN: Record<string, Schema> = {
  action: { type: 'string', minLength: 1, maxLength: 256 },
  tenantId: { type: ['string', 'number', 'null'] },
  outcome: { enum: [...OUTCOMES, null] },
  occurredAt: { type: ['string', 'null'], format: 'date-time' },
  id: { type: ['string', 'null'], maxLength: 128 },
  context: { type: ['object', 'null'] },
};

const TENANTS: Schema = {
  oneOf: [
    { const: 'any' },
    { type: 'array', items: text },
    { type: 'object', properties: { prefix: text }, required: ['prefix'], additionalProperties: false },
  ],
};

function schemas({ events }: RequestLimits): Record<string, Schema> {
  const members = Object.fromEntries(
    EVENT_MEMBERS.map((name): [string, Schema] => [name, KNOWN[name] ?? {}]),
  );
  const many = { type: 'array', items: ref('Event'), minItems: 1, maxItems: events };
  return {
    Event: { type: 'object', properties: members, required: ['action'], additionalProperties: false },
    Events: {
      type: 'object',
      properties: { events: many, stamped: { type: 'array', items: { type: 'integer', minimum: 0 } } },
      required: ['events'],
      additionalProperties: false,
    },
    Receipt: {
      type: 'object',
      properties: {
        id: text,
        tenantId: text,
        seq: { type: 'integer', minimum: 1 },
        hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        recordedAt: { type: 'string', format: 'date-time' },
      },
      required: ['id', 'tenantId', 'seq', 'hash', 'recordedAt'],
      additionalProperties: false,
    },
    Results: {
      type: 'object',
      properties: {
        results: {
          type: 'array',
          description: 'One for each event, in their order',
          items: {
            oneOf: [
              { type: 'object', properties: { receipt: ref('Receipt') }, required: ['receipt'] },
              { type: 'object', properties: { error: { type: 'object' } }, required: ['error'] },
            ],
          },
        },
      },
      required: ['results'],
      additionalProperties: false,
    },
    Key: {
      type: 'object',
      properties: {
        id: text,
        prefix: text,
        scopes: { type: 'array', items: { enum: [...SCOPES] } },
        tenants: TENANTS,
        expiresAt: textOrNull,
      },
      required: ['id', 'prefix', 'scopes', 'tenants', 'expiresAt'],
      additionalProperties: false,
    },
  };
}

/** The collector as OpenAPI 3.1: the trail's routes that keys can read, and what is its own. */
export function collectorOpenApi(routes: readonly Route[], limits: RequestLimits): object {
  const trail = openApi(routes) as {
    info: object;
    paths: Record<string, { get: { parameters: object[]; responses: Record<string, object> } }>;
    components: { schemas: Record<string, Schema> };
  };
  for (const { get } of Object.values(trail.paths)) {
    get.parameters.push({
      name: 'tenantId',
      in: 'query',
      description: 'Whose trail. A key of exactly one tenant needs none.',
      schema: text,
    });
    Object.assign(get.responses, problems([405, 429]));
  }
  const { Problem: problem = {} } = trail.components.schemas;
  const open = { ...problem, additionalProperties: true };
  return {
    ...trail,
    info: {
      ...trail.info,
      title: 'Audit collector',
      description:
        'Takes events from services that hold no database, and gives them the trails of the tenants of their key.',
    },
    security: [{ key: [] }],
    paths: { '/events': { post: postEvents() }, '/keys/me': { get: getKey() }, ...trail.paths },
    components: {
      schemas: { ...trail.components.schemas, ...schemas(limits), Problem: open },
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function postEvents(): object {
  const idempotencyKey = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The id of a single event that has none; it is one within the tenant.',
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  };
  return {
    operationId: 'postEvents',
    summary: 'Records one event, or several: all or none are valid, and each has a result',
    description: 'Needs the scope `write`. The body may be compressed with gzip.',
    parameters: [idempotencyKey],
    requestBody: { required: true, content: jsonOf({ oneOf: [ref('Event'), ref('Events')] }) },
    responses: {
      200: {
        description: 'The event was there already; or the results of several',
        content: jsonOf({ oneOf: [ref('Receipt'), ref('Results')] }),
      },
      201: { description: 'The event is durable', content: jsonOf(ref('Receipt')) },
      ...problems([400, 401, 403, 405, 409, 413, 415, 422, 429, 500, 503]),
    },
  };
}

function getKey(): object {
  return {
    operationId: 'keysMe',
    summary: 'What the key may do',
    responses: {
      200: { description: TITLES[200], content: jsonOf(ref('Key')) },
      ...problems([401, 405, 429, 500, 503]),
    },
  };
}

function problems(statuses: readonly Status[]): Record<string, object> {
  const content = { 'application/problem+json': { schema: ref('Problem') } };
  return Object.fromEntries(statuses.map((status) => [status, { description: TITLES[status], content }]));
}

function jsonOf(schema: Schema): object {
  return { 'application/json': { schema } };
}
