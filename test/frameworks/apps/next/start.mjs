import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';

// `next start`, in this process, on a free port that is told to whoever has started it.
const free = createServer().listen(0, process.env.HOST);
await once(free, 'listening');
const { port } = free.address();
free.close();
process.argv.splice(2, Infinity, 'start', '--hostname', process.env.HOST, '--port', String(port));
createRequire(import.meta.url)('next/dist/bin/next');
const answers = () =>
  fetch(`http://${process.env.HOST}:${port}/ok`)
    .then(({ ok }) => ok)
    .catch(() => false);
while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 50));
console.log(JSON.stringify({ port }));
