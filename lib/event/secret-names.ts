/**
 * What a member's name says about its value: nothing secret; a secret, whatever it is; a secret unless it is a flag or a date
 * (`passwordReset: true`); a secret unless it is one of these or a number (`tokens: 512`).
 */
export type NameVerdict = 'harmless' | 'secret' | 'unless flag' | 'unless number';

interface Term {
  /** Whether it counts only at the end of a name, or before a word that says the same: `pin`, `pinCode`, not `pinColor`. */
  isFinal: boolean;
  /** Whether such secrets are often numbers. */
  isNumeric: boolean;
}

const list = (words: string): string[] => words.trim().split(/\s+/);

/** Secret wherever they stand in a name. */
const TEXTS = list(`
  password passwd passphrase pwd passcode secret token jwt bearer authorization cookie credential cred
  authheader basicauth sessionid sessid phpsessid jsessionid sessionkey csrf xsrf otpauth connectionstring connectionuri
  connstr dsn apikey privatekey accesskey secretkey signingkey encryptionkey decryptionkey masterkey sharedkey hmackey
  authkey servicekey servicerolekey licensekey licencekey streamkey accountkey storagekey subscriptionkey rootkey
  wrappingkey symmetrickey serverkey webhookkey recoverykey backupkey keymaterial psk mnemonic seedphrase
  recoveryphrase backupphrase magiclink codeverifier securityanswer
`);

const NUMBERS = list(`
  otp totp hotp cvv cvc cardnumber creditcard ccnumber ccnum ssn socialsecurity socialsecuritynumber iban
  bankaccountnumber taxid taxnumber taxpayerid taxidentificationnumber backupcode recoverycode authcode verificationcode
  twofactorcode mfacode tfacode securitycode accesscode resetcode smscode logincode signincode onetimecode devicecode
  scratchcode activationcode unlockcode
`);

const FINAL_TEXTS = list('pass salt sid pfx secretid'); // of Vault's AppRole, the id is the secret
const FINAL_NUMBERS = list('pin pincode');

/** Words behind a final term that leave it what it is. */
const SAME = new Set(
  list(`
  hash hashed digest code number value confirm confirmation confirmed again repeat repeated retype retyped verify new old
  current previous plain plaintext text raw encrypted base hex cipher input
`),
);

/** Words before a final term that make it something else. */
const OTHERS: Record<string, Set<string>> = {
  pass: new Set(
    list('boarding season ski lift day bus train travel rail hall festival multi single first second by'),
  ),
  pin: new Set(list('map gpio board location chip signal push bowling lapel')),
  sid: new Set(
    list(`account subaccount message call service user object group domain security conversation flow workspace project
      media recording participant chat channel role binding`),
  ),
  salt: new Set(list('sea rock table bath')),
  secretid: new Set(list('client app aws azure google kubernetes docker parent')),
};

/** Last words of names that say something about a secret, and do not hold it. */
const HARMLESS = new Set(
  list(`
  at in date time timestamp day hour minute second sec ms millis milliseconds age ttl expiry expires expired expiration
  lifetime duration timeout interval until since
  id uuid guid ref reference arn name title label description type kind class category family version status state stage
  algorithm algo alg method provider issuer audience scope permission role owner endpoint format pattern encoding charset
  prefix placeholder consent banner notice preference setting option config domain path secure site only mode source
  location reason error message warning event action manager vault bucket store storage backend server service brand
  count counter total limit max min maximum minimum length size index round iteration cost attempts try tries retries
  failures usage budget quota price rate ratio percent score strength complexity entropy level amount balance symbol
  standard supply decimals contract policy policies rule requirement required optional enabled disabled supported
  accessor uses available allowed denied forbidden exists missing revoked active inactive visible protected less
`),
);

/** Last words behind which a flag, a number or a date is harmless, and a text may be the secret: `passwordUsed`. */
const FLAGS = new Set(
  list(`
  set unset change changed update updated create created used unused valid invalid verified unverified match matches
  matched mismatch present absent found added removed deleted rotated issued reset blocked locked shown hidden seen sent
  saved stored known correct incorrect accepted rejected ok success failed result attempt forgotten confirmed
`),
);

/** First words of names of flags: `hasPassword`. */
const ASKING = new Set(
  list(`
  is are has had have can could should must may will would needs need requires require required allow allows enable
  enabled disable force forced show hide use uses using with without no include includes supports wrong forgot skip ask
  remember
`),
);

/** Before `tokens`, what only counts them. */
const COUNTING = new Set(list('max min total prompt completion num count avg average mean'));

/** Whole names that say where to get a secret, and hold none. */
const WHOLE = new Set(
  list('tokenurl tokenuri authorizationurl authorizationuri prompttokensdetails completiontokensdetails'),
);

/** Long enough to be told even at the end of a word that is written without a break: `authtoken`. */
const UNBROKEN =
  /(?:secret|token|authorization|cookie|credential|apikey|privatekey|secretkey|accesskey|sessionid|pwd)s?$|^(?:user|db|my|smtp|mail|proxy|admin|root|redis|mysql|pg|mongo|ftp|ldap|login|new|old|auth)pass$/;

/** A password and what follows it in a word that is written without a break. */
const UNBROKEN_PASSWORD = /pass(?:word|wd|phrase)s?(.*)$/;
const UNBROKEN_HARMLESS =
  /^(?:less|ids?|counts?|type|policy|length|strength|status|resetrequired|(?:re)?setat|changedat|updatedat|expir\w*|requir\w*|enabled|disabled|manager|protected|rules?)$/;

/** `cardLast4`, `tokenLastFour`: what people may see of a secret. */
const LAST_DIGITS = /last[\W_]*(?:4|four|digits?|4[\W_]*digits?|four[\W_]*digits?)$/i;

