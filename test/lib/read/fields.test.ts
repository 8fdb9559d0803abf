import { readFields } from '../../../lib/read/fields';
import { FROM, TENANT, TEXT, wholeNumberRule } from '../../../lib/read/rules';

const RULES = { tenantId: TENANT, actor: TEXT, from: FROM, limit: wholeNumberRule(3, 1) };

describe('readFields', () => {
  it('reads what is there, by its rule', () => {
    const query = { tenantId: 't', actor: '', from: new Date(0), limit: 3 };
    expect(readFields(query, RULES)).toEqual({ ...query, from: 0 });
  });

  it('leaves out what is absent, or undefined', () => {
    const fields = readFields({ tenantId: 't', actor: undefined, other: undefined }, RULES);
    expect(Object.keys(fields)).toEqual(['tenantId']);
  });

  it('names all that is wrong at once', () => {
    expect(() => readFields({ actor: 7, from: 'x', limit: 4, other: 1 }, RULES)).toThrow(
      /`other` is not known.*`actor` must be.*`from` must be.*`limit` must be.*`tenantId` is missing/,
    );
  });

  it('takes nothing that the query inherits for a field that is not known', () => {
    expect(readFields(Object.create({ other: 1 }, { tenantId: { value: 't' } }) as object, RULES)).toEqual({
      tenantId: 't',
    });
  });
});
