/** An answer that is not what was asked for; status 0 when there was none that could be understood. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly code?: string,
  ) {
    super(detail);
  }
}

/** Reads a problem (RFC 9457); a proxy on the way may answer with something else. */
export async function failureOf(response: Response): Promise<Failure> {
  const problem: unknown = await response.json().catch(() => null);
  if (typeof problem !== 'object' || problem === null) return new Failure(response.status, '');
  const { detail, code } = problem as { detail?: unknown; code?: unknown };
  return new Failure(
    response.status,
    typeof detail === 'string' ? detail : '',
    typeof code === 'string' ? code : undefined,
  );
}

/** What was thrown, as a failure; what fetch throws says nothing that would help. */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure(0, '');
}

/** Whether it was thrown because nobody wants the answer any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
