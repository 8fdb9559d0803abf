import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { route } from '../../lib/audit.js';

async function* portions() {
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    yield Buffer.alloc(65_536, 'x');
    await wait(20);
  }
}

export const GET = route(() => {
  const headers = { 'content-type': 'text/csv' };
  return new Response(Readable.toWeb(Readable.from(portions())), { headers });
});
