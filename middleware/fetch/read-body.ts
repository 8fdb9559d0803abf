import type { Body } from '../http/api/asked';
import { Collected } from '../http/collector/collected';

/** The bytes of a request's body. @throws Problem 400, 413. */
export async function readBody(request: Request, limit: number): Promise<Body> {
  const collected = new Collected(request.headers.get('content-length') ?? undefined, limit);
  const reader = (request.body as ReadableStream<Uint8Array> | null)?.getReader();
  for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
    if (collected.add(step.value)) continue;
    await reader?.cancel().catch(() => undefined);
    collected.refuse();
  }
  return { bytes: collected.bytes(), isDecoded: false };
}
