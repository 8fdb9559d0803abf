import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { connect } from '../../support/connection';
import { compiledPath } from '../../support/compiled-path';
import { sharedDatabaseUri } from '../../support/database';

/** Lets a process of its own live to its end, which nothing of the package may delay. */
async function live(life: string): Promise<{ code: number | null; out: string; err: string }> {
  const { name } = await connect();
  const program = compiledPath('test/support/life-process.ts');
  const child = spawn(process.execPath, [program, life, sharedDatabaseUri(), name]);
  const code = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}

describe('a process ends by itself, when', () => {
  it('a script has recorded its event and closed the connection, without a word', async () => {
    expect(await live('script')).toEqual({ code: 0, out: '', err: '' });
  });

  it('a script does not wait for its event, and says which was lost', async () => {
    const { code, err } = await live('hasty');
    expect(code).toBe(0);
    if (err !== '') expect(err).toContain('close the ledger before the connection');
  });

  it('an application that never connected has refused a request', async () => {
    const { code, out, err } = await live('refusal');
    expect({ code, out }).toEqual({ code: 0, out: '401\n' });
    expect(err).toContain('call mongoose.connect() first');
  });

  it('the application disconnects before it closes the ledger, which says what is not durable', async () => {
    const late = '[{"tenantId":"t","id":"late"}]';
    const out = `STORE_UNAVAILABLE ${late}\nSTORE_UNAVAILABLE ${late}\nCLOSED null\n`;
    expect(await live('disconnected')).toEqual({ code: 0, out, err: '' });
  });

  it('it disconnects while the ledger closes', async () => {
    expect(await live('together')).toMatchObject({ code: 0, out: '5 settled\n' });
  });

  it('many ledgers and tenants wait for a connection, and Node.js has nothing to warn of', async () => {
    const { code, err } = await live('crowded');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
