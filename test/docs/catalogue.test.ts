import { commonActions } from '../../index';
import type { ActionDefinition } from '../../lib/catalogue/define-actions';
import { OWN_ACTIONS, REQUIREMENTS } from '../../lib/catalogue/topics';
import { textOf } from './markdown';

const COMMON: Readonly<Record<string, ActionDefinition>> = commonActions;

/** The rows of the table of docs/recipes/compliance.md: the actions that each names, and the clauses. */
const ROWS = textOf('docs/recipes/compliance.md')
  .split('\n')
  .filter((line) => /^\| `/.test(line))
  .map((line) => {
    const [, event = '', , ...clauses] = line.split('|').map((cell) => cell.trim());
    const named = [...event.matchAll(/`([a-z_]+(?:\.[a-z_]+)+)`/g)].map(([, name = '']) => name);
    return { named, clauses: clauses.flatMap((cell) => cell.split(', ')) };
  });

describe('docs/recipes/compliance.md', () => {
  it('names all common actions, and no others but what the ledger records by itself', () => {
    const named = ROWS.flatMap((row) => row.named);
    const isKnown = (name: string) => name in COMMON || name in OWN_ACTIONS || name.startsWith('ledger.');
    expect(named.filter((name) => !isKnown(name))).toEqual([]);
    expect(Object.keys(COMMON).filter((name) => !named.includes(name))).toEqual([]);
  });

  it('has the clauses that compareWithStandards holds against them', () => {
    const missing = ROWS.flatMap(({ named, clauses }) => {
      const topics = named.flatMap((name) => COMMON[name]?.covers ?? OWN_ACTIONS[name] ?? []);
      return REQUIREMENTS.filter((asked) => asked.topics.some((topic) => topics.includes(topic)))
        .map(({ clause }) => clause.replace(/^A\./, '')) // of ISO 27001, whose column says so
        .filter((clause) => !clauses.includes(clause))
        .map((clause) => `${named.join()}: ${clause}`);
    });
    expect(missing).toEqual([]);
  });
});
