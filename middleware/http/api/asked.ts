import type { Identify } from '../identity';

/** A request to the audit trail, as the binding of a framework passes it on. */
export interface Asked {
  readonly method: string;
  /** The path below the mount, as it was sent: `/entries/7`; empty for the mount itself, without a slash. */
  readonly path: string;
  /** The query as it was sent, without its question mark. */
  readonly query: string;
  /** Where the page is, seen from the mount itself: a proxy may have another path before it, so it is relative. */
  readonly page: string;
  /** What `identify`, `tenant` and `authorize` are given. */
  readonly source: object;
  /** The object by which the request's scope is found. */
  readonly holder: object;
  /** Reads the identity where neither the router nor the request's capture was told how: where the framework has it. */
  readonly convention?: Identify | undefined;
  readonly client: Client;
  /** The client's address, where the binding knows it. */
  readonly address?: string | undefined;
  /**
   * Reads the body, at most so many bytes of it.
   * @throws Problem 413 for more.
   */
  body?(limit: number): Promise<Body>;
  /** A header's value, by its name in lower case. */
  header(name: string): string | undefined;
}

/** A body: its bytes as they were sent, or what a parser of the application has made of them. */
export type Body = { readonly bytes: Uint8Array; readonly isDecoded: boolean } | { readonly value: unknown };

/** Who waits for an answer. */
export interface Client {
  /**
   * Calls back when the client is gone, or when its server is about to stop and waits for answers to end; at once if it is
   * so already. May call more than once.
   * @returns what ends the watch
   */
  whenGone(gone: () => void): () => void;
  /** The same for who waits for an answer: until it was sent, or its client is gone, whatever the server is about to do. */
  whenLeft(left: () => void): () => void;
  /** The answer is complete: drops a client that does not take the rest of it in so many milliseconds. */
  takesLast(patience: number): void;
  /** Ends the connection with a client that takes nothing. */
  drop(): void;
}
