import type { Connection } from 'mongoose';
import type { Express, Request } from 'express';

/** Where one run of one contender takes place; nothing else uses these. */
export interface Place {
  /** A folder that a contender may keep files in, over several starts of the application. */
  folder: string;
  /** Whether other processes write the same records at the same time. */
  shared: boolean;
}

/** What an application has of its contender. */
export interface Recorder {
  /** Called in the handler of a POST, once the business insert is in. Not awaited. */
  invited?(req: Request, id: string): void;
  /** Called in the handler that answers 401, for contenders that do not see that by themselves. Not awaited. */
  refused?(req: Request): void;
  /** Writes what is held back, if the contender has a call for it. The application goes on. */
  flush?(): Promise<void>;
  /** Events that are accepted and not recorded. */
  waiting?(): number;
  /** The orderly end, after the last response, as the contender's documentation has it. */
  close?(): Promise<void>;
}

/** One way to have a record of what was done; `bare` has none. */
export interface Peer {
  name: string;
  /** Called before routes are mounted. */
  attach(app: Express, connection: Connection, place: Place): Promise<Recorder>;
  /** How many requests have a record. Works without the application, from another process. */
  records?(connection: Connection): Promise<number>;
  /** What the contender says of the chain of its records; left out where there is no chain. */
  chain?(connection: Connection): Promise<string>;
}

export const ACTION = 'org.member.invite';
export const REFUSAL = 'auth.unauthorized_access';
