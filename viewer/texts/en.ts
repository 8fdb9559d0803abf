import type { VerdictName } from '../verify/verdict';
import { counterIn } from './plural';

const n = counterIn('en');
const number = (value: number): string => new Intl.NumberFormat('en').format(value);
const entries = (count: number): string => n(count, 'entry', 'entries');

const altered = (isOtherProven: boolean): string =>
  isOtherProven
    ? ', which a signature confirms: this entry was altered or replaced.'
    : ': one of the two was altered or replaced.';

/** What the page says, in English. */
export const pageEn = {
  title: 'Audit trail',
  home: 'Back',
  close: 'Close',
  retry: 'Try again',
  showAll: (length: number) => `Show all ${n(length, 'character', 'characters')}`,
  showMore: (count: number) => `Show ${number(count)} more`,
  showLess: 'Show less',
  utc: (text: string) => `UTC: ${text}`,
  live: {
    connecting: 'Connecting …',
    live: 'Live',
    lost: 'Connection lost, trying again …',
    off: 'Not live: the period has ended',
    fresh: (count: number) => n(count, 'new entry', 'new entries'),
    many: 'Many new entries',
  },
  filter: {
    label: 'Filters',
    toggle: (count: number) => (count === 0 ? 'Filters' : `Filters (${count})`),
    search: 'Search loaded entries',
    searchHint: (found: number, loaded: number) =>
      `${entries(found)} of the ${number(loaded)} loaded ones. What is not loaded is not searched.`,
    actor: 'Actor',
    action: 'Action',
    actions: 'Known actions',
    actors: 'Known actors',
    resource: 'Resource',
    outcome: 'Outcome',
    any: 'Any',
    or: 'or',
    period: 'Period',
    all: 'All time',
    '24h': 'Last 24 hours',
    '7d': 'Last 7 days',
    '30d': 'Last 30 days',
    own: 'From … to …',
    from: 'From',
    to: 'Before',
    reset: 'Reset filters',
    more: 'More filters',
    less: 'Fewer filters',
    searchAll: 'Search all entries',
    text: 'Words in the entry',
    resourceType: 'Kind of resource',
    notActor: 'Not by',
    onBehalfOf: 'On behalf of',
    ipAddress: 'IP address',
    requestId: 'Request ID',
    occurredFrom: 'Happened from',
    occurredTo: 'Happened before',
    moreHint:
      'Several values: “a | b”. Without some actions or kinds: “!a”. When something happened may be before it was recorded.',
  },
  outcomes: { success: 'Success', failure: 'Failure', denied: 'Denied' },
  actorTypes: {
    user: 'User',
    support: 'Support',
    service: 'Service',
    system: 'System',
    anonymous: 'Anonymous',
  },
  histogram: {
    label: 'Entries over time',
    span: (from: string, to: string) => `${from} – ${to}`,
    count: (count: number, isMore: boolean) => (isMore ? `${number(count)} entries or more` : entries(count)),
    total: (count: number, isMore: boolean) => (isMore ? `more than ${entries(count)}` : entries(count)),
    from: 'Start of the selected period',
    to: 'End of the selected period',
    keys: 'Arrow keys move, Enter applies, Escape discards',
    failed: 'The overview could not be loaded.',
    uncounted: 'These filters look at entries one by one: there is no overview of what they will find.',
    empty: 'No entries in this period.',
  },
  list: {
    label: 'Entries, newest first',
    time: (zone: string) => `Time (${zone})`,
    mark: 'Check',
    loading: 'Loading entries …',
    loaded: (count: number, isMore: boolean) =>
      isMore ? `${entries(count)} loaded, there are more` : entries(count),
    end: 'There are no older ones.',
    moreFailed: 'More entries could not be loaded.',
    broken: (seq: number | null, first?: number) => {
      if (seq === null) return 'An entry';
      const isRun = first !== undefined && first < seq;
      return isRun ? `Entries ${number(first)} to ${number(seq)}` : `Entry ${number(seq)}`;
    },
    missing: (first: number, last: number) => `${first === last ? 'is' : 'are'} missing from the trail.`,
    keys: 'Arrow keys move, Enter opens an entry',
    onBehalfOf: 'for',
    lookedAt: (count: number, time: string | null) =>
      `Looked at ${entries(count)}${time === null ? '' : `, back to ${time}`}.`,
    lookFurther: 'Look further',
  },
  state: {
    nothing: 'Nothing has been recorded yet',
    noMatch: 'No entry matches these filters',
    noMatchYet: 'No entry found so far',
    noMatchLoaded: 'None of the loaded entries holds this text',
    signedOut: 'You are not signed in',
    signedOutHint: 'Sign in to see the audit trail, then try again.',
    forbidden: 'You may not read this audit trail',
    forbiddenHint: 'Ask an administrator of your organisation for the permission.',
    failed: 'The audit trail could not be loaded',
    offline: 'The server cannot be reached. Check your connection.',
    status: (status: number) => `The server answered with status ${status}.`,
  },
  mark: {
    pending: 'Checking',
    checked: 'Checked',
    unanchored: 'Recorded',
    broken: 'Broken',
  },
  explain: {
    title: 'Verification in your browser',
    pending: 'This entry is being checked.',
    content:
      'Your browser has checked the content of this entry: it fits its seal, which nobody can copy to another content.',
    own: (size: number) =>
      `It is among the first ${entries(size)}, which the keeper of this trail has signed.`,
    linked: (through: number, size: number) =>
      `Entry ${number(through)} is among the first ${entries(size)}, which the keeper of this trail has signed, and its seal covers all entries back to this one.`,
    limits:
      'So it has not been changed since it was signed. That does not show that what it says is true, nor that everything was recorded. The key comes from this server: compare it with one that you were given elsewhere.',
    unanchored: {
      permission: 'It cannot be compared with what was signed: you do not have the permission “verify”.',
      none: 'Nothing of this trail was signed yet.',
      unsigned: 'This trail is not signed.',
      later: (size: number) =>
        `It is newer than the last signature, which covers ${entries(size)}. The next one will cover it, too. Nothing is wrong with it.`,
      proof: 'The server has no proof for it yet.',
      refused:
        'No proof of it can be made, because something near it was altered or removed, or it was itself. “Check the whole trail” says what.',
      unreachable: 'The proof could not be fetched. It will be tried again.',
    },
    unanchoredLimits: 'Until it is signed, someone with access to the database could rewrite it unseen.',
    fault: {
      hash: 'The content of this entry does not match its hash: it was altered after it was recorded.',
      tenant: 'This entry belongs to another organisation’s trail: it was moved here.',
      note: 'The newest signature is not by the key of this trail: nothing can be compared with it.',
      proof:
        'Its proof does not lead to anything that was signed with the key of this trail: the entry or the proof was forged.',
      before: (seq: number, isProven: boolean) =>
        `It does not link to entry ${number(seq)}${altered(isProven)}`,
      after: (seq: number, isProven: boolean) =>
        `Entry ${number(seq)} does not link back to it${altered(isProven)}`,
      unreadable:
        'What is stored in this place is no entry: it was altered after it was recorded, so that it cannot be shown.',
      found: (message: string) => `The server found: ${message}`,
      missing:
        'What was recorded here was removed from the database. Later entries, or a signature, show that it was there.',
    },
    brokenHint: 'Copy this entry, and tell whoever is responsible for security in your organisation.',
    faultHint: 'Tell whoever is responsible for security in your organisation.',
    key: 'Key of this trail',
  },
  detail: {
    label: 'Entry',
    number: (seq: number) => `Entry ${number(seq)}`,
    loading: 'Loading the entry …',
    notFound: 'There is no such entry in this trail',
    failed: 'The entry could not be loaded',
    previous: 'Previous entry',
    next: 'Next entry',
    newest: 'This is the newest entry',
    copyLink: 'Copy link',
    copied: 'Copied',
    copyFailed: 'Copy this link:',
    facts: 'What happened',
    occurredAt: 'Happened',
    recordedAt: 'Recorded',
    actorType: 'Kind of actor',
    onBehalfOf: 'On behalf of',
    resourceType: 'Kind of resource',
    tenantId: 'Organisation',
    id: 'Entry ID',
    seq: 'Number in the trail',
    context: 'Request',
    metadata: 'Further details',
    via: 'API key',
    commitments: 'Commitments to values kept elsewhere',
    changes: 'Changes',
    seal: 'Seal',
    hash: 'Hash',
    prevHash: 'Hash of the previous entry',
    raw: 'Raw JSON',
    copyRaw: 'Copy JSON',
  },
  context: {
    ipAddress: 'IP address',
    userAgent: 'Browser',
    method: 'Method',
    route: 'Route',
    path: 'Path',
    statusCode: 'Status',
    durationMs: 'Duration (ms)',
    requestId: 'Request ID',
    traceId: 'Trace ID',
  },
  difference: {
    member: 'Member',
    before: 'Before',
    after: 'After',
    whole: 'Value',
    absent: 'not there',
    added: 'added',
    removed: 'removed',
    changed: 'changed',
    same: 'unchanged',
    unchanged: (count: number) => n(count, 'unchanged member', 'unchanged members'),
    summary: (count: number) => (count === 0 ? 'Nothing changed' : n(count, 'change', 'changes')),
  },
  json: {
    members: (count: number) => n(count, 'member', 'members'),
    items: (count: number) => n(count, 'item', 'items'),
    empty: 'empty',
  },
  export: {
    open: 'Export',
    title: 'Export entries',
    scope: 'The entries that match the current filters.',
    notThese:
      'A file can be checked for one actor, action, resource, outcome and for dates alone. Remove the other filters first, and filter what you get.',
    format: 'Format',
    jsonl: 'JSON Lines',
    json: 'JSON',
    csv: 'CSV for spreadsheets',
    proof: 'With proof',
    proofHint:
      'An auditor can check the file without this server. With no filter but dates, it also proves that it is complete.',
    cancel: 'Cancel',
    progress: (megabytes: string, records: number) =>
      `${megabytes} MB, ${n(records, 'record', 'records')} so far`,
    done: (megabytes: string, records: number) =>
      `Saved: ${megabytes} MB, ${n(records, 'record', 'records')}.`,
    cut: 'The connection broke. Nothing was saved.',
    failed: 'The export failed. Nothing was saved.',
    verify: 'Check an evidence file',
  },
  report: {
    open: 'Check the whole trail',
    running: 'The server reads every entry. This takes a while for a long trail.',
    intact: 'The trail is intact',
    broken: 'The trail is broken',
    brokenHint:
      'Copy what is listed here, and tell whoever is responsible for security in your organisation, before anything is repaired.',
    size: (size: number) =>
      `${entries(size)} checked: the content of each fits its seal, and each follows the one before.`,
    anchored: (size: number) => `The first ${entries(size)} are as they were when they were signed.`,
    unanchored: 'Nothing of the trail is signed.',
    problems: (count: number) => n(count, 'problem', 'problems'),
    notices: 'To be known',
    notice: {
      reopened: 'This trail was opened again, such as after a backup was restored:',
      unproven: 'Something is told of this trail that no known key has signed:',
    },
    more: (count: number) => `… and ${number(count)} more.`,
    source: 'So says the server. For a check of your own, export with proof and check the file.',
    failed: 'The check could not be completed.',
  },
  streams: {
    open: (count: number) => n(count, 'stream', 'streams'),
    title: 'Streams to other systems',
    states: { delivering: 'Delivering', failing: 'Failing', paused: 'Paused' },
    address: 'Destination',
    delivered: 'Entries delivered',
    waiting: 'Entries waiting',
    setAside: 'Refused and set aside',
    lastSuccess: 'Last success',
    lastError: 'Last error',
    hint: 'Nothing is lost while a stream fails or is paused: what waits is delivered afterwards.',
    failed: 'The newest state could not be loaded.',
  },
  checkpoint: {
    signed: (size: number) => `Signed: ${entries(size)}`,
    none: 'Nothing signed yet',
    unsigned: 'Not signed',
    forged: 'Signature not valid',
  },
  change: {
    key: 'The key of this trail is not the one that this browser saw before. If nobody told you of a new one, ask whoever is responsible for security before you go on.',
    unsigned: 'This trail was signed when this browser saw it before. Now it is not.',
    shrunk: (before: number, now: number) =>
      `This browser saw a signature of ${entries(before)} before; the newest one is of ${number(now)}. Entries may have been removed.`,
    rewritten: (size: number) =>
      `This browser saw another signature of ${entries(size)} before. The trail may have been rewritten.`,
    forged: 'The newest signature is not by the key of this trail. Do not rely on what you see here.',
    accept: 'I was told the reason',
    now: 'Now',
  },
};

