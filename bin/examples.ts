import { COMMAND_USAGE, type CommandName } from './usage';

/** Calls as they are made: one for each of the most frequent uses. */
export const EXAMPLES: Record<CommandName, readonly string[]> = {
  verify: [
    "audit-ledger verify evidence.csv --key 'audit.example.com/acme+1a2b3c4d+AbC…'",
    'audit-ledger verify q1.jsonl q2.jsonl --checkpoint checkpoints.jsonl --json',
    'AUDIT_LEDGER_URI=mongodb://localhost/shop audit-ledger verify --tenant acme --checkpoint checkpoints.jsonl',
  ],
  export: [
    'audit-ledger export --uri "$URI" --tenant acme --from 2026-01-01 --to 2026-03-31 --format csv --out q1.csv',
    'audit-ledger export --uri "$URI" --tenant acme --ledger audit.example.com --signing-key key.pem --out all.jsonl',
  ],
  checkpoint: [
    'audit-ledger checkpoint --uri "$URI" --tenant acme --ledger audit.example.com --signing-key key.pem',
  ],
  reopen: [
    'audit-ledger reopen --uri "$ADMIN_URI" --tenant acme --ledger audit.example.com --signing-key key.pem \\\n' +
      "    --file checkpoints.jsonl --reason 'restored the backup of Monday 02:00'",
  ],
  doctor: [
    'audit-ledger doctor --uri "$URI"',
    'audit-ledger doctor --uri "$URI" --spool /var/lib/shop/audit-spool --max-age 3600 --json',
  ],
  stream: [
    'audit-ledger stream run --uri "$URI" --config streams.js',
    'audit-ledger stream status --uri "$URI"',
    'audit-ledger stream replay --uri "$URI" --stream splunk --from 2026-03-01T00:00:00Z',
  ],
  compare: ['audit-ledger compare --uri "$URI" --stream splunk --seqs numbers.csv'],
  keygen: [
    'audit-ledger keygen --ledger audit.example.com --tenant acme --out key.pem',
    'audit-ledger keygen --ledger audit.example.com --tenant globex --signing-key key.pem',
  ],
  role: ['audit-ledger role --db shop | mongosh "$ADMIN_URI"', 'audit-ledger role --db shop --atlas'],
  keys: [
    'audit-ledger keys create --uri "$URI" --name billing --scope write --tenant acme',
    'audit-ledger keys list --uri "$URI"',
    'audit-ledger keys revoke ID --uri "$URI"',
  ],
  coverage: [
    'audit-ledger coverage coverage/audit-*.json',
    'audit-ledger coverage coverage/audit-*.json --format sarif --baseline audit-baseline.json',
  ],
  actions: [
    'audit-ledger actions --config actions.js > ACTIONS.md',
    'audit-ledger actions --config actions.js --standards --uri "$URI" --tenant acme',
  ],
  reconcile: [
    'audit-ledger reconcile --uri "$URI" --model models.js --tenant acme --dry-run',
    'audit-ledger reconcile --uri "$URI" --model models.js --state reconcile.json',
  ],
  serve: [
    'audit-ledger serve --uri "$URI" --port 8410 --spool /var/lib/collector',
    'audit-ledger serve --uri "$URI" --ledger audit.example.com --signing-key key.pem',
  ],
  send: [
    `echo '{"action":"backup.run","actor":"cron"}' | audit-ledger send --url https://audit.example.com --tenant acme`,
    'audit-ledger send --key-file api-key.txt --json < events.jsonl',
  ],
};

/** What `--help` and `help` say of one command. */
export function usageOf(name: CommandName): string {
  const calls = EXAMPLES[name].map((call) => `  ${call}\n`).join('');
  return `${COMMAND_USAGE[name]}\n${EXAMPLES[name].length > 1 ? 'Examples' : 'Example'}:\n${calls}`;
}
