import { AuditError } from '../../lib/errors';

/**
 * Express, when it is needed: who uses another framework need not have it.
 * @throws AuditError `INVALID_OPTIONS` without it.
 */
export function ownExpress(): typeof import('express') {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import` would need it at once
    return require('express') as typeof import('express');
  } catch (cause) {
    const mend = 'install express, or use the router of your framework, see docs/frameworks.md';
    throw new AuditError(
      'INVALID_OPTIONS',
      `auditRouter needs Express, which could not be loaded: ${mend}.`,
      {
        cause,
      },
    );
  }
}
