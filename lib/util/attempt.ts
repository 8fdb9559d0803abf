/** What `read` gives; undefined where it throws: what is read may be functions and members of the application's own. */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