/** All that the page says. */
export type PageTexts = typeof pageEn;

/** A verdict in a few words, and what it means. */
type Verdicts = Record<VerdictName, { title: string; detail: string }>;

const verdicts: Verdicts = {
  signed: {
    title: 'Intact',
    detail: 'Nothing was changed since it was signed, and a key that you gave signed it.',
  },
  pinned: {
    title: 'Intact',
    detail: 'All of the file is as it was when the checkpoint that you gave was made.',
  },
  signedAndPinned: {
    title: 'Intact',
    detail: 'A key that you gave signed it, and it agrees with the checkpoint that you gave.',
  },
  broken: {
    title: 'Not intact',
    detail:
      'It was changed, or another key than yours signed it. See whether the key is the right one and the file the one that you were given, ask why if they are, and do not rely on it until then.',
  },
  selfSigned: {
    title: 'Agrees with itself, which proves little',
    detail:
      'It is signed by a key that only the file itself vouches for: whoever made up the file can have made up the key. Enter the key of the ledger, which you have from elsewhere, and check again.',
  },
  unsigned: {
    title: 'Agrees with itself, which proves little',
    detail:
      'Nobody signed it: anybody can have made it. Compare it with a checkpoint that was kept elsewhere.',
  },
  allowedSelfSigned: {
    title: 'Agrees with itself, which proves little',
    detail:
      'It is signed by a key out of the file, which you chose to accept. Whoever made up the file can have made up the key.',
  },
  allowedUnsigned: {
    title: 'Agrees with itself, which proves little',
    detail: 'Nobody signed it, which you chose to accept. Anybody can have made it.',
  },
  pinnedInPart: {
    title: 'Intact in itself, confirmed only in part',
    detail:
      'It agrees with the checkpoint that you gave, but that does not cover all of it. Enter the key of the ledger as well.',
  },
  signedNotCompared: {
    title: 'Signed by a key that you gave, but not compared',
    detail:
      'Nothing was changed since it was signed. It cannot be compared with the checkpoint that you gave as well: the reason, and what to ask for, are below.',
  },
  cannotTell: {
    title: 'Intact in itself, but not compared',
    detail:
      'It fits together. It cannot be compared with the checkpoint that you gave: the reason, and what to ask for, are below.',
  },
  uncompared: {
    title: 'Intact in itself, but not compared',
    detail: 'None of the checkpoints that you gave is of this trail.',
  },
  plain: {
    title: 'No evidence: an export without proof',
    detail:
      'The file is a list for reading. It holds nothing that would prove it, so nobody can check it. Ask for an export with proof.',
  },
  noEvidence: {
    title: 'Could not be checked',
    detail:
      'This is no evidence file that can be read. A spreadsheet that saves a file changes it: check the file as you got it.',
  },
  empty: {
    title: 'Could not be checked',
    detail: 'The file is of an audit trail without entries.',
  },
  badKey: {
    title: 'Could not be checked',
    detail: 'A line that you entered as a verifier key is no key. Correct it, and check again.',
  },
  badCheckpoint: {
    title: 'Could not be checked',
    detail: 'What you entered as a checkpoint is none. Correct it, and check again.',
  },
  unreadable: {
    title: 'Could not be checked',
    detail: 'The browser could not read the file. It may be a folder, or have been moved or changed.',
  },
};

