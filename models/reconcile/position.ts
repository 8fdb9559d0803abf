import { AuditError } from '../../lib/errors';
import { isObject } from '../../lib/util/complaints';
import { attempt } from '../../lib/util/attempt';

/** How far a run that compares is. */
export interface Place {
  /** The number of the model among those that are given. */
  model: number;
  /** Documents are compared with the trail, and then the trail with the documents. */
  of: 'documents' | 'trail';
  /** The type of the last id, and the id as extended JSON. */
  bracket: number;
  last?: string | undefined;
  /** The tenant whose chain is read, and the cursor of the next page. */
  tenantId?: string | undefined;
  cursor?: string | undefined;
  /** Whether all documents from the first on were recorded where they had no event. */
  isBaseline?: boolean | undefined;
}

/** Where a run ends, and the next one goes on. */
export interface Position {
  /** The namespaces of the models, so that a position is that of these alone. */
  models: string[];
  /** How far their change streams are, as extended JSON; null where there is none. */
  tokens: (string | null)[];
  /** Null where all was compared. */
  place: Place | null;
}

export function formatPosition(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * @param models the namespaces of the models that are asked for
 * @throws AuditError `INVALID_OPTIONS` for what no report has given, or one of other models
 */
export function parsePosition(text: string, models: readonly string[]): Position {
  const read: unknown = attempt(() => JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown);
  if (isPosition(read) && JSON.stringify(read.models) === JSON.stringify(models)) return read;
  const mend = 'give the `position` of a report of the same models';
  throw new AuditError('INVALID_OPTIONS', `audit.reconcile cannot go on at its \`position\`: ${mend}.`);
}

function isPosition(value: unknown): value is Position {
  if (!isObject(value)) return false;
  const { models, tokens, place } = value;
  return (
    Array.isArray(models) &&
    Array.isArray(tokens) &&
    tokens.length === models.length &&
    tokens.every((token) => token === null || typeof token === 'string') &&
    (place === null || isPlace(place, models.length))
  );
}

function isPlace(value: unknown, count: number): boolean {
  if (!isObject(value)) return false;
  const { model, of, bracket, last, tenantId, cursor, isBaseline } = value;
  const isNumber = (number: unknown) => Number.isSafeInteger(number) && Number(number) >= 0;
  const isText = (text: unknown) => text === undefined || typeof text === 'string';
  return (
    isNumber(model) &&
    Number(model) < count &&
    (of === 'documents' || of === 'trail') &&
    isNumber(bracket) &&
    [last, tenantId, cursor].every(isText) &&
    (isBaseline === undefined || typeof isBaseline === 'boolean')
  );
}
