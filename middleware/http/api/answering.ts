import type { Answer } from './answer';
import type { Asked } from './asked';

/** What answers requests: the trail, or the collector. */
export interface Answering {
  answer(asked: Asked): Promise<Answer>;
  /** Reports what fails while a body is sent. */
  report(error: unknown): void;
}
