import type { Receipt } from '../chain/entry';
import type { Caller } from './pending';

/** A promise of a receipt that tells when somebody begins to wait for it. */
export class ReceiptPromise extends Promise<Receipt> {
  private urge: (() => void) | null = null;

  /**
   * @param start hands an event over, and gives what is called when somebody waits. What it throws is the rejection
   * @param failed told of a rejection, which is never an unhandled one
   */
  static of(start: (caller: Caller) => () => void, failed: (error: Error) => void): ReceiptPromise {
    let urge: (() => void) | null = null;
    const promise = new ReceiptPromise((recorded, reject) => {
      urge = start({ recorded, failed: reject });
    });
    promise.urge = urge;
    void promise.watch(failed);
    return promise;
  }

  /** What is chained to it are promises like any other. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** `await` comes here, too. */
  override then<A = Receipt, B = never>(
    recorded?: ((receipt: Receipt) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.urge?.();
    return super.then(recorded, failed);
  }

  private watch(failed: (error: Error) => void): Promise<unknown> {
    return super.then(undefined, failed);
  }
}
