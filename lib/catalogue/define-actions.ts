import { Complaints, isObject } from '../util/complaints';
import { metadataFault, type MetadataSchema, schemaFault } from './metadata-schema';
import { type Topic, TOPICS } from './topics';
import { inLanguage, type Words } from './words';

export type { Words };

/** What an action is. */
export interface ActionDefinition {
  /** What happened, for people who read the trail. */
  title: Words;
  description?: Words | undefined;
  /** The type of what it is done to, such as `member`. */
  resource?: string | undefined;
  metadata?: MetadataSchema | undefined;
  /** What of that which audits ask for it records. */
  covers?: readonly Topic[] | undefined;
}

/** An action in words of one language, as JSON. */
export interface DescribedAction {
  name: string;
  title: string;
  description?: string;
  resource?: string;
  metadata?: Record<string, unknown>;
  covers?: readonly Topic[];
}

const KNOWN = ['title', 'description', 'resource', 'metadata', 'covers'];
const NAME_LENGTH = 256;

/** The actions of an application: what `createAudit` takes as `actions`, and their catalogue. */
export class ActionList<Name extends string = string> extends Array<Name> {
  declare readonly definitions: Readonly<Record<string, ActionDefinition>>;

  /** What an array makes of itself, such as by `map`, is an array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The actions in words of a language, or of the first that they have. */
  describe(language?: string): DescribedAction[] {
    return describeActions(this.definitions, language);
  }

  /** The catalogue as a table in Markdown. */
  toMarkdown(language?: string): string {
    const rows = this.describe(language).map((action) => {
      const { name, title, description = '', resource = '', metadata = {}, covers = [] } = action;
      const members = Object.entries(metadata).map(([member, rule]) => `${member}: ${String(rule)}`);
      return `| ${[`\`${name}\``, title, description, resource, members.join(', '), covers.join(', ')].map(cell).join(' | ')} |`;
    });
    const head = [
      '| action | title | description | resource | metadata | covers |',
      '| --- | --- | --- | --- | --- | --- |',
    ];
    return [...head, ...rows, ''].join('\n');
  }
}

/**
 * The actions of an application in one place. Give it to `createAudit` as `actions`: other names are refused, and do not
 * compile; metadata that is none of the action's is reported.
 * @throws AuditError `INVALID_OPTIONS` with all that is wrong.
 */
export function defineActions<const Definitions extends Readonly<Record<string, ActionDefinition>>>(
  definitions: Definitions,
): ActionList<keyof Definitions & string> {
  const complaints = new Complaints();
  if (!isObject(definitions)) complaints.add('actions', 'an object of definitions by name', definitions);
  else
    for (const [name, definition] of Object.entries(definitions))
      checkDefinition(name, definition, complaints);
  complaints.assertNone('INVALID_OPTIONS', 'defineActions cannot use its definitions');
  const list = new ActionList<keyof Definitions & string>();
  list.push(...(Object.keys(definitions) as (keyof Definitions & string)[]));
  return Object.defineProperty(list, 'definitions', { value: { ...definitions } });
}

function checkDefinition(name: string, definition: unknown, complaints: Complaints): void {
  if (name === '' || name.length > NAME_LENGTH)
    complaints.add(name, `a name of 1 to ${NAME_LENGTH} characters`, name);
  if (!isObject(definition)) return complaints.add(name, 'an object such as { title }', definition);
  complaints.unknownFields(definition, KNOWN, `${name}.`);
  const { title, description, resource, metadata, covers } = definition;
  if (!isWords(title)) complaints.add(`${name}.title`, 'a text, or texts by language', title);
  if (description !== undefined && !isWords(description))
    complaints.add(`${name}.description`, 'a text, or texts by language', description);
  if (resource !== undefined && (typeof resource !== 'string' || resource === ''))
    complaints.add(`${name}.resource`, 'a type such as member', resource);
  const fault = metadata === undefined ? null : schemaFault(metadata);
  if (fault !== null) complaints.add(`${name}.metadata`, fault, metadata);
  if (
    covers !== undefined &&
    !(Array.isArray(covers) && covers.every((topic) => Object.hasOwn(TOPICS, topic as string)))
  )
    complaints.add(`${name}.covers`, `an array of ${Object.keys(TOPICS).join(', ')}`, covers);
}

function isWords(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return (
    isObject(value) &&
    Object.keys(value).length > 0 &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

/** The catalogue behind a list of actions, if `defineActions` made it. */
export function definitionsIn(actions: unknown): Readonly<Record<string, ActionDefinition>> | undefined {
  const { definitions } = (actions ?? {}) as { definitions?: Readonly<Record<string, ActionDefinition>> };
  return Array.isArray(actions) && isObject(definitions) ? definitions : undefined;
}

/** What is wrong with the metadata of an event, by the catalogue; null when nothing is. */
export function faultIn(
  definitions: Readonly<Record<string, ActionDefinition>>,
  { action, metadata }: { action: string; metadata?: unknown },
): string | null {
  const schema = Object.hasOwn(definitions, action) ? definitions[action]?.metadata : undefined;
  return schema === undefined ? null : metadataFault(schema, metadata);
}

/** Actions in words of a language, or of the first that they have. */
export function describeActions(
  definitions: Readonly<Record<string, ActionDefinition>>,
  language?: string,
): DescribedAction[] {
  return Object.entries(definitions).map(([name, definition]) => describe(name, definition, language));
}

function describe(name: string, definition: ActionDefinition, language?: string): DescribedAction {
  const { title, description, resource, metadata, covers } = definition;
  const rules = typeof metadata === 'object' && !('~standard' in metadata) ? { ...metadata } : undefined;
  return {
    name,
    title: inLanguage(title, language),
    ...(description !== undefined && { description: inLanguage(description, language) }),
    ...(resource !== undefined && { resource }),
    ...(rules && { metadata: rules }),
    ...(covers && { covers }),
  };
}

const cell = (text: string): string =>
  text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
