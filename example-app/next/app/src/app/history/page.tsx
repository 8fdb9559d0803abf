import { redirect } from 'next/navigation';
import { auditLog } from '../../lib/audit';
import { signedIn } from '../../lib/session';

/** The newest of the customer's trail, within the application's own pages. */
export default async function History({ searchParams }: { searchParams: Promise<{ cursor?: string }> }) {
  const user = await signedIn();
  if (!user) redirect('/');
  const { cursor } = await searchParams;
  const entries = await auditLog.list({ tenantId: user.tenantId, limit: 20, ...(cursor && { cursor }) });
  return (
    <main>
      <h1>History of {user.tenantId}</h1>
      <table>
        <tbody>
          {entries.map(({ id, occurredAt, actor, action, outcome, resourceName }) => (
            <tr key={id}>
              <td>{occurredAt}</td>
              <td>{actor}</td>
              <td>{action}</td>
              <td>{resourceName}</td>
              <td>{outcome}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {entries.nextCursor !== null && <a href={`?cursor=${entries.nextCursor}`}>Older</a>}{' '}
        <a href="/">Members</a>
      </p>
    </main>
  );
}
