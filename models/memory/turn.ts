import { promisify } from 'node:util';
import { setImmediate } from '../../lib/real-timers';

/** Each call of a store in memory answers in a later turn of the event loop, as one over a network does. */
export const turn = promisify(setImmediate);
