import { Readable } from 'node:stream';
import { route } from '../../lib/audit.js';

function* portions() {
  for (let i = 0; i < 20; i++) yield Buffer.alloc(10_000, 'x');
}

export const GET = route(() => {
  const headers = { 'content-disposition': 'attachment; filename="all.bin"' };
  return new Response(Readable.toWeb(Readable.from(portions())), { headers });
});
