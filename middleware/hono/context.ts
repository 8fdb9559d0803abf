import type { Context } from 'hono';

/** Of an application with variables and bindings of its own. */
export type AnyContext = Context;
