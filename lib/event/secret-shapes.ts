import { MESSAGES } from './message-secrets';
import type { Judge, Span } from './span';

/**
 * What issuers begin their tokens with so that scanners find them, and what follows, from their public documentation.
 * A beginning has three characters at least. Each runs to the end of its token and no farther, so that the time to look
 * for them grows with the text and no faster.
 */
const TOKENS = `
  ghp_ gho_ ghu_ ghs_ ghr_        [A-Za-z0-9]{16,}      GitHub
  github_pat_                     \\w{16,}
  glpat- gloas- gldt- glrt- glcbt- glptt- glft- glimt- glagent- glsoat-  [\\w.-]{16,}  GitLab
  AKIA ASIA ABIA ACCA             [A-Z0-9]{12,}         AWS
  xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe. xapp-  [\\w.-]{8,}  Slack
  sk_live_ sk_test_ rk_live_ rk_test_ sk_prod_  \\w{8,} Stripe
  whsec_                          [\\w+/=-]{8,}
  AIza                            [\\w-]{30,}           Google
  ya29.                           [\\w-]{16,}
  GOCSPX-                         [\\w-]{16,}
  1//0                            [\\w-]{20,}
  alk_                            [a-z2-7]{12}_\\w{40,}  this package's own
  npm_                            [A-Za-z0-9]{20,}      npm
  pypi-                           [\\w-]{16,}           PyPI
  rubygems_                       [a-f0-9]{20,}
  dckr_pat_ dckr_oat_             [\\w-]{16,}           Docker
  sk-ant-                         [\\w-]{8,}            Anthropic
  sk-proj- sk-svcacct- sk-admin- sk-or-v1-  [\\w-]{8,}  OpenAI
  sk-                             [A-Za-z0-9]{20,}
  gsk_ hf_ r8_ rnd_               [A-Za-z0-9]{20,}      Groq, Hugging Face, Replicate, Render
  SG.                             [\\w-]{10,}\\.[\\w-]{10,}  SendGrid
  SK                              [0-9a-f]{32}          Twilio
  key-                            [0-9a-f]{32}          Mailgun
  xkeysib-                        [\\w-]{16,}           Brevo
  dop_v1_ doo_v1_ dor_v1_         [a-f0-9]{16,}         DigitalOcean
  hvs. hvb. hvr.                  [\\w-]{20,}           Vault
  AGE-SECRET-KEY-                 [A-Z0-9-]{16,}        age
  shpat_ shpca_ shppa_ shpss_     [a-fA-F0-9]{20,}      Shopify
  sq0atp- sq0csp- sq0idp-         [\\w-]{20,}           Square
  EAAA                            [\\w-]{40,}           Square, Meta
  access_token$production$ access_token$sandbox$  [\\w$]{16,}  PayPal
  lin_api_ lin_oauth_             [A-Za-z0-9]{20,}      Linear
  ntn_                            [A-Za-z0-9]{30,}      Notion
  secret_                         [A-Za-z0-9]{40,}
  figd_                           [\\w-]{20,}           Figma
  pscale_tkn_ pscale_pw_ pscale_oauth_  [\\w.-]{16,}    PlanetScale
  sbp_ sbs_                       [a-f0-9]{20,}         Supabase
  sb_secret_                      [\\w-]{16,}
  glsa_                           \\w{20,}              Grafana
  glc_                            [\\w+/=]{20,}
  NRAK-                           [A-Z0-9]{20,}         New Relic
  dapi                            [a-f0-9]{32}          Databricks
  PMAK-                           [a-f0-9-]{20,}        Postman
  ATATT3 ATCTT3                   [\\w=-]{20,}          Atlassian
  CCIPAT_                         \\w{20,}              CircleCI
  dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.  [\\w.-]{20,}  Doppler
  fo1_ fm1_ fm2_                  [\\w+/=-]{20,}        Fly.io
  HRKU-                           [\\w-]{20,}           Heroku
  sntrys_ sntryu_                 [\\w+/=-]{20,}        Sentry
  re_                             [A-Za-z0-9]{8,}_[A-Za-z0-9]{8,}  Resend
  pul-                            [a-f0-9]{40}          Pulumi
  tskey-                          [a-z]+-[\\w-]{8,}     Tailscale
  ops_eyJ                         [\\w-]{20,}           1Password
  pbkdf2_                         sha\\d+\\$\\d+\\$[\\w./+=$-]{16,}
`;

type Finder = (text: string, at: number, judge: Judge) => Span | null;

/** By their first three characters, what may begin there. */
const FINDERS = new Map<string, Finder[]>();

/** Whether any begins with these two ASCII characters: nearly all words are left after this look. */
const BEGINNINGS = new Uint8Array(128 * 128);

function addFinder(beginning: string, finder: Finder): void {
  BEGINNINGS[beginning.charCodeAt(0) * 128 + beginning.charCodeAt(1)] = 1;
  const key = beginning.slice(0, 3);
  FINDERS.set(key, [...(FINDERS.get(key) ?? []), finder]);
}

