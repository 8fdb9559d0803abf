import { createNameJudge } from '../../../lib/event/secret-names';

const judge = createNameJudge([]);

const SECRET = `
  passwordConfirmation password_confirm passwordAgain password_digest totp backupCodes recoveryCodes jwt connectionString
  passcode mfaSecret otpauthUrl pinCode pinConfirm authCode verificationCode sessionToken csrf xsrf_token X-CSRF-Token
  clientSecret refresh_token privateKeyPem cvv iban ssn tax_id set-cookie webhookSigningSecret DSN passwordconfirmation
  PASSWORD2 user[password] /users/0/password profile.password newPassword hashedPassword dbpwd userPINs pin _csrf PHPSESSID
  token2 secretKeyBase encryptedPassword passwordHistory passwordRepeat resetPasswordLink bankAccountNumber securityCode
  userpass /backupCodes/1 preSharedKey seedPhrase
`;

const UNLESS_FLAG_OR_NUMBER = `
  secretId secret_id X-Vault-Secret-Id SECRETID pass sid salt userPass db_pass smtp_pass accessTokens.0 passHash connect.sid tokens inputTokens accessTokens hasPassword
  passwordUsed resetPasswordSet secrets
`;

const HARMLESS = `
  compass passenger passage bypass passed tokenize tokenizer totalTokens promptTokens maxTokens prompt_tokens_details
  secretary pinterest opinion author authorId authority authorized authenticated sidebar sidecar side inside residue design
  saltLevel saltRounds hash passwordChangedAt tokenCount apiKeyId accessKeyId passwordResetRequired tokenType tokenExpiresAt
  tokenExpiresIn secretName pinned shipping cookieConsent secretLess keyboard cardLast4 cardNumberLast4 tokenUsage
  tokensPerMinute boardingPass accountSid messageSid passwordless passwordPolicy passwordMinLength tokenName tokenUrl
  signature nonce publicKey passRate pass_count passthrough assigned asset mapPin pinColor dnsName passport bassist key keys
  clientSecretId secretIdAccessor secret_id_ttl secret_id_num_uses secretArn secretVersion
  state code codes status email phone name description creditCardType apiKeyName session sessions card number
`;

const list = (words: string): string[] => words.trim().split(/\s+/);

describe('what a name says', () => {
  it.each(list(SECRET))('%s holds a secret', (name) => {
    expect(judge(name)).toBe('secret');
  });

  it.each(list(UNLESS_FLAG_OR_NUMBER))('%s holds a secret, unless a flag or a number', (name) => {
    expect(judge(name)).toMatch(/^unless (flag|number)$/);
  });

  it.each(list(HARMLESS))('%s holds none', (name) => {
    expect(judge(name)).toBe('harmless');
  });

  it('of names that an application adds counts in the same way', () => {
    const own = createNameJudge(['nationalId']);
    expect(['nationalId', 'national_id', 'userNationalIdText', 'NATIONAL-IDS'].map(own)).toEqual(
      Array(4).fill('secret'),
    );
    expect(['nationalIdType', 'nationalIdVerifiedAt', 'national', 'id'].map(own)).toEqual(
      Array(4).fill('harmless'),
    );
  });
});
