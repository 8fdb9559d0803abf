import { strict as assert } from 'node:assert';
import type { Case, Check } from '../suite';

/** How the application ends: by SIGTERM, while eight clients are being answered. */
export const ENDING: readonly Case[] = [
  {
    name: 'SIGTERM under load',
    proves: 'Every request that was answered with a receipt has its entry.',
    run: () => {
      const check: Check = ({ all, ended: { answered } }) => {
        assert.ok(answered.length > 0, 'no request was answered');
        const ids = new Set(all.map(({ id }) => id));
        assert.deepEqual(
          answered.filter((id) => !ids.has(id)),
          [],
        );
      };
      return Promise.resolve(check);
    },
  },
  {
    name: 'an end in order',
    proves: 'The ledger has recorded that it was closed, and the process ends with the code of success.',
    run: () => {
      const check: Check = ({ all, ended: { code, complaints } }) => {
        assert.ok(
          all.some(({ action }) => action === 'ledger.stopped'),
          `not closed: ${complaints}`,
        );
        assert.ok(code === 0 || code === 143, `it ended with ${String(code)}: ${complaints}`);
      };
      return Promise.resolve(check);
    },
  },
  {
    name: 'intact',
    proves: 'All chains of both ledgers are intact.',
    run: () => {
      const check: Check = ({ verdicts }) => {
        assert.ok(verdicts.length > 10);
        assert.ok(verdicts.every((verdict) => verdict === 'intact'));
      };
      return Promise.resolve(check);
    },
  },
];
