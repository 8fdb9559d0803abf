/** The names of the commands. */
export type CommandName =
  | 'verify'
  | 'export'
  | 'checkpoint'
  | 'reopen'
  | 'doctor'
  | 'stream'
  | 'compare'
  | 'keygen'
  | 'role'
  | 'keys'
  | 'coverage'
  | 'actions'
  | 'reconcile'
  | 'serve'
  | 'send';

/** What `--help` says of all commands. */
export const USAGE = `Usage: audit-ledger <command> [options]

Commands:
  verify FILE…            check evidence files, with no database and no network
  verify --tenant T       check a chain in the database, writing nothing
  export --tenant T       write evidence
  checkpoint --tenant T   sign the current state of a chain
  reopen --tenant T       open a chain again that is blocked, or that was restored from a backup
  doctor                  what is right about a deployment, and what is not
  stream …                deliver entries to other systems, and see how that goes
  compare --stream NAME   which entries the other side lacks
  keygen                  make a signing key, or print the verifier keys of one
  role                    print the least-privilege MongoDB roles
  keys STEP               make, list, rotate, narrow or revoke the API keys of the collector
  coverage FILE…          which routes of an application record nothing, by its own tests
  actions --config FILE   the catalogue of an application's actions, and what standards ask for
  reconcile --model FILE  changes of documents that no event tells of
  serve                   take events over HTTP, by API keys
  send                    record the events of standard input through a collector

  audit-ledger help <command> says more, with examples. --version prints the version.

Exit codes:
  0    intact, under a key or checkpoint that was given (or --allow-untrusted-key); or done
  1    not intact
  2    could not be checked, or not be done
  130  interrupted
`;

const WHERE = `  --uri URI             the database; AUDIT_LEDGER_URI in the environment does the same, unseen by other users
  --db NAME             the database's name; otherwise that in the URI
  --collections PREFIX  what the names of the collections begin with, as createAudit was given it; otherwise audit`;

const DATABASE = `${WHERE}
  --tenant T            whose chain`;

const LEDGER = `  --ledger NAME         the ledger's name, as createAudit was given it; otherwise that of the stored checkpoints
  --signing-key FILE    the ledger's Ed25519 private key, PKCS#8 PEM`;

