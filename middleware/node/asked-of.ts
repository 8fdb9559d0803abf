import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asked } from '../http/api/asked';
import { pageOf } from '../http/api/viewer-files';
import { attempt } from '../../lib/util/attempt';
import { readBody } from './read-body';
import { clientOf } from './send-answer';

/** What a framework knows of a request to the trail, beside what Node.js does. */
export interface AskedThere extends Pick<
  Asked,
  'path' | 'query' | 'page' | 'source' | 'convention' | 'address'
> {
  /** What a parser of the application has made of the body; `req.body` when left out. */
  parsed?: unknown;
}

/** A request of Node.js to the trail, or to the collector. */
export function askedOf(req: IncomingMessage, res: ServerResponse, { parsed, ...there }: AskedThere): Asked {
  return {
    ...there,
    method: req.method ?? '',
    holder: req,
    client: clientOf(req, res),
    body: (limit) => readBody(req, limit, parsed),
    header: (name) => attempt(() => req.headers[name] as string | undefined),
  };
}

/**
 * What is asked for below a mount that frameworks find with a slash at its end and without.
 * @param whole the path as the client sees it
 * @param path the part of it below the mount
 */
export function belowMount(whole: string, path: string): Pick<Asked, 'path' | 'page'> {
  const page = path === '' || path === '/' ? pageOf(whole) : null;
  return page === null ? { path, page: './' } : { path: '', page };
}
