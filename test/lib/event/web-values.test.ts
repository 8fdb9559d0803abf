import { convert } from '../../../lib/event/convert';
import { createSecrets } from '../../../lib/event/secrets';

const secrets = createSecrets();
const json = (value: unknown): unknown => convert(value, 'metadata', secrets);

describe('values of the web', () => {
  it('are their parameters, redacted by name', () => {
    expect(json(new URLSearchParams('a=1&b=2&b=3&password=x'))).toEqual({
      a: '1',
      b: ['2', '3'],
      password: '[REDACTED]',
    });
    expect(json(new Headers({ Accept: 'x', Authorization: 'y' }))).toEqual({
      accept: 'x',
      authorization: '[REDACTED]',
    });
  });

  it('name the files of a form, and hold none', () => {
    const form = new FormData();
    form.set('token', 'x');
    form.set('file', new Blob(['abc'], { type: 'text/plain' }), 'a.txt');
    expect(json(form)).toEqual({ token: '[REDACTED]', file: { name: 'a.txt', type: 'text/plain', size: 3 } });
  });

  it('are redacted in a URL', () => {
    expect(json(new URL('https://u:p@host/a?token=x'))).toBe('https://u:[REDACTED]@host/a?token=[REDACTED]');
  });

  it('are told by more than a tag of their own', () => {
    expect(json({ [Symbol.toStringTag]: 'Headers', a: 1 })).toEqual({ a: 1 });
    class Headers2 {
      a = 1;
      get [Symbol.toStringTag](): string {
        return 'Headers';
      }
    }
    expect(json(new Headers2())).toEqual({ a: 1 });
  });
});