/** What `--help` says of one command. */
export const COMMAND_USAGE: Record<CommandName, string> = {
  verify: `Usage: audit-ledger verify FILE… [options]
       audit-ledger verify --uri URI --tenant T [options]

Checks evidence files ("-" is standard input) offline, or a tenant's chain in the database, where it writes nothing.

  --key VKEY            a verifier key of the ledger, as keygen prints it; may be given several times
  --checkpoint FILE     a checkpoint that was kept elsewhere: a signed note, or a file as the option
                        checkpoints.file writes it. Of that the newest checkpoint of the chain counts; for an
                        evidence file, the newest that is not newer than the file
  --allow-untrusted-key take what no key given vouches for: a key out of the file or the database, or no signature
  --json                one JSON document a line: { file or tenantId, exitCode, error, report }

With --uri (or AUDIT_LEDGER_URI) and --tenant:
${DATABASE}
  --ledger NAME         the ledger's name; otherwise that of --key, of --checkpoint, or of the stored checkpoints

Exit codes:
  0  a file is intact, and a key given signed it, or a checkpoint given covers all of it, or
     --allow-untrusted-key is given; a chain is intact, and a checkpoint in it that a key given signed, or the
     checkpoint given, agrees with it (entries recorded later are not covered: the report says which)
  1  not intact: something was altered, removed, added, cut off or rewritten, or others signed the file
  2  could not be checked: usage, a file that cannot be read or is no evidence, a checkpoint that cannot be
     compared, a chain without entries, and whatever is intact but held in place by nothing that was given
  Of several files the worst counts: 1, then 2, then 0.
`,
  export: `Usage: audit-ledger export --uri URI --tenant T [options]

Writes a tenant's entries as evidence. The export is recorded in the chain first.

${DATABASE}
${LEDGER}
  --format FORMAT       jsonl (default), json or csv
  --from D, --to D      recordedAt from, and before; a date alone is a UTC day, both days included
                        (--start-date and --end-date are the same)
  --actor, --action, --resource, --outcome
                        only such entries; an action such as org.* matches a prefix
  --no-proof            entries alone, which verify cannot check
  --by WHO              who exports, for the entry audit.export; otherwise the name of the user who runs this
  --out FILE            written beside FILE first, and renamed when it is whole; otherwise standard output

Exit codes: 0 written, 2 not written, or not wholly: what went to standard output must not be used.
`,
  checkpoint: `Usage: audit-ledger checkpoint --uri URI --tenant T --ledger NAME --signing-key FILE [options]

Signs the current state of a tenant's chain, stores the checkpoint and prints it: keep it where who holds the
database cannot reach it. A chain that contradicts an earlier checkpoint is not signed.

${DATABASE}
${LEDGER}
  --file CHECKPOINTS    a file that it is appended to as well, as the option checkpoints.file does

Exit codes: 0 signed, 2 not signed.
`,
  reopen: `Usage: audit-ledger reopen --uri URI --tenant T --reason TEXT [options]

Opens a chain again whose end does not belong to it (CHAIN_BLOCKED), or that was restored from a backup: sets aside what
does not belong, and records, signed, what was found, by whom and why, and which checkpoints are void by it. The user of
the database may remove entries; the application's need not. See docs/restore.md.

${DATABASE}
${LEDGER}
  --reason TEXT         why, for whoever reads the trail
  --size N              entries that are kept; otherwise up to the last that belongs to the chain
  --file CHECKPOINTS    the file of the option checkpoints.file, in which it has to be recorded, too
  --by WHO              who does this, for the entry; otherwise the name of the user who runs this
  --json                one JSON document: { tenantId, record }

Exit codes: 0 done, or nothing was to be done; 2 not done.
`,
  doctor: `Usage: audit-ledger doctor --uri URI [options]

Looks at a deployment and says in plain words what is right and what is not: server, replica set, indexes, collation,
role of the user of the URI, clock, checkpoints and their age, copies out of reach, failures, outbox, spool, API keys,
streams, size and growth. It writes nothing.

${WHERE}
  --spool DIRECTORY     a spool on this machine, to be looked into
  --max-age SECONDS     how old the newest checkpoint of a tenant with newer entries may be; otherwise a day
  --json                one JSON document: { isHealthy, findings: [{ about, level, says, mend }] }

Exit codes: 0 nothing is wrong ("look" is worth a look, and no fault), 1 something is, 2 it could not be looked at.
`,
  stream: `Usage: audit-ledger stream run --uri URI --config FILE [options]
       audit-ledger stream status --uri URI [--json]
       audit-ledger stream pause|resume|remove|set-aside --uri URI --stream NAME
       audit-ledger stream replay --uri URI --stream NAME --from N|TIME [--tenant T]
       audit-ledger stream test|redeliver --uri URI --config FILE --stream NAME
       audit-ledger stream template [--data-stream NAME]

Delivers entries to other systems, beside the application or in its place: whichever process has the turn. The other
forms tell how it goes and change it, for all processes; what they change is recorded in the chain \`system\`.
"template" prints the index template of Elasticsearch and OpenSearch.

${WHERE}
  --config FILE         a JavaScript module that exports \`streams\`, as createAudit takes them
  --stream NAME         which stream
  --from N|TIME         deliver again from a number of the chain, or from an RFC 3339 date-time
  --tenant T            of one tenant alone

Exit codes: 0 done; 1 a stream fails, or a test or an entry was not taken; 2 not done.
`,
  compare: `Usage: audit-ledger compare --uri URI --stream NAME --seqs FILE [options]

Tells which entries the other side lacks, by a list of the numbers that it has.

${WHERE}
  --stream NAME         which stream
  --seqs FILE           lines of tenant,number ("-" is standard input); a number may be a run such as 5-9
  --tenant T            of one tenant alone, and the lines have numbers alone
  --from N              the first number that was to be delivered; otherwise 1
  --json                one JSON document a tenant

Exit codes: 0 nothing is missing, 1 something is, 2 could not be compared.
`,
  keygen: `Usage: audit-ledger keygen --ledger NAME [--tenant T]… [--out FILE]
       audit-ledger keygen --ledger NAME --tenant T… --signing-key FILE

Makes an Ed25519 signing key, and prints the verifier keys of the tenants, one a line; or prints those of a key
that is there.

  --ledger NAME         the ledger's name
  --tenant T            a tenant whose verifier key to print; may be given several times
  --out FILE            where the private key goes (mode 0600, never overwritten); otherwise standard output, and
                        the verifier keys go to standard error
  --signing-key FILE    a private key that is there
`,
  role: `Usage: audit-ledger role [--db NAME] [--collections PREFIX] [--atlas]

Prints, as commands for mongosh, roles with which entries can be added but neither changed nor removed, and the
indexes that a process with such a role cannot make.

  --db NAME             the database; otherwise the one that mongosh is connected to
  --collections PREFIX  what the names of the collections begin with, as createAudit was given it; otherwise audit
  --atlas               for MongoDB Atlas, as commands of its command line; needs --db
`,
  keys: `Usage: audit-ledger keys create --name NAME --scope S… (--tenant T… | --tenant-prefix P | --any-tenant) [options]
       audit-ledger keys list [--json]
       audit-ledger keys rotate ID [--grace SECONDS]
       audit-ledger keys narrow ID [--scope S…] [--tenant T… | --tenant-prefix P] [--expires D]
       audit-ledger keys revoke ID

API keys of services that hold no database. A new key goes to standard output, this once: the database has its digest.
Each step is recorded in the chain system first, a revocation after it.

${WHERE}
  --name NAME           for people: which service the key is for
  --scope S             write, read, export or verify; may be given several times
  --tenant T            a tenant that the key is bound to; may be given several times
  --tenant-prefix P     all tenants whose ids begin so
  --any-tenant          all tenants, but for the ledger's own
  --expires D           when it ends: an RFC 3339 date-time with its zone
  --grace SECONDS       how long the secret before stays valid beside the new one; otherwise a week
  --by WHO              who does this, for the entry; otherwise the name of the user who runs this
  --json                one JSON document a line

Exit codes: 0 done, 2 not done.
`,
  coverage: `Usage: audit-ledger coverage FILE… [options]

Merges the reports that auditCoverage().save() has written in several processes, and prints them.

  --format FORMAT       markdown (default), sarif or json
  --baseline FILE       a JSON array of routes such as "POST /members" that are known to record nothing; no others may,
                        and those that do by now must leave it
  --write-baseline      makes that file, or takes out of it what needs it no more; it never grows

Exit codes: 0 complete, or as the baseline says; 1 not; 2 could not be told.
`,
  actions: `Usage: audit-ledger actions --config FILE [options]

Prints the catalogue that a module exports as \`actions\`, made by defineActions; or with --standards what SOC 2,
ISO 27001, PCI DSS and HIPAA ask for against it, and with --uri and --tenant against what a chain holds.

  --config FILE         a JavaScript module that exports \`actions\`
  --format FORMAT       markdown (default) or json
  --standards           the table of what is asked for
  --language TAG        of the titles, such as de; otherwise that of \`title\`

${DATABASE}

Exit codes: 0 printed, and nothing is missing of what is asked for; 1 something is; 2 not printed.
`,
  reconcile: `Usage: audit-ledger reconcile --uri URI --model FILE-OR-NAME… [options]

Finds changes that the plugin auditChanges cannot see: by other programs, by Model.collection, by the shell. Each is
recorded once, as ledger.unaccounted_change. Documents are compared with the last state in the trail, in portions, or
where the server has change streams, and --state says how far the last run was, changes are followed.

  --model FILE-OR-NAME  a JavaScript module that exports models, or makes them, and does not connect; or the name of one
                        of these, where not all are meant. May be given several times
${WHERE}
  --tenant T            whose the documents are, where auditChanges has no option \`tenant\`
  --dry-run             tells what it finds, and records nothing
  --baseline            records documents that have no event as they are, so that later changes of theirs show
  --state FILE          keeps where a run has ended: the next one goes on there
  --limit N             looks at about N documents and entries, and goes on the next time
  --grace SECONDS       how long an event may take that is in no transaction; otherwise 5
  --follow              goes on until it is interrupted
  --every SECONDS       how long it waits in between; otherwise 2 with change streams, and 60 without
  --json                one JSON document a line: { finding }, and at the end { report }

Exit codes: 0 no change without an event; 1 some; 2 it could not be looked at.
`,
  serve: `Usage: audit-ledger serve --uri URI [--port N] [options]

The collector as a process of its own, without TLS: put a proxy before it. Prints {"port":N} once it listens.

${WHERE}
  --port N              where it listens; otherwise PORT in the environment, or 8410. 0 is any free one
  --host ADDRESS        otherwise 127.0.0.1
  --ledger NAME         the ledger's name in checkpoints, with --signing-key
  --signing-key FILE    the ledger's Ed25519 private key, PKCS#8 PEM
  --spool DIRECTORY     keeps what was taken on disk until it is recorded
  --grace SECONDS       how long what is under way may take after SIGTERM; otherwise 20

  GET /healthz  200 while the process runs
  GET /readyz   200 while it takes events: the database answers, and the process is not ending
  GET /metrics  Prometheus text. Let your proxy keep it, and the two above, from the public

Exit codes: 0 ended in order, and all that was taken is durable; 2 otherwise.
`,
  send: `Usage: audit-ledger send [options] < EVENTS

Records events, a JSON object a line, through a collector: for scripts, and for programs in other languages. They are
checked and redacted here. An event with an \`id\` may be sent again: it is recorded once.

  --url URL             where the collector is mounted; otherwise AUDIT_LEDGER_URL in the environment
  --key-file FILE       holds the API key; otherwise AUDIT_LEDGER_API_KEY in the environment
  --tenant T            of events that name none
  --timeout SECONDS     how long an event is tried; otherwise 30
  --json                one JSON document a line: { line, receipt or error }

Exit codes: 0 all are durable, 2 some are not: standard error says which and why, the others are recorded.
`,
};
