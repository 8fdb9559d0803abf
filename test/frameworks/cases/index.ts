import type { Case } from '../suite';
import { CALLS } from './calls';
import { COLLECTOR } from './collector';
import { ENDING } from './ending';
import { EXPORTS } from './exports';
import { HANG_UPS } from './hang-ups';
import { LEDGERS } from './ledgers';
import { REFUSALS } from './refusals';
import { ROUTES } from './routes';
import { TRAIL } from './trail';

/** What every binding of a framework must do. */
export const CASES: readonly Case[] = [
  ...CALLS,
  ...ROUTES,
  ...REFUSALS,
  ...EXPORTS,
  ...HANG_UPS,
  ...TRAIL,
  ...COLLECTOR,
  ...LEDGERS,
  ...ENDING,
];
