import { runPackaged } from '../packaged';

runPackaged({ name: 'nest', command: ['dist/main.js'] });
