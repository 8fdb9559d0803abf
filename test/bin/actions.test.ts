import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAudit } from '../support/create-audit';
import { compiledPath } from '../support/compiled-path';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { temporaryFolder } from '../support/temporary';
import { runHere } from './program';

/** A module with a catalogue. */
function config(exported = 'exports.actions = actions;'): string {
  const file = join(temporaryFolder(), 'actions.cjs');
  writeFileSync(
    file,
    `const { defineActions } = require(${JSON.stringify(compiledPath('index.ts'))});
const actions = defineActions({
  'org.member.invite': { title: { en: 'Invited a member', de: 'Mitglied eingeladen' }, covers: ['account.create'] },
  'contact.import': { title: 'Imported | a contact', metadata: { count: 'number' } },
});
${exported}`,
  );
  return file;
}

describe('audit-ledger actions', () => {
  it('prints the catalogue as Markdown, or as JSON, in a language', async () => {
    const markdown = await runHere(['actions', '--config', config()]);
    expect(markdown.code).toBe(0);
    expect(markdown.out).toMatch(/^\| action \| title .*\n.*\n\| `org\.member\.invite` \| Invited a member/);
    expect(markdown.out).toContain('Imported \\| a contact');
    const json = await runHere(['actions', '--config', config(), '--format', 'json', '--language', 'de']);
    expect(JSON.parse(json.out)).toMatchObject([
      { name: 'org.member.invite', title: 'Mitglied eingeladen' },
      { name: 'contact.import', title: 'Imported | a contact', metadata: { count: 'number' } },
    ]);
  });

  it('compares it with standards, and with what a chain holds', async () => {
    const given = ['actions', '--config', config(), '--standards'];
    const table = await runHere(given);
    expect([table.code, table.out]).toEqual([1, expect.stringContaining('PCI DSS')]);
    const connection = await connect();
    const audit = createAudit({ connection });
    await audit.event({ tenantId: 'acme', action: 'org.member.invite' });
    await audit.close();
    const at = [
      '--uri',
      sharedDatabaseUri(),
      '--db',
      connection.name,
      '--tenant',
      'acme',
      '--format',
      'json',
    ];
    const compared = await runHere([...given, ...at]);
    expect(compared.code).toBe(1);
    expect(JSON.parse(compared.out)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ seen: expect.arrayContaining(['org.member.invite']) }),
      ]),
    );
  });

  it.each([
    [() => [], '--config is missing'],
    [
      () => ['--config', config('exports.actions = ["a"];')],
      'exports no `actions` that defineActions has made',
    ],
    [() => ['--config', config(), '--format', 'xml'], '--format must be one of markdown, json, got "xml"'],
    [() => ['--config', config(), 'more'], '"more" is not expected here'],
  ])('%# is refused', async (args, why) => {
    expect(await runHere(['actions', ...args()])).toMatchObject({
      code: 2,
      err: expect.stringContaining(why),
    });
  });
});
