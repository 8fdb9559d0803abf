'use server';

import { revalidatePath } from 'next/cache';
import { forbidden, redirect, unauthorized } from 'next/navigation';
import { auditLog, withAudit } from '../lib/audit';
import { Members } from '../lib/models';
import { beginSession, endSession, signedIn } from '../lib/session';
import { DEMO_PASSWORD, USERS } from '../lib/users';

export const signIn = withAudit(async (form: FormData) => {
  const user = USERS.find(({ id }) => id === form.get('user'));
  if (!user) redirect('/?failed');
  const { id, tenantId } = user;
  if (form.get('password') !== DEMO_PASSWORD) {
    // The customer whose account was tried should know.
    await auditLog.event({
      action: 'auth.login',
      outcome: 'failure',
      tenantId,
      actor: { id: 'anonymous', type: 'anonymous' },
      resource: { type: 'user', id },
    });
    redirect('/?failed');
  }
  await auditLog.event({ action: 'auth.login', tenantId, actor: { id, type: 'user' } });
  await beginSession(user);
  redirect('/');
});

export const signOut = withAudit(async () => {
  await auditLog.event({ action: 'auth.logout' });
  await endSession();
  redirect('/');
});

export const invite = withAudit(async (form: FormData) => {
  const { tenantId } = await admin();
  const email = String(form.get('email'));
  const { id } = await Members.create({ tenantId, email });
  await auditLog.event({ action: 'org.member.invite', resource: { type: 'member', id, name: email } });
  revalidatePath('/');
});

export const remove = withAudit(async (form: FormData) => {
  const { tenantId } = await admin();
  const member = await Members.findOneAndDelete({ _id: String(form.get('id')), tenantId });
  if (!member) return;
  const { id, email } = member;
  await auditLog.event({ action: 'org.member.remove', resource: { type: 'member', id }, before: { email } });
  revalidatePath('/');
});

/** @returns the administrator who is signed in; anybody else is refused, which is recorded */
async function admin() {
  const user = await signedIn();
  if (!user) unauthorized();
  if (user.role !== 'admin') forbidden();
  return user;
}
