import { audit, route } from '../../lib/audit.js';

export const GET = route(
  () =>
    new Promise((resolve, reject) => {
      setTimeout(() => {
        audit.event({ action: 'timer.fired' }).then(() => resolve(Response.json({})), reject);
      }, 5);
    }),
);
