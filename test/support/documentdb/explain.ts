import { type Document, deserialize, serialize } from 'bson';
import { type Command } from './command';
import { type Connection, type Engine } from './engine';
import { CommandError } from './errors';

interface PostgresPlan {
  'Node Type': string;
  'Index Name'?: string;
  Plans?: PostgresPlan[];
}

const PLAN_OF: Record<string, string> = {
  find: 'bson_aggregation_find',
  aggregate: 'bson_aggregation_pipeline',
  count: 'bson_aggregation_count',
  distinct: 'bson_aggregation_distinct',
};
const STAGES: Record<string, string> = {
  'Seq Scan': 'COLLSCAN',
  'Index Scan': 'IXSCAN',
  'Index Only Scan': 'IXSCAN',
  'Bitmap Index Scan': 'IXSCAN',
  Sort: 'SORT',
  'Incremental Sort': 'SORT',
  Limit: 'LIMIT',
  Aggregate: 'GROUP',
};

const NOT_EXPLAINED = new Set(['explain', '$db', 'lsid']);

/**
 * Answers `explain` with PostgreSQL's plan in the form of `mongod`'s `queryPlanner.winningPlan`. The stages that have a
 * counterpart carry its name; the plan as PostgreSQL tells it is beside them.
 * @throws {CommandError} CommandNotFound, for what DocumentDB does not plan (updates, deletes)
 */
export async function explain(engine: Engine, on: Connection, command: Command): Promise<Document> {
  const explained = explainedCommand(command);
  const name = Object.keys(explained)[0] ?? '';
  const plan = PLAN_OF[name];
  if (!plan)
    throw new CommandError(59, 'CommandNotFound', `the DocumentDB stand-in cannot explain '${name}'`);
  const sql = `explain (format json) select document from documentdb_api_catalog.${plan}($1, $2::bytea)`;
  const row = await engine.row<{ 'QUERY PLAN': [{ Plan: PostgresPlan }] }>(on, sql, [
    command.database,
    serialize(explained),
  ]);
  const postgresPlan = row['QUERY PLAN'][0].Plan;
  const namespace = `${command.database}.${String(explained[name])}`;
  const queryPlanner = { namespace, winningPlan: stageOf(postgresPlan), rejectedPlans: [] };
  return { queryPlanner, command: explained, postgresPlan, ok: 1 };
}

/** The command inside `explain: {…}`, or an aggregate that says `explain: true` itself. */
function explainedCommand(command: Command): Document {
  const spec = deserialize(command.spec, { promoteValues: false });
  const whole = (command.name === 'explain' ? spec['explain'] : spec) as Document;
  const explained = Object.fromEntries(Object.entries(whole).filter(([name]) => !NOT_EXPLAINED.has(name)));
  return 'pipeline' in explained ? { ...explained, cursor: {} } : explained;
}

function stageOf(plan: PostgresPlan): Document {
  const inputs = (plan.Plans ?? []).map(stageOf);
  const stage = STAGES[plan['Node Type']];
  // PostgreSQL wraps a scan into nodes that mongod has no stage for
  if (!stage && inputs.length === 1) return inputs[0] ?? {};
  return {
    stage: stage ?? plan['Node Type'],
    ...(plan['Index Name'] !== undefined && { indexName: plan['Index Name'] }),
    ...(inputs.length === 1 && { inputStage: inputs[0] }),
    ...(inputs.length > 1 && { inputStages: inputs }),
  };
}
