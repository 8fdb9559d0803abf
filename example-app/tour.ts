import { DEMO_PASSWORD } from './seed';

const JSON_BODY = `-H 'content-type: application/json'`;
const IMPORT =
  'JSON.stringify(Array.from({ length: 1000 }, (_, i) => ({ name: `Contact ${i}`, email: `${i}@example.com` })))';

/** What can be tried, as commands for a shell. */
export function tour(address: string): string {
  return `A small B2B application with an audit trail, at ${address}

Open that address in a browser to see the trail as its tenants do, or use a shell:

Sign-ins, all with the password ${DEMO_PASSWORD}
  Acme    ada@acme.example (admin), alan@acme.example (member)
  Globex  grace@globex.example (admin), linus@globex.example (member)
  Vendor  sam@vendor.example (support: sees the trail of each tenant, at /support/audit/acme/)

Sign in, and keep the session in a cookie jar:
  curl -c /tmp/ada.jar ${JSON_BODY} -d '{"email":"ada@acme.example","password":"${DEMO_PASSWORD}"}' ${address}/sign-in

Do something:
  node -p '${IMPORT}' | curl -b /tmp/ada.jar ${JSON_BODY} -d @- ${address}/contacts/import
  curl -b /tmp/ada.jar ${JSON_BODY} -d '{"email":"new@acme.example","role":"member"}' ${address}/members/invitations
  curl -b /tmp/ada.jar ${JSON_BODY} -X PATCH -d '{"role":"admin"}' ${address}/members/alan
  curl -b /tmp/ada.jar ${JSON_BODY} -d '{"name":"Nightly sync"}' ${address}/api-keys
  curl -b /tmp/ada.jar ${address}/contacts.csv

See what was recorded, the newest entry first; Globex has a trail of its own:
  curl -b /tmp/ada.jar '${address}/audit/entries?limit=5'

Take it away as a file that proves itself, and check that file as an auditor would, without the application:
  curl -b /tmp/ada.jar -o /tmp/evidence.jsonl ${address}/audit/export && npx tsx bin/audit-ledger.ts verify /tmp/evidence.jsonl --allow-untrusted-key

Verify that nothing in the trail was changed, removed or put in:
  curl -b /tmp/ada.jar ${address}/audit/verify

`;
}
