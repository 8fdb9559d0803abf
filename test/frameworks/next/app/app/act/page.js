import { act1 } from './actions.js';

export default function Page() {
  return (
    <form action={act1}>
      <input name="what" />
      <button>Act</button>
    </form>
  );
}
