import { AuditError } from '../../errors';
import { attempt } from '../../util/attempt';
import { Complaints, isObject } from '../../util/complaints';
import type { Means } from '../destination';

/**
 * The address that a destination is given, without a slash at its end.
 * @throws through `complaints`
 */
export function readUrl(url: unknown, complaints: Complaints, field = 'url'): URL | undefined {
  if (typeof url === 'string' && URL.canParse(url)) {
    const parsed = new URL(url);
    // A name and password in it would show in errors; there are options for secrets.
    const isPlain = parsed.username === '' && parsed.password === '';
    if (/^https?:$/.test(parsed.protocol) && isPlain) return parsed;
  }
  return complaints.add(field, 'an http or https URL without a name and password', url, 'something else');
}

/** A path behind that of an address. */
export async function under(url: URL, path: string, means: Means): Promise<string> {
  await hidePath(url, means);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${path}${url.search}`;
}

/** Parts of an address that are so short tell nothing. */
const PART = 6;

/** What is behind the host of an address is a secret with many vendors, and comes back in answers such as "cannot POST /…". */
export async function hidePath({ pathname, search, searchParams }: URL, means: Means): Promise<void> {
  const parts = [pathname + search, pathname, ...pathname.split('/'), ...searchParams.values()];
  const decoded = parts.map((part) => attempt(() => decodeURIComponent(part)) ?? '');
  for (const part of [...parts, ...decoded]) if (part.length >= PART) await means.reveal(part);
}

/**
 * Reads the options of a destination.
 * @throws AuditError `INVALID_OPTIONS` with all that is wrong; it shows no values, some of which are secrets.
 */
export function readOptions<Options>(
  kind: string,
  options: unknown,
  known: readonly string[],
  read: (given: Record<string, unknown>, complaints: Complaints) => Options,
): Options {
  if (!isObject(options)) throw new AuditError('INVALID_OPTIONS', `${kind}() takes an object of options.`);
  const complaints = new Complaints();
  complaints.unknownFields(options, known);
  const parsed = read(options, complaints);
  complaints.assertNone('INVALID_OPTIONS', `${kind}() cannot use its options`);
  return parsed;
}

/** Whether a value can be a secret: a text, or a function that gives it. */
export function assertSecret(value: unknown, complaints: Complaints, field: string): void {
  if (typeof value === 'function' || (typeof value === 'string' && value !== '')) return;
  complaints.add(field, 'a secret: a text, or a function that gives it', value, 'something else');
}

/** A text, or what is given in its place. */
export function readText(value: unknown, complaints: Complaints, field: string): void {
  if (value === undefined || typeof value === 'string') return;
  complaints.add(field, 'a string', value);
}
