import { attempt } from '../../lib/util/attempt';
import type { RequestPort, Target } from '../http/ports';
import { parseTarget } from '../http/request-target';

/** What a framework knows of a request, beside what is in it. */
export interface RequestFacts {
  /** The framework's own objects; the request alone where it has none. */
  sources?: RequestPort['sources'];
  /** The client's address: a WHATWG request has none, and headers are the client's own words unless a proxy is declared. */
  address?: () => string | undefined;
  route?: () => string | undefined;
  /** What is asked for, where `request.url` does not tell it. */
  target?: Target;
  /** The path, where the framework shows another in `request.url`, or one with parameters that are secret. */
  path?: (path: string) => string;
  /** Whether the caller runs in what the framework lets follow an answer on behalf of its request. */
  isFollowUp?: () => boolean;
}

/** A request of the Fetch standard. */
export class FetchRequest implements RequestPort {
  readonly sources: RequestPort['sources'];
  readonly id = undefined;
  readonly isFileServer = false;
  readonly target: Target;

  constructor(
    private readonly request: Request,
    private readonly facts: RequestFacts = {},
  ) {
    this.sources = facts.sources ?? [request];
    this.target = facts.target ?? parseTarget({ url: request.url });
  }

  get method(): string {
    return this.request.method;
  }

  get address(): string | undefined {
    return attempt(() => this.facts.address?.());
  }

  get path(): string {
    const { path } = this.target;
    return attempt(() => this.facts.path?.(path)) ?? path;
  }

  get route(): string | undefined {
    return attempt(() => this.facts.route?.());
  }

  get isFollowUp(): boolean {
    return attempt(() => this.facts.isFollowUp?.()) === true;
  }

  header(name: string): string | undefined {
    return this.request.headers.get(name) ?? undefined;
  }
}
