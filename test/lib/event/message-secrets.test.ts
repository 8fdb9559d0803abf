import mongoose, { Schema } from 'mongoose';
import { convert } from '../../../lib/event/convert';
import { createSecrets } from '../../../lib/event/secrets';

const secrets = createSecrets();
const redactText = (text: string): string => secrets.redactText(text);
const R = '[REDACTED]';

describe('a message that quotes a value and names its member', () => {
  it.each([
    'Path `password` (`<x>`) is shorter than the minimum allowed length (8).',
    'Path `password` (`<a`) b>`, length 5) is shorter than the minimum allowed length (8).',
    'Path `pin` (<12>) is less than minimum allowed value (1000).',
    'Path `apiKey` is invalid (<hunter2>).',
    'Path `apiKey` (`<hunter2>`) must be another.',
    'Validator failed for path `password` with value `<x>`',
    'Cast to Number failed for value "<x>" (type string) at path "pin"',
    'Cast to ObjectId failed for value "<x "y">" (type string) at path "apiKey" for model "User"',
    `Cast to string failed for value "<{ a: 'x' }>" (type Object) at path "password"`,
    '`<x>` is not a valid enum value for path `apiKey`.',
    'ValidatorError: `<x ghp_0123456789abcdefghij y>` is not a valid enum value for path `apiKey`.',
    'name: `ann` is odd, `<x>` is not a valid enum value for path `apiKey`.',
    'E11000 duplicate key error collection: a.users index: apiKey_1 dup key: { apiKey: "<x>" }',
    'E11000 duplicate key error collection: a.users index: apiKey_1 dup key: { <: "x"> }',
    'E11000 duplicate key error index: a.users.$token_1 dup key: { <: "x"> }',
    'index: pin_1 collation: { locale: "en" } dup key: { <pin: CollationKey(0x2b2d)> }',
    'Key (api_key)=(<x>) already exists.',
    'Key (tenant, api_key)=(<1, x>) already exists.',
    `Duplicate entry '<x>' for key 'users.api_key'`,
    '"password" with value "<x>" fails to match the required pattern: /a/',
    'password must be a `number` type, but the final value was: `<"x">`.',
    `Invalid value '<x>' for field 'password'`,
    `ALTER USER ann WITH PASSWORD '<x>'`,
    `SET PASSWORD FOR ann = "<x>"`,
    `CREATE USER ann IDENTIFIED WITH plugin BY '<x>'`,
  ])('%s', (marked) => {
    const text = marked.replace(/<(.*)>/, '$1');
    const redacted = marked.replace(/<.*>/, R);
    expect(redactText(text)).toBe(redacted);
    expect(redactText(redacted)).toBe(redacted);
    expect(redactText(`${text}\nnext: ${text}`)).toBe(`${redacted}\nnext: ${redacted}`);
  });

  it.each([
    'Path `email` (`ann`) is shorter than the minimum allowed length (8).',
    'Path `password` is required.',
    'Path `age` (12) is less than minimum allowed value (18).',
    'Path `token` (the parameter) and others',
    'Cast to Number failed for value "ann" (type string) at path "age" for model "User"',
    'Cast to Number failed for value "5" (type string) at path "tokenCount"',
    '`owner` is not a valid enum value for path `role`.',
    'E11000 duplicate key error collection: a.users index: email_1 dup key: { email: "ann@example.com" }',
    'E11000 duplicate key error collection: a.tokens index: email_1 dup key: { : "ann@example.com" }',
    'Key (email)=(ann@example.com) already exists.',
    `Duplicate entry 'ann' for key 'users.email'`,
    '"email" with value "ann" fails to match the required pattern: /a/',
    'age must be a `number` type, but the final value was: `"x"`.',
    'The value "true" for "hasPassword"',
    'path to a value of an entry',
    'FORGOT YOUR PASSWORD? IT IS IDENTIFIED BY ITS HASH',
    'The default value for path `role` is `user`',
  ])('of a harmless member is kept: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('as Mongoose has it, wherever that has the value', async () => {
    const schema = new Schema({
      password: { type: String, minlength: 8 },
      pin: { type: Number, min: 10_000 },
      apiKey: { type: String, match: /^k/ },
      secret: { type: String, enum: ['a'] },
      token: { type: String, validate: () => false },
      cvv: Number,
    });
    const User = mongoose.createConnection().model('User', schema);
    const given = {
      password: 'hunt2a',
      pin: 47_11,
      apiKey: 'hunt2b',
      secret: 'hunt2c',
      token: 'hunt2d',
      cvv: 'hunt2e',
    };
    const error = (await new User(given)
      .validate()
      .catch((reason: unknown) => reason)) as mongoose.Error.ValidationError;
    const all = [
      error,
      error.message,
      error.stack,
      JSON.parse(JSON.stringify(error)) as unknown,
      { ...error.errors },
      Object.values(error.errors).map(String),
    ];
    for (const value of all) {
      const json = JSON.stringify(convert(value, 'metadata', secrets));
      expect(json).not.toMatch(/hunt2|4711/);
      expect(json).toContain(R);
    }
  });
});
