import { headers } from 'next/headers';
import { audit } from '../../lib/audit.js';

export default async function Page() {
  await headers();
  const { length } = await audit.list({ tenantId: 'acme' });
  return <p id="count">entries: {length}</p>;
}
