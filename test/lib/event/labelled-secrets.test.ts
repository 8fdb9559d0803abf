import { createSecrets } from '../../../lib/event/secrets';

const secrets = createSecrets();
const R = '[REDACTED]';

describe('what a label names in a text', () => {
  it.each([
    ['got {"name":"password","value":"x"}, refused', `got {"name":"password","value":"${R}"}, refused`],
    ['log {"field":"pin","type":"number","to":1234}', `log {"field":"pin","type":"number","to":${R}}`],
    [`{ key: 'apiKey', value: 'x' }`, `{ key: 'apiKey', value: '${R}' }`],
    ['{"op":"add","path":"/password","value":"x"} .', `{"op":"add","path":"/password","value":"${R}"} .`],
    ['<add key="password" value="x"/>', `<add key="password" value="${R}"/>`],
    ['<input name="pin" type="text" value="x">', `<input name="pin" type="text" value="${R}">`],
    [
      '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nx y\r\n--b--',
      `--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n${R}\r\n--b--`,
    ],
    [
      '--b\nContent-Disposition: form-data; name="token"; filename="a"\nContent-Type: text/plain\n\nx\n--b--',
      `--b\nContent-Disposition: form-data; name="token"; filename="a"\nContent-Type: text/plain\n\n${R}\n--b--`,
    ],
    ['<password>x y</password>', `<password>${R}</password>`],
    ['<wsse:Password Type="a">x</wsse:Password>', `<wsse:Password Type="a">${R}</wsse:Password>`],
    ['password := "x"', `password := "${R}"`],
  ])('%s', (text, redacted) => {
    expect(secrets.redactText(text)).toBe(redacted);
    expect(secrets.redactText(redacted)).toBe(redacted);
  });

  it.each([
    'got {"name":"email","value":"x"}',
    'got {"name":"token","scopes":["a"]}',
    '<input name="email" value="x">',
    '<input type="password" name="email" value="ann">',
    '<form name="password"><p>Hello</p></form>',
    '<b>Password</b>: must have 8 characters',
    '<label>Token</label>',
    '<password></password>',
    '<tokenCount>5</tokenCount>',
    'a <password> of 8 characters</p>',
    'Content-Disposition: form-data; name="email"\r\n\r\nx\r\n--b--',
    'if (a > b && b < c) return key => value',
  ])('is kept where that is harmless: %s', (text) => {
    expect(secrets.redactText(text)).toBe(text);
  });
});
