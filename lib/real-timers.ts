import * as timers from 'node:timers';

/**
 * The timers of Node.js as they were when the package was loaded. Where an application's tests fake its clock, an event
 * that they await is recorded all the same.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = timers;
