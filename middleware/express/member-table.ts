const PASSING = Symbol('express-audit-ledger: passing');

/** Whether V8 copies as said below. 13.6, that of Node.js 24, does not. */
const IS_COPYING = Number(process.versions.node.split('.', 1)[0]) < 24;

/**
 * Has V8 keep the members of an object in a table. Express gives each request and response another prototype, and V8 up to
 * 12 (Node.js 22) then makes a shape of its own for each member that is added to one: it copies the list of all members, and
 * no cache or compiled code that has met one request fits the next. Of an object that a member was deleted from, it makes
 * a table, and the shape of a table is the same for all. Measured with Node.js 20, 25 % of a refused request.
 */
export function keepMembersInTable(object: object): void {
  if (!IS_COPYING) return;
  Object.defineProperty(object, PASSING, { configurable: true });
  Reflect.deleteProperty(object, PASSING);
}
