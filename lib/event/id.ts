import { V7Generator } from 'uuidv7';
import { PAIRS } from '../util/hex';

/** Random numbers are drawn by the thousand: each call into the system's source takes longer than the rest of an id. */
const pool = new Uint32Array(1024);
let used = pool.length;

const generator = new V7Generator({
  nextUint32(): number {
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    return pool[used++] as number;
  },
});

/** The id of an event that has none: a UUIDv7 (RFC 9562), so that ids sort by time. */
export function newId(): string {
  const { bytes } = generator.generate();
  let text = '';
  for (let at = 0; at < bytes.length; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += '-';
    text += PAIRS[bytes[at] as number] as string;
  }
  return text;
}
