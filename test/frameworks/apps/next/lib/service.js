import { setTimeout as wait } from 'node:timers/promises';
import { audit } from './audit.js';

export async function callService() {
  await wait(5);
  await audit.event({ action: 'service.called' });
}

export async function fileUploaded(bytes) {
  await audit.event({ action: 'file.uploaded', metadata: { bytes } });
}
