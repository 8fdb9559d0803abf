import type { DraftedEvent } from '../../lib/event/drafter';
import { Folding, type RepetitionKey } from '../../lib/write/folding';
import { countOf, draftsOf, repeatablesBy, START, sumOf } from './refused';

const foldings: Folding[] = [];

/** A folding whose clock stands still unless it is put on. `told` learns of each fold that ends. */
export function setUpFolding(told: (drafted: DraftedEvent) => void = () => undefined) {
  let now = START;
  let full = false;
  const eventOf = repeatablesBy(() => now);
  const own: DraftedEvent[] = [];
  const folded: DraftedEvent[] = [];
  const folding = new Folding({ now: () => now }, null, (drafted) => {
    told(drafted);
    return folded.push(drafted) > 0;
  });
  foldings.push(folding);
  const offer = (drafted: DraftedEvent) => !full && own.push(drafted) > 0;
  /** So many failures, or exports where the key has a resource, that take from a share. */
  const fail = (times: number, of: Partial<RepetitionKey> = {}, share?: string) => {
    for (let n = 0; n < times; n++) folding.add({ ...eventOf(of), share }, offer);
  };
  /** Failures of so many callers, one each. */
  const failFrom = (callers: number, prefix = 'caller', share?: string) => {
    for (let n = 0; n < callers; n++) fail(1, { network: `${prefix}-${n}` }, share);
  };
  const counts = () => draftsOf(folded).map(countOf);
  const sum = () => sumOf(draftsOf([...own, ...folded]));
  const put = (on: number) => (now += on);
  /** Whether events are refused from now on, as by a queue that is full. */
  const fill = (value: boolean) => (full = value);
  return { folding, offer, fail, failFrom, put, fill, own, folded, counts, sum };
}

/** So many milliseconds after the clocks begin. */
export const at = (milliseconds: number): string => new Date(START + milliseconds).toISOString();

/** Ends what the tests of a file have set up. */
export function stopFoldings(): void {
  for (const folding of foldings.splice(0)) folding.stop();
}
