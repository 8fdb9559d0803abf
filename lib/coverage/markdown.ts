import { type CoverageReport, ROUTE_STATES, type RouteCoverage } from './report';

/** A report as a table in Markdown. */
export function toMarkdown({ routes, totals }: CoverageReport): string {
  const sum = ROUTE_STATES.map((state) => `${totals[state]} ${state}`).join(', ');
  const rows = routes.map(rowOf);
  const head = ['| route | state | answers (recorded of answered) | actions |', '| --- | --- | --- | --- |'];
  return [`${routes.length} routes: ${sum}`, '', ...head, ...rows, ''].join('\n');
}

function rowOf({ method, path, state, reason, sensitive, outcomes, actions }: RouteCoverage): string {
  const shown = state === 'silent' ? '**silent**' : state;
  const notes = [reason, sensitive === undefined ? undefined : `sensitive: ${sensitive}`].filter(
    (note) => note !== undefined && note !== '',
  );
  const answers = Object.entries(outcomes).map(
    ([outcome, { answered, recorded }]) => `${outcome} ${recorded}/${answered}`,
  );
  const cells = [
    code(`${method} ${path}`),
    [shown, ...notes].join(': '),
    answers.join(', '),
    actions.map(code).join(', '),
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

/** What would end a cell, or begin markup, is a character like others there. */
const cell = (text: string): string =>
  text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
