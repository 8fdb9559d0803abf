import { convert } from '../../../lib/event/convert';
import { createSecrets } from '../../../lib/event/secrets';

const secrets = createSecrets();
const R = '[REDACTED]';

describe('the text of a table', () => {
  it.each([
    ['user,password\nann,x\nbob,y', `user,password\nann,${R}\nbob,${R}`],
    ['\ufeffid;api_key;"name"\r\n1;x;Ann\r\n', `\ufeffid;api_key;"name"\r\n1;${R};Ann\r\n`],
    ['id\tpin\n1\t1234\n', `id\tpin\n1\t${R}\n`],
    ['password,id\n"x, ""y""\nz",1\n,2\n', `password,id\n${R},1\n,2\n`],
    ['id,password\n1,"x', `id,password\n1,${R}`],
  ])('has a mark for each cell of a secret column: %j', (text, redacted) => {
    expect(secrets.redactText(text)).toBe(redacted);
    expect(secrets.redactText(redacted)).toBe(redacted);
    expect(convert({ file: text }, 'metadata', secrets)).toEqual({ file: redacted });
  });

  it.each([
    'name,email\nann,ann@example.com\n',
    'user,tokenCount\nann,5\n',
    'user,tokens\nann,5\n',
    'Dear Ann, your password\nexpires soon, so change it',
    'password\nhunter',
    'a,b',
  ])('is kept where no column is secret, and where it is no table: %j', (text) => {
    expect(secrets.redactText(text)).toBe(text);
  });
});
