import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Audit, createAudit, defineActions } from 'express-audit-ledger';
import type { Connection } from 'mongoose';
import { type StreamOptions, webhook } from 'express-audit-ledger/streams';
import { ROLES } from './models';

/** What the application records itself. Another name does not compile, and is refused. */
export const ACTIONS = defineActions({
  'auth.login': {
    title: { en: 'Signed in', de: 'Angemeldet' },
    covers: ['auth.login', 'auth.login_failure'],
  },
  'auth.logout': { title: { en: 'Signed out', de: 'Abgemeldet' }, covers: ['auth.logout'] },
  'org.member.invite': {
    title: { en: 'Invited a member', de: 'Mitglied eingeladen' },
    resource: 'invitation',
    metadata: { role: ROLES },
    covers: ['account.create'],
  },
  'org.member.role_change': {
    title: { en: 'Changed a role', de: 'Rolle geändert' },
    resource: 'user',
    covers: ['account.change', 'privilege.change'],
  },
  'org.api_key.create': {
    title: { en: 'Made an API key', de: 'API-Schlüssel erzeugt' },
    resource: 'api_key',
    metadata: { prefix: 'string' },
    covers: ['key.change'],
  },
  'contact.import': {
    title: { en: 'Imported a contact', de: 'Kontakt importiert' },
    resource: 'contact',
    covers: ['data.change'],
  },
});

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
