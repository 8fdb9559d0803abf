import type { RequestScope } from './request-scope';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Warns once, where nobody was told how to find out who sends a request, of a change that nobody made. An application
 * whose users are somewhere else than looked for would else find out from its auditors.
 */
export class NobodyWarning {
  private isSettled = false;

  /** @param subject how the binding is called that takes an `identify`, and its page in the documentation */
  constructor(private readonly subject = { name: 'auditMiddleware', page: 'docs/reference/middleware.md' }) {}

  isDue({ request }: RequestScope): boolean {
    return !this.isSettled && !SAFE.has(request.method);
  }

  check(scope: RequestScope): void {
    const { request, response } = scope;
    if (scope.silent || response.status >= 400) return;
    if (scope.actorRecorded) return; // of such as webhooks, which says nothing of the others
    const { actor, tenantId, isUnreadable } = scope.identity();
    this.isSettled = true;
    if (actor !== undefined || tenantId !== undefined || isUnreadable === true) return;
    scope.ledger.warn(
      `nobody was found in a request that may have changed something (${request.method} ${request.route ?? 'without a route'}): ` +
        'entries and exports of such requests have no actor. If it was sent by a user who is signed in, ' +
        `give ${this.subject.name} an \`identify\`, see ${this.subject.page}`,
    );
  }
}
