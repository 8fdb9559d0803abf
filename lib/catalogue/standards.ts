import type { ActionDefinition } from './define-actions';
import { OWN_ACTIONS, REQUIREMENTS, type Requirement, type Topic, TOPICS } from './topics';

/** One requirement of a standard against what an application records. */
export interface StandardRow extends Requirement {
  /** The actions of the catalogue, and the ledger's own, that record what is asked for. */
  actions: string[];
  /** Those of them that the trail holds; null where no trail was looked at. */
  seen: string[] | null;
  /** What is asked for, and no action records. */
  missing: Topic[];
}

/**
 * What SOC 2, ISO 27001, PCI DSS and HIPAA ask for, against a catalogue and, where it is given, what a trail holds.
 * @param seen the names of the actions in a trail
 */
export function compareWithStandards(
  definitions: Readonly<Record<string, ActionDefinition>>,
  seen?: readonly string[],
): StandardRow[] {
  const covers = new Map<string, readonly Topic[]>(Object.entries(OWN_ACTIONS));
  for (const [name, { covers: topics = [] }] of Object.entries(definitions))
    covers.set(name, [...(covers.get(name) ?? []), ...topics]);
  return REQUIREMENTS.map((requirement) => {
    const actions = [...covers].flatMap(([name, topics]) =>
      topics.some((topic) => requirement.topics.includes(topic)) ? [name] : [],
    );
    const recorded = actions.flatMap((name) => covers.get(name) ?? []);
    return {
      ...requirement,
      actions: actions.sort(),
      seen: seen ? actions.filter((name) => seen.includes(name)) : null,
      missing: requirement.topics.filter((topic) => !recorded.includes(topic)),
    };
  });
}

/** The comparison as a table in Markdown. */
export function standardsToMarkdown(rows: readonly StandardRow[]): string {
  const lines = rows.map(({ standard, clause, asks, actions, seen, missing }) => {
    const shown = actions.map((name) => `\`${name}\`${seen && !seen.includes(name) ? ' (not yet)' : ''}`);
    const lacks = missing.map((topic) => `**${TOPICS[topic]}**`);
    return `| ${[standard, clause, asks, shown.join(', '), lacks.join(', ') || '–'].join(' | ')} |`;
  });
  const head = [
    '| standard | clause | asks for | recorded by | missing |',
    '| --- | --- | --- | --- | --- |',
  ];
  return [...head, ...lines, ''].join('\n');
}