/** All that the page says that checks evidence, in English. */
export const verifyEn = {
  title: 'Check an evidence file',
  intro:
    'Tells whether an exported audit trail is still what was signed. The file is read in this browser and goes nowhere: this page cannot send anything.',
  trust: {
    heading: '1. What you have from elsewhere',
    intro:
      'A file can vouch for itself only in part. Enter what did not come with it: from an earlier audit, a contract, or from the security officer in person.',
    keys: 'Verifier keys',
    keysHint:
      'A key tells whose signature it is. It is no secret, and looks like “ledger/tenant+1a2b3c4d+AbC…”. One a line, as you got them. A file that none of them signed is refused.',
    badKey: 'This is no verifier key:',
    checkpoint: 'An older checkpoint (optional)',
    checkpointHint:
      'A few signed lines that state what the same trail was at an earlier time. Each export ends with one: keep it for the next time. With it, even the holder of the signing key cannot have changed what came before.',
    chooseCheckpoint: 'Choose a checkpoint file',
    badCheckpoint:
      'This is no checkpoint: it should be the whole text as you got it, or a file of such texts, one a line.',
    largeCheckpoint: 'That file is too large to be one of checkpoints.',
    allow: 'Accept the key out of the file',
    allowHint:
      'Only for a first look: it shows whether the file fits together, not who made it. Not together with verifier keys.',
  },
  drop: {
    heading: '2. The evidence files',
    choose: 'Choose files',
    or: 'or drop them here',
    formats: 'CSV, JSON or JSON Lines, of any size, as they were exported',
  },
  results: 'Results',
  waiting: 'Waiting',
  checking: 'Checking',
  progress: (done: string, all: string, percent: string) => `${done} of ${all} (${percent})`,
  cancel: 'Cancel',
  cancelled: 'Cancelled: nothing is known of this file.',
  again: 'Check again',
  remove: 'Remove',
  stale: 'What you have from elsewhere was changed since this check.',
  verdicts,
  figures: {
    heading: 'What was checked',
    claims: 'What the file says of itself',
    tenant: 'Tenant',
    ledger: 'Ledger',
    exportedAt: 'Exported at',
    filter: 'Filter',
    noFilter: 'none: all entries were asked for',
    filters: {
      actor: 'Actor',
      action: 'Action',
      resource: 'Resource',
      outcome: 'Outcome',
      from: 'Recorded from',
      to: 'Recorded before',
    },
    entries: 'Entries in the file',
    ofSize: (count: string, size: string) => `${count} of ${size} in the trail`,
    matches: 'Entries that match',
    andOwn: (count: string) => `${count}, and the record of this export`,
    omitted: 'Entries left out',
    complete: 'Complete',
    completeness: {
      complete: 'proven: no entry that was recorded before the export was left out',
      range: 'proven: no entry of these dates that was recorded before the export was left out',
      filtered: 'not proven: entries that were left out may match as well',
    },
    matching: 'First and last that match',
    none: 'none',
    to: (first: string, last: string) => `${first} and ${last}`,
    anchored: 'Confirmed',
    anchoredTo: (size: string) => `up to entry ${size}`,
    anchoredNot: 'none',
    anchor: 'Confirmed by',
    anchors: {
      pinned: 'the checkpoint that you gave',
      signed: 'a key that you gave',
      'self-signed': 'a key out of the file itself',
      unsigned: 'nothing: nobody signed it',
      none: 'nothing',
    },
    pin: 'Compared with your checkpoint',
    pins: { matches: 'agrees', differs: 'differs', 'cannot tell': 'cannot be compared' },
  },
  proven: 'Proven',
  notProven: 'Not proven',
  problems: {
    heading: 'Problems',
    caption: (shown: string, all: string) => `${shown} of ${all} problems, in the order of the file`,
    kind: 'Kind',
    seq: 'Entry',
    message: 'What is wrong',
    kinds: {
      altered: 'altered',
      relinked: 'does not follow',
      missing: 'missing',
      duplicated: 'there twice',
      foreign: 'of another trail',
      backdated: 'backdated',
      unreadable: 'unreadable',
      truncated: 'cut off',
      rewritten: 'rewritten',
    },
  },
  keys: {
    heading: 'Keys in the file',
    intro: 'They prove nothing by themselves. Compare them, sign by sign, with the key that you have.',
    more: (count: string) => `and ${count} more`,
    copy: 'Copy',
    copyKey: (n: string) => `Copy key ${n}`,
    copied: 'Copied',
    isGiven: 'the same as a key that you gave',
  },
  hiddenCharacter: (name: string) => `hidden character ${name}`,
  cut: (count: string) => `… (${count} characters in all)`,
};

/** The texts of the page that checks evidence. */
export type VerifyTexts = typeof verifyEn;
