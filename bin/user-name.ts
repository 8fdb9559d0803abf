import { userInfo } from 'node:os';

/** Who the operating system says runs this; a user without a name has a number. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid:${process.getuid?.() ?? 'unknown'}`; // it says no more than that there is no name
  }
}