/** Of a longer name, as many characters of its beginning and of its end are read. */
const READ = 512;

/** Words that one term may be spelled with, at least: `tax_identification_number`, `userPINs`. */
const SPELLED = 4;

/** What each term has, so that most names need one look. */
const HINTS = list(`
  pass pwd secret token jwt bearer auth cookie cred sess sid csrf xsrf conn dsn key psk mnemonic phrase magic verifier answer
  otp cvv cvc card cc ssn social iban bank tax code pin salt pfx
`);

const SEVERITY: readonly NameVerdict[] = ['harmless', 'unless number', 'unless flag', 'secret'];

/** Tells what names say: the built-in terms, and further `names`, which count like these. */
export function createNameJudge(names: readonly string[]): (name: string) => NameVerdict {
  const terms = new Map<string, Term>();
  const add = (words: readonly string[], isFinal: boolean, isNumeric: boolean): void => {
    for (const word of words) terms.set(word, { isFinal, isNumeric });
  };
  add(TEXTS, false, false);
  add(NUMBERS, false, true);
  add(FINAL_TEXTS, true, false);
  add(FINAL_NUMBERS, true, true);
  return judge(terms, names, true);
}

/** Tells what names say by `names` alone. */
export function createOwnNameJudge(names: readonly string[]): (name: string) => NameVerdict {
  return judge(new Map<string, Term>(), names, false);
}

function judge(
  terms: Map<string, Term>,
  names: readonly string[],
  isBuiltIn: boolean,
): (name: string) => NameVerdict {
  let spelled = SPELLED;
  for (const name of names) {
    const words = splitWords(name);
    spelled = Math.max(spelled, words.length);
    if (words.length > 0) terms.set(words.join(''), { isFinal: false, isNumeric: true });
  }
  if (terms.size === 0) return () => 'harmless';
  const own = names.map((name) => splitWords(name).sort((a, b) => b.length - a.length)[0] ?? '');
  const hints = new Set([...(isBuiltIn ? HINTS : []), ...own].filter((hint) => hint !== ''));
  const isHinted = (name: string): boolean => {
    const lower = name.toLowerCase();
    for (const hint of hints) if (lower.includes(hint)) return true;
    return false;
  };
  const longest = Math.max(...Array.from(terms.keys(), (term) => term.length)) + 2; // and a plural
  return (name) => {
    if (!isHinted(name)) return 'harmless';
    const read = name.length <= 2 * READ ? name : `${name.slice(0, READ)} ${name.slice(-READ)}`;
    const words = splitWords(read);
    if (isBuiltIn && WHOLE.has(words.join(''))) return 'harmless';
    let verdict: NameVerdict = 'harmless';
    for (let from = 0; from < words.length && verdict !== 'secret'; from++) {
      if (isBuiltIn) verdict = worse(verdict, unbroken(words, from, read));
      let joined = '';
      for (let to = from; to < words.length && to <= from + spelled; to++) {
        joined += words[to] as string;
        if (joined.length > longest) break;
        const term = terms.get(joined) ?? terms.get(singular(joined));
        if (term) verdict = worse(verdict, termVerdict(term, joined, words, from, to + 1, read));
      }
    }
    return verdict;
  };
}

function termVerdict(
  term: Term,
  joined: string,
  words: string[],
  from: number,
  to: number,
  name: string,
): NameVerdict {
  const rest = words.slice(to);
  if (term.isFinal) {
    if (!rest.every((word) => SAME.has(word))) return 'harmless';
    const before = words[from - 1];
    if (before !== undefined && OTHERS[singular(joined)]?.has(before)) return 'harmless';
    return term.isNumeric ? 'secret' : 'unless flag';
  }
  const weak = term.isNumeric ? 'unless flag' : 'unless number';
  if (rest.length > 0) return restVerdict(rest, weak, name, from > 0 && ASKING.has(words[0] as string));
  const isPlural = singular(joined) !== joined;
  if (isPlural && joined === 'tokens' && COUNTING.has(words[from - 1] ?? '')) return 'harmless';
  if (from > 0 && ASKING.has(words[0] as string)) return weak;
  return isPlural && !term.isNumeric ? 'unless number' : 'secret';
}

function restVerdict(rest: string[], weak: NameVerdict, name: string, isAsking: boolean): NameVerdict {
  const last = rest.at(-1) as string;
  if (HARMLESS.has(last) || HARMLESS.has(singular(last)) || LAST_DIGITS.test(name)) return 'harmless';
  return isAsking || FLAGS.has(last) ? weak : 'secret';
}

function unbroken(words: string[], at: number, name: string): NameVerdict {
  const word = words[at] as string;
  if (word.length < 4) return 'harmless';
  const tail = UNBROKEN_PASSWORD.exec(word)?.[1];
  if (tail !== undefined && tail !== '') {
    if (UNBROKEN_HARMLESS.test(tail)) return 'harmless';
    return FLAGS.has(tail) ? 'unless number' : 'secret';
  }
  if (tail === undefined && !UNBROKEN.test(word)) return 'harmless';
  return termVerdict({ isFinal: false, isNumeric: false }, word, words, at, at + 1, name);
}

function worse(one: NameVerdict, other: NameVerdict): NameVerdict {
  return SEVERITY.indexOf(other) > SEVERITY.indexOf(one) ? other : one;
}

/** The words of a name, split at case changes, digits and punctuation, in lower case. */
export function splitWords(name: string): string[] {
  const words = name.match(/\p{Lu}{2,}s(?!\p{L})|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{L}\p{M}]/gu) ?? [];
  return words.map((word) => word.toLowerCase());
}

function singular(word: string): string {
  return word.replace(/(?<=sh)es$|(?<!s)s$/, '');
}
