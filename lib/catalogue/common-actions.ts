import type { ActionDefinition } from './define-actions';

/** What most audits ask for, to start from: `defineActions({ ...commonActions, 'invoice.send': { title: '…' } })`. */
export const commonActions = {
  'auth.login': {
    title: { en: 'Signed in', de: 'Angemeldet' },
    description: 'With the outcome `failure` where it was refused.',
    covers: ['auth.login', 'auth.login_failure'],
  },
  'auth.logout': { title: { en: 'Signed out', de: 'Abgemeldet' }, covers: ['auth.logout'] },
  'auth.password.change': {
    title: { en: 'Changed a password', de: 'Passwort geändert' },
    resource: 'user',
    covers: ['auth.credential_change'],
  },
  'auth.mfa.change': {
    title: { en: 'Changed a second factor', de: 'Zweiten Faktor geändert' },
    resource: 'user',
    covers: ['auth.credential_change'],
  },
  'org.member.invite': {
    title: { en: 'Invited a member', de: 'Mitglied eingeladen' },
    resource: 'invitation',
    covers: ['account.create'],
  },
  'org.member.change': {
    title: { en: 'Changed a member', de: 'Mitglied geändert' },
    resource: 'user',
    covers: ['account.change'],
  },
  'org.member.role_change': {
    title: { en: 'Changed a role', de: 'Rolle geändert' },
    resource: 'user',
    covers: ['privilege.change'],
  },
  'org.member.remove': {
    title: { en: 'Removed a member', de: 'Mitglied entfernt' },
    resource: 'user',
    covers: ['account.remove'],
  },
  'org.api_key.create': {
    title: { en: 'Made an API key', de: 'API-Schlüssel erzeugt' },
    resource: 'api_key',
    covers: ['key.change'],
  },
  'org.api_key.revoke': {
    title: { en: 'Revoked an API key', de: 'API-Schlüssel widerrufen' },
    resource: 'api_key',
    covers: ['key.change'],
  },
  'org.settings.change': {
    title: { en: 'Changed settings', de: 'Einstellungen geändert' },
    resource: 'settings',
    covers: ['settings.change'],
  },
  'support.impersonate': {
    title: { en: 'Acted on behalf of somebody', de: 'Im Namen von jemandem gehandelt' },
    resource: 'user',
    covers: ['admin.action'],
  },
  'data.read': { title: { en: 'Read sensitive data', de: 'Sensible Daten gelesen' }, covers: ['data.read'] },
  'data.change': { title: { en: 'Changed data', de: 'Daten geändert' }, covers: ['data.change'] },
  'data.delete': { title: { en: 'Deleted data', de: 'Daten gelöscht' }, covers: ['data.delete'] },
} as const satisfies Readonly<Record<string, ActionDefinition>>;
