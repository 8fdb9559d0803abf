/** What `read` gives; `undefined` where it throws: members of a request may be functions of the application. */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
