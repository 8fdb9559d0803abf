/** A request, as the binding of its framework shows it. Nothing here throws, whatever a client or the application did. */
export interface RequestPort {
  /**
   * The framework's own objects, which functions of the application are given: `identify` the first, `capture` all of them.
   */
  readonly sources: readonly [object, ...unknown[]];
  readonly method: string;
  /** The path and the query as the client sent them, such as `/a%20b` and `c=d`. */
  readonly target: Target;
  /** The client's address, as far as the framework vouches for it. */
  readonly address: string | undefined;
  /** The id that the framework or a proxy gave to the request. */
  readonly id: string | undefined;
  /** The path, with each parameter replaced that has a secret name. */
  readonly path: string;
  /** The pattern of the route that matched, such as `/orgs/:orgId`; undefined while none has. */
  readonly route: string | undefined;
  /** The framework's own object of that route, where it has one: it tells routes of one pattern apart. */
  readonly matched?: object | undefined;
  /** The same of those that matched before it, and passed the request on. */
  readonly passed?: readonly object[];
  /** The pattern of where the router has last handed the request to, such as `/graphql`, where the framework tells. */
  readonly mount?: string | undefined;
  /** Whether the caller runs in what the framework lets follow an answer on behalf of its request, such as Next's `after`. */
  readonly isFollowUp?: boolean;
  /** Whether what answers is the framework's own server of a folder's files. */
  readonly isFileServer: boolean;
  /** A header's value, by its name in lower case. */
  header(name: string): string | undefined;
}

/** What is asked for: a path, empty where the framework does not tell it, and a query without its question mark. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** A response, as the binding of its framework shows it. */
export interface ResponsePort {
  /** Who is told of it, in this order. */
  readonly observers: ResponseObserver[];
  /** Whether the application has answered, even when the client was gone. */
  readonly isAnswered: boolean;
  /** Whether the application has finished its answer, sent or not. */
  readonly isEnded: boolean;
  /** Whether a connection tells when the response is over: programs may make requests that have none. */
  readonly hasConnection: boolean;
  /** The status that was sent; before that, the one that would be. */
  readonly status: number;
  /** A header as it was sent, or would be, by its name in lower case. */
  header(name: string): unknown;
  /** Bytes of the body that were sent: of a response that is not completed, only those that have certainly left. */
  bytesSent(isCompleted: boolean): number;
  /** Calls back when the response is over: finished, or its client gone. May call more than once. */
  whenOver(over: (isCompleted: boolean) => void): void;
  /** Whether an object of the framework is this response. */
  is(response: unknown): boolean;
}

/** Is told what the application does with a response. Must not throw: it is called within the application's calls. */
export interface ResponseObserver {
  /** The status and the headers are settled. */
  headed(): void;
  /** The answer is finished: perhaps again, or after the client has disconnected. */
  ended(): void;
}
