import { DEMO_PASSWORD } from './seed';

const JSON_BODY = `-H 'content-type: application/json'`;

/**
 * How it ends, and what becomes of its data.
 * @param own the address of its own server; without one it uses that of MONGODB_URI, which may hold a password
 */
export function ending(database: string, own?: string): string {
  return own === undefined
    ? `Ctrl+C ends it. Its data stay, in the database ${database} of the server that MONGODB_URI names.`
    : `Ctrl+C ends it and its database server, whose data are then gone. To use that meanwhile: MONGODB_URI='${own}'`;
}

/** What can be tried, as commands for a shell. Its files are named by the port: another application may run beside this one. */
export function tour(address: string): string {
  const { port } = new URL(address);
  const cookies = `/tmp/ada-${port}.jar`;
  const evidence = `/tmp/evidence-${port}.jsonl`;
  return `A small B2B application with an audit trail, at ${address}: open it in a browser, or use a shell.
Password ${DEMO_PASSWORD}; ada@acme.example and grace@globex.example are admins, sam@vendor.example is their support.

Sign in, do something, and see what was recorded:
  curl -s -c ${cookies} ${JSON_BODY} -d '{"email":"ada@acme.example","password":"${DEMO_PASSWORD}"}' ${address}/sign-in
  curl -s -b ${cookies} ${JSON_BODY} -X PATCH -d '{"role":"admin"}' ${address}/members/alan
  curl -s -b ${cookies} '${address}/audit/entries?text=alan&action=!auth.*'

Take it away as a file that proves itself, check that as an auditor would, and the trail where it is:
  curl -s -b ${cookies} -o ${evidence} ${address}/audit/export && npx tsx bin/audit-ledger.ts verify ${evidence} --allow-untrusted-key
  curl -s -b ${cookies} ${address}/audit/verify

`;
}
