/** What is to be ended after the tests of a file. */
const ends: (() => unknown)[] = [];

/** Has something ended after the tests of the file, before what it was made of; what was begun last ends first. */
export function atEnd(end: () => unknown): void {
  ends.push(end);
}

// Jest calls such hooks in the order in which they are defined: import this before the connection to the database.
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