for (const line of TOKENS.trim().split('\n')) {
  const parts = line.trim().split(/\s+/);
  const body = parts.findIndex((part) => /[\\[]/.test(part));
  for (const beginning of parts.slice(0, body)) {
    const token = new RegExp(`${beginning.replace(/[.$/]/g, '\\$&')}${parts[body] ?? ''}`, 'y');
    const finder: Finder = (text, at) => spanOf(token, text, at);
    if (beginning.length > 2) addFinder(beginning, finder);
    else for (const digit of '0123456789abcdef') addFinder(beginning + digit, finder);
  }
}
for (const word of ['Bearer', 'bearer', 'BEARER']) addFinder(word, bearer);
for (const word of ['Basic', 'basic', 'BASIC']) addFinder(word, basic);
addFinder('BEGIN', privateKey);
addFinder('PuTTY', (text, at) => keyUpTo(/Private-MAC:\s*[0-9a-f]*/g, /PuTTY-User-Key-File-\d:/y, text, at));
addFinder('atlasv1', (text, at) => {
  const span = spanOf(/atlasv1\.[\w-]{20,}/y, text, at);
  return span && /[A-Za-z0-9]{14}\.$/.test(text.slice(Math.max(0, at - 15), at)) ? [at - 15, span[1]] : null;
});

for (const [word, find] of MESSAGES) addFinder(word, find);

/** The secret that begins with the word at `at`, if it has the shape of one, or that this word of a message tells. */
export function shapedSecretAt(text: string, at: number, judge: Judge): Span | null {
  const second = text.charCodeAt(at + 1);
  if (!(second < 128) || BEGINNINGS[text.charCodeAt(at) * 128 + second] === 0) return null;
  for (const find of FINDERS.get(text.slice(at, at + 3)) ?? NONE) {
    const span = find(text, at, judge);
    if (span) return span;
  }
  return null;
}

const NONE: Finder[] = [];

/** Hashes of passwords: not the password, but what guesses are tried on. */
const PASSWORD_HASH =
  /\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{20,}|(?:argon2(?:id|i|d)|scrypt|pbkdf2[\w-]*|y|gy|7|1|5|6)\$[\w./+=,$-]{16,})/y;

/** The hash of a password that begins at a dollar sign. */
export function passwordHashAt(text: string, at: number): Span | null {
  return spanOf(PASSWORD_HASH, text, at);
}

const BOT_TOKEN = /:AA[\w-]{32,}/y;

/** A token of Telegram's, at its colon. */
export function botTokenAt(text: string, at: number): Span | null {
  const span = spanOf(BOT_TOKEN, text, at);
  const id = span && /\d{6,12}$/.exec(text.slice(Math.max(0, at - 12), at))?.[0];
  return span && id ? [at - id.length, span[1]] : null;
}

/** `Bearer` before a token, unless it is a word of prose. What it names is redacted with it. */
const BEARER =
  /bearer\s+(?!(?:tokens?|auth\w*|schemes?|headers?|credentials?|format|realm|shares?|bonds?|cheques?|instruments?|securit\w*|certificates?|missing|invalid|required|expired|should)\b)[\w\-.~+/]{6,}=*/iy;
const BEARER_ALONE = /bearer\s+\S+\s*$/iy;

function bearer(text: string, at: number): Span | null {
  return (
    spanOf(BEARER, text, at) ?? (text.slice(0, at).trim() === '' ? spanOf(BEARER_ALONE, text, at) : null)
  );
}

const BASIC = /basic\s+([A-Za-z0-9+/_-]{4,}={0,2})/iy;

/** `Basic` before base64 of `user:password`; before another word it is only an adjective. */
function basic(text: string, at: number): Span | null {
  BASIC.lastIndex = at;
  const base64 = BASIC.exec(text)?.[1];
  return base64 !== undefined && isCredentials(base64) ? [at, BASIC.lastIndex] : null;
}

/** Of words of prose, some are base64 of bytes with a colon: of these, plain text alone counts. */
function isCredentials(base64: string): boolean {
  const text = decodeLeniently(base64);
  if (!text.includes(':') || /[\0-\x1f\x7f]/.test(text)) return false;
  return /^[ -~]*$/.test(text) || !/^[A-Za-z]?[a-z]*$/.test(base64);
}

function privateKey(text: string, at: number): Span | null {
  if (!text.startsWith('-----', at - 5)) return null;
  const span = keyUpTo(
    /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g,
    /BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y,
    text,
    at,
  );
  return span && [at - 5, span[1]];
}

/** A key to its end, or to the end of the text where that was cut off. */
function keyUpTo(end: RegExp, beginning: RegExp, text: string, at: number): Span | null {
  const span = spanOf(beginning, text, at);
  if (!span) return null;
  end.lastIndex = span[1];
  return [at, end.test(text) ? end.lastIndex : text.length];
}

/** Finds JSON Web Tokens, signed or encrypted, in one text. */
export class WebTokens {
  /** The run of characters that was read last, and the one behind its dot: many beginnings may stand in one run. */
  private first = -1;
  private second = -1;

  /** @param isCut whether the text went on: a run that reaches its end may be the beginning of a token */
  constructor(
    private readonly text: string,
    private readonly isCut: boolean,
  ) {}

  /** The token whose header begins at `at`, where the text has `eyJ`. */
  at(at: number): Span | null {
    const { text } = this;
    if (at >= this.first) {
      this.first = endOf(RUN, text, at);
      this.second = text[this.first] === '.' ? endOf(RUN, text, this.first + 1) : -1;
    }
    if (this.isCut && Math.max(this.first, this.second) === text.length && this.first - at >= 8)
      return [at, text.length];
    if (this.first - at < 8 || this.second - this.first < 6 || text[this.second] !== '.') return null;
    return [at, endOf(FURTHER_PARTS, text, this.second)];
  }
}

const RUN = /[\w-]*/y;
const FURTHER_PARTS = /(?:\.[\w-]*){1,3}/y;

function endOf(expression: RegExp, text: string, at: number): number {
  return spanOf(expression, text, at)?.[1] ?? at;
}

function spanOf(expression: RegExp, text: string, at: number): Span | null {
  expression.lastIndex = at;
  return expression.test(text) ? [at, expression.lastIndex] : null;
}

/** The bytes of base64 as characters, also of its URL-safe form and without padding. A single digit at the end is none. */
function decodeLeniently(base64: string): string {
  const digits = base64.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  return atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits);
}
