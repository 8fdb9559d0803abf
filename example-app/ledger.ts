import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Audit, createAudit } from 'express-audit-ledger';
import type { Connection } from 'mongoose';
import { type StreamOptions, webhook } from 'express-audit-ledger/streams';

/** What the application records itself. Another name does not compile, and is refused. */
const ACTIONS = [
  'auth.login',
  'auth.logout',
  'org.member.invite',
  'org.member.role_change',
  'org.api_key.create',
  'contact.import',
] as const;

/** The application's trail, whose `event()` takes no other action than these. */
export type Ledger = Audit<(typeof ACTIONS)[number]>;

/**
 * The application's audit trail, kept in its own database and signed every few seconds.
 * @param signingKey PKCS#8 PEM text; a new key where there is none, which only a demonstration should do
 * @param siem where each entry is streamed to, if anywhere
 */
export function createLedger(
  connection: Connection,
  signingKey: string | KeyObject = newKey(),
  siem?: { url: string; secret: string },
): Ledger {
  const streams: StreamOptions[] = siem ? [{ name: 'siem', to: webhook({ ...siem, batch: 100 }) }] : [];
  return createAudit({
    connection,
    actions: ACTIONS,
    ledger: 'audit.shop.example',
    signingKey,
    checkpoints: { everySeconds: 10 },
    streams,
  });
}

function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}
