import { AuditError } from '../../errors';
import { Spool, type SpoolOptions } from './spool';

/** @throws AuditError `INVALID_OPTIONS` where the directory cannot be used. */
export function openSpool(
  options: SpoolOptions,
  maxBytes: number,
  report: (error: AuditError) => void,
): Spool {
  try {
    return new Spool(options, maxBytes, report);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const mend = 'give a folder of the local disk that this process may write to';
    throw new AuditError('INVALID_OPTIONS', `The spool cannot be opened: ${why}: ${mend}.`, { cause: error });
  }
}
