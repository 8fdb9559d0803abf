import { audit } from '../../lib/audit.js';

// Rendered by the build, where nothing is recorded.
export default async function Page() {
  const recorded = await audit.event({ tenantId: 'acme', action: 'built' }).then(
    () => 'recorded',
    ({ code }) => code,
  );
  return <p>{recorded}</p>;
}
