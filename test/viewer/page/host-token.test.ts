import { type Frame, type HostMessage, HostToken, TOKEN_MESSAGE } from '../../../viewer/page/data/host-token';

const HOST = 'https://app.example.com';

/** A window within another, and what is said between them. */
function framed({ isTop = false } = {}) {
  const asked: [message: unknown, target: string][] = [];
  const late: (() => void)[] = [];
  let listener: (event: HostMessage) => void = () => undefined;
  const self = {};
  const parent = Object.assign(isTop ? self : {}, {
    postMessage: (message: unknown, target: string) => void asked.push([message, target]),
  });
  const frame: Frame = {
    ...{ self, parent },
    addEventListener: (_type, given) => (listener = given),
    setTimeout: (call) => late.push(call),
  };
  const token = new HostToken(frame, ['https://api.example.com', HOST]);
  const say = (data: unknown, origin = HOST, source: unknown = parent) => listener({ data, origin, source });
  return { token, asked, late, say };
}

const given = (token: unknown) => ({ type: TOKEN_MESSAGE, token });

describe('a token of the page around this one', () => {
  it('is asked for once, by a question that holds nothing, and kept', async () => {
    const { token, asked, say } = framed();
    const [first, second] = [token.headers(), token.headers()];
    expect(asked).toEqual([[{ type: TOKEN_MESSAGE }, '*']]);
    say(given('t1'));
    expect([await first, await second]).toEqual([
      { Authorization: 'Bearer t1' },
      { Authorization: 'Bearer t1' },
    ]);
    expect(await token.headers()).toEqual({ Authorization: 'Bearer t1' });
    expect(asked).toHaveLength(1);
  });

  it('is taken from nobody else, and in no other form', async () => {
    const { token, late, say } = framed();
    const waiting = token.headers();
    say(given('evil'), 'https://evil.example');
    say(given('evil'), HOST, {}); // another window of that origin
    say(given('evil'), 'null');
    for (const bad of [
      given('a b'),
      given('a\r\nX: y'),
      given(''),
      given(7),
      given('x'.repeat(8193)),
      null,
      'x',
      {},
    ])
      say(bad);
    late[0]!();
    expect(await waiting).toEqual({});
  });

  it('is asked for anew when it was refused, and replaced when the host has a newer one', async () => {
    const { token, asked, say } = framed();
    const first = token.headers();
    say(given('t1'));
    await first;
    const anew = token.headers(true);
    expect(asked).toHaveLength(2);
    say(given('t2'));
    expect(await anew).toEqual({ Authorization: 'Bearer t2' });
    say(given('t3'));
    expect(await token.headers()).toEqual({ Authorization: 'Bearer t3' });
  });

  it('is asked for again after a host that did not answer, and of nobody by a page of its own', async () => {
    const { token, asked, late, say } = framed();
    const first = token.headers();
    late[0]!();
    expect(await first).toEqual({});
    const second = token.headers();
    say(given('t1'));
    expect([await second, asked.length]).toEqual([{ Authorization: 'Bearer t1' }, 2]);
    const alone = framed({ isTop: true });
    expect([await alone.token.headers(), alone.asked]).toEqual([{}, []]);
  });
});
