import { runPackaged } from '../packaged';

const NEXT = 'node_modules/next/dist/bin/next';

runPackaged({ name: 'next', command: [NEXT, 'start', '--hostname', '127.0.0.1'] });
