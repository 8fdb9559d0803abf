import { Live, type Source } from '../../../viewer/page/data/live';

const MINUTE = 60_000;

class FakeSource implements Source {
  readyState = 1;
  isClosed = false;
  private readonly listeners = new Map<string, (event: { data?: unknown }) => void>();

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }

  emit(type: string): void {
    this.listeners.get(type)?.({});
  }

  close(): void {
    this.isClosed = true;
  }
}

function listening() {
  const sources: FakeSource[] = [];
  const connected = jest.fn();
  const connect = (url: string): FakeSource => {
    const source = new FakeSource(url);
    sources.push(source);
    return source;
  };
  const live = new Live(connect, () => undefined, connected);
  live.open('a');
  return { live, sources, connected };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('Live', () => {
  it('gives its connection back while the page is hidden, and takes it up again', () => {
    const { live, sources, connected } = listening();
    live.setHidden(true);
    jest.advanceTimersByTime(MINUTE - 1);
    expect(sources[0]?.isClosed).toBe(false);
    jest.advanceTimersByTime(1);
    expect([sources[0]?.isClosed, sources.length]).toEqual([true, 1]);
    live.setHidden(false);
    sources[1]?.emit('open');
    expect([sources[1]?.url, live.state, connected.mock.calls.length]).toEqual(['a', 'live', 1]);
  });

  it('keeps its connection where the page is hidden for a moment', () => {
    const { live, sources } = listening();
    live.setHidden(true);
    jest.advanceTimersByTime(MINUTE - 1);
    live.setHidden(false);
    jest.advanceTimersByTime(MINUTE);
    expect([sources.length, sources[0]?.isClosed]).toEqual([1, false]);
  });

  it('does not listen again to what was closed, nor while the page is hidden', () => {
    const { live, sources } = listening();
    Object.assign(sources[0]!, { readyState: 2 });
    live.setHidden(true);
    jest.advanceTimersByTime(MINUTE - 1);
    sources[0]?.emit('error');
    jest.advanceTimersByTime(MINUTE);
    expect(sources.length).toBe(1);
    live.close();
    live.setHidden(false);
    expect([sources.length, live.state]).toEqual([1, 'off']);
  });
});
