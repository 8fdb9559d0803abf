import { AuditError } from '../../errors';
import { Complaints, isObject } from '../../util/complaints';

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
export function under(url: URL, path: string): string {
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${path}${url.search}`;
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
