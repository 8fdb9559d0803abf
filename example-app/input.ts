import { HttpError } from './http-error';
import { ROLES, type Role } from './models';

/**
 * A text out of a request's body: never an object, which would be a command to the database.
 * @throws HttpError 400.
 */
export function textIn(body: unknown, name: string): string {
  const value = (Object(body) as Record<string, unknown>)[name];
  if (typeof value === 'string' && value !== '' && value.length <= 200) return value;
  throw new HttpError(400, `"${name}" must be a text of 1 to 200 characters.`);
}

/** @throws HttpError 400. */
export function roleIn(body: unknown): Role {
  const text = textIn(body, 'role');
  const role = ROLES.find((name) => name === text);
  if (role) return role;
  throw new HttpError(400, `"role" must be one of ${ROLES.join(', ')}.`);
}
