import { EventEmitter } from 'node:events';
import { audit } from './audit.js';

// One for all copies of this module.
const queue = (globalThis.queue ??= new EventEmitter());

export function startQueue() {
  const jobs = [];
  queue.on('job', (job) => jobs.push(job));
  setInterval(() => {
    for (const job of jobs.splice(0)) void audit.event({ tenantId: 'queue', action: job });
  }, 20).unref();
}

export function addJob(job) {
  queue.emit('job', job);
}
