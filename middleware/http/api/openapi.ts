import type { Schema } from '../../../lib/read/rules';
import { VERSION } from '../../../lib/version';
import { SCHEMAS } from './openapi-schemas';
import type { Rules } from './parameters';
import { type Status, TITLES } from './problem';
import type { Route } from './routes';

/** Statuses of problems: of all routes, and of routes for one entry or checkpoint. */
const PROBLEMS = [400, 401, 403, 429, 500, 503] as const;
const ITEM_PROBLEMS = [404, 409] as const;

const PATH_PARAMETERS: Record<string, Schema> = {
  id: { type: 'string', minLength: 1, maxLength: 128 },
  seq: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
};

/** The API as OpenAPI 3.1, from the same table that mounts the routes and checks queries. Paths are relative to the mount. */
export function openApi(routes: readonly Route[]): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Audit trail',
      version: VERSION,
      license: { name: 'MIT', identifier: 'MIT' },
      description: 'A read-only API on the audit trail of one tenant, which the server decides on.',
    },
    servers: [{ url: '.' }],
    paths: Object.fromEntries(routes.map((route) => [templatePath(route), { get: operation(route) }])),
    components: { schemas: SCHEMAS },
  };
}

/** Express's `/entries/:id` is `/entries/{id}` in OpenAPI. */
function templatePath({ path }: Route): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function operation({ path, summary, permission, query, answers }: Route): object {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  const problems = names.length > 0 || path === '/checkpoint' ? [...PROBLEMS, ...ITEM_PROBLEMS] : PROBLEMS;
  return {
    operationId: path
      .replace(/\W+(\w?)/g, (_, letter: string) => letter.toUpperCase())
      .replace(/^./, (first) => first.toLowerCase()),
    summary,
    ...(permission && { description: `Needs the permission \`${permission}\`.` }),
    parameters: [...names.map(pathParameter), ...queryParameters(query)],
    responses: {
      200: { description: TITLES[200], content: responseContent(answers) },
      ...Object.fromEntries(problems.map((status) => [status, problem(status)])),
    },
  };
}

function pathParameter(name: string): object {
  return { name, in: 'path', required: true, schema: PATH_PARAMETERS[name] };
}

function queryParameters(rules: Rules): object[] {
  const known = Object.entries(rules).filter(([, { isRefused }]) => !isRefused);
  return known.map(([name, { rule, schema }]) => ({
    name,
    in: 'query',
    description: `${rule[0]?.toUpperCase()}${rule.slice(1)}.`,
    schema,
  }));
}

function responseContent(answers: Route['answers']): object {
  if ('schema' in answers)
    return { 'application/json': { schema: { $ref: `#/components/schemas/${answers.schema}` } } };
  // Media types without parameters: of `text/csv; charset=utf-8`, `text/csv`.
  const types = answers.texts.map((type) => type.replace(/;.*/, ''));
  return Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]));
}

function problem(status: Status): object {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return { description: TITLES[status], content };
}
