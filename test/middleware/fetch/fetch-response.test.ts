import fc from 'fast-check';
import { FetchResponse } from '../../../middleware/fetch/fetch-response';

/** A response to be followed, and what was told of it. */
function followed(init: { method?: string; signal?: AbortSignal } = {}) {
  const request = new Request('http://localhost/', { method: 'GET', ...init });
  const response = new FetchResponse(request);
  const told: string[] = [];
  response.observers.push({ headed: () => told.push('headed'), ended: () => told.push('ended') });
  response.whenOver((isCompleted) => told.push(isCompleted ? 'completed' : 'broken'));
  return { response, told };
}

/** A body that gives the portions, and then ends or fails. */
function bodyOf(portions: readonly Uint8Array[], failure?: Error): ReadableStream<Uint8Array> {
  const left = [...portions];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next) controller.enqueue(next);
      else if (failure) controller.error(failure);
      else controller.close();
    },
  });
}

describe('a response of the Fetch standard', () => {
  it('arrives as it was given, whatever its portions, and is counted', async () => {
    const portions = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(portions, async (given) => {
        const { response, told } = followed();
        const headers = { 'x-own': '1' };
        const answer = response.answer(
          new Response(bodyOf(given), { status: 201, statusText: 'Made', headers }),
        );
        expect([answer.status, answer.statusText, answer.headers.get('x-own')]).toEqual([201, 'Made', '1']);
        expect(told).toEqual(['headed']);
        const arrived = new Uint8Array(await answer.arrayBuffer());
        expect(Buffer.from(arrived)).toEqual(Buffer.concat(given));
        expect(response.bytesSent()).toBe(arrived.length);
        expect(told).toEqual(['headed', 'ended', 'completed']);
      }),
      { numRuns: 50 },
    );
  });

  it.each([204, 205, 304])('with the status %s has no body, and is over at once', (status) => {
    const { response, told } = followed();
    const given = new Response(null, { status });
    expect(response.answer(given)).toBe(given);
    expect(told).toEqual(['headed', 'ended', 'completed']);
  });

  it('to HEAD has sent nothing', () => {
    const { response, told } = followed({ method: 'HEAD' });
    response.answer(new Response('text'));
    expect([response.bytesSent(), ...told]).toEqual([0, 'headed', 'ended', 'completed']);
  });

  it('whose client was gone before is not completed', () => {
    const { response, told } = followed({ signal: AbortSignal.abort() });
    response.answer(new Response('text'));
    expect(told).toEqual(['headed', 'broken']);
  });

  it('whose client leaves on the way is broken once, with what was sent until then', async () => {
    const abort = new AbortController();
    const { response, told } = followed({ signal: abort.signal });
    const answer = response.answer(new Response(bodyOf([new Uint8Array(10), new Uint8Array(10)])));
    const reader = answer.body!.getReader();
    await reader.read();
    abort.abort();
    await reader.cancel();
    expect(response.bytesSent()).toBe(10);
    expect(told).toEqual(['headed', 'broken', 'ended']);
  });

  it('whose client leaves after the end stays completed', async () => {
    const abort = new AbortController();
    const { response, told } = followed({ signal: abort.signal });
    await response.answer(new Response('text')).text();
    abort.abort();
    expect(told).toEqual(['headed', 'ended', 'completed']);
  });

  it('that fails on the way fails for its reader with the same error', async () => {
    const { response, told } = followed();
    const failure = new Error('the disk is gone');
    await expect(response.answer(new Response(bodyOf([new Uint8Array(3)], failure))).text()).rejects.toBe(
      failure,
    );
    expect(told).toEqual(['headed', 'ended', 'broken']);
  });

  it('that is cancelled cancels its body', async () => {
    let cancelled: unknown;
    const body = new ReadableStream({ cancel: (reason) => void (cancelled = reason) });
    const { response, told } = followed();
    await response.answer(new Response(body)).body!.cancel('enough');
    expect([cancelled, ...told]).toEqual(['enough', 'headed', 'ended', 'broken']);
  });

  it('whose body somebody reads already is left to them', () => {
    const { response, told } = followed();
    const given = new Response('text');
    given.body!.getReader();
    expect(response.answer(given)).toBe(given);
    expect(told).toEqual(['headed', 'ended', 'completed']);
  });
});
