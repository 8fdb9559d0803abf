import { exportTrail, importContacts, inviteUser } from './actions.js';

const ACTIONS = { invite: inviteUser, import: importContacts, export: exportTrail };

export default async function Page({ searchParams }) {
  const { what } = await searchParams;
  return (
    <form action={ACTIONS[what]}>
      <input name="email" />
      <button>Do it</button>
    </form>
  );
}
