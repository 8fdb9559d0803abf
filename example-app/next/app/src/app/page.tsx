import { Members } from '../lib/models';
import { signedIn } from '../lib/session';
import { DEMO_PASSWORD, type User, USERS } from '../lib/users';
import { invite, remove, signIn, signOut } from './actions';

export default async function Home({ searchParams }: { searchParams: Promise<{ failed?: string }> }) {
  const user = await signedIn();
  if (user) return <Dashboard user={user} />;
  const { failed } = await searchParams;
  return (
    <main>
      <h1>Sign in</h1>
      {failed !== undefined && <p role="alert">That is not the password.</p>}
      <form action={signIn}>
        <label>
          User{' '}
          <select name="user">
            {USERS.map(({ id, name, role, tenantId }) => (
              <option key={id} value={id}>
                {name}, {role} of {tenantId}
              </option>
            ))}
          </select>
        </label>{' '}
        <label>
          Password <input type="password" name="password" defaultValue={DEMO_PASSWORD} />
        </label>{' '}
        <button>Sign in</button>
      </form>
    </main>
  );
}

async function Dashboard({ user }: { user: User }) {
  const members = await Members.find({ tenantId: user.tenantId }).sort('email').lean();
  return (
    <main>
      <h1>Members of {user.tenantId}</h1>
      <ul>
        {members.map(({ _id, email }) => (
          <li key={String(_id)}>
            <form action={remove}>
              {email}{' '}
              <button name="id" value={String(_id)} aria-label={`Remove ${email}`}>
                Remove
              </button>
            </form>
          </li>
        ))}
      </ul>
      <form action={invite}>
        <label>
          Email <input name="email" type="email" required />
        </label>{' '}
        <button>Invite</button>
      </form>
      <p>
        <a href="/members.csv">As a file</a> · <a href="/history">History</a> ·{' '}
        <a href="/audit">The audit trail</a>
      </p>
      <form action={signOut}>
        {user.name} <button>Sign out</button>
      </form>
    </main>
  );
}
