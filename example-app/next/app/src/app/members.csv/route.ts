import { unauthorized } from 'next/navigation';
import { withAudit } from '../../lib/audit';
import { Members } from '../../lib/models';
import { signedIn } from '../../lib/session';

export const GET = withAudit(async (_request: Request) => {
  const user = await signedIn();
  if (!user) unauthorized();
  const members = await Members.find({ tenantId: user.tenantId }).sort('email').lean();
  const lines = ['email', ...members.map(({ email }) => JSON.stringify(email))];
  return new Response(lines.join('\r\n'), { headers: { 'content-type': 'text/csv; charset=utf-8' } });
});
