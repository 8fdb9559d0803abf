import { VERSION } from '../version';
import { type CoverageReport, incomplete, routeName } from './report';

const RULES = {
  silent: {
    id: 'audit-coverage/silent-route',
    text: 'A route that changes something, or reads what is sensitive, answers without recording an event.',
    level: 'error',
  },
  'never called': {
    id: 'audit-coverage/untested-route',
    text: 'No test calls the route: whether it records is not known.',
    level: 'warning',
  },
} as const;

/** What is missing, in SARIF 2.1.0, which code hosts show beside a change. */
export function toSarif(report: CoverageReport): object {
  const results = incomplete(report).map((route) => {
    const { id, text, level } = RULES[route.state as keyof typeof RULES];
    return {
      ruleId: id,
      level,
      message: { text: `${routeName(route)}: ${text}` },
      locations: [{ logicalLocations: [{ fullyQualifiedName: routeName(route), kind: 'resource' }] }],
      partialFingerprints: { route: routeName(route) },
    };
  });
  const rules = Object.values(RULES).map(({ id, text, level }) => ({
    id,
    shortDescription: { text },
    defaultConfiguration: { level },
  }));
  const driver = { name: 'audit-ledger coverage', version: VERSION, rules };
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  };
}
