import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Json } from '../../../lib/chain/json';
import { changeCount, type Difference, differenceOf } from '../data/difference';
import { useApp } from './app-context';
import { JsonTree, More } from './json';
import { Line } from './text';

/** Rows that are shown at once. */
const PORTION = 50;

/** Levels that are indented. */
const DEEPEST = 5;

const SIGNS = { added: '+', removed: '−', changed: '~', same: '=' } as const;

/** One line of the table: a member at its depth, or how many did not change. */
type LineOf = { path: string; depth: number } & ({ member: Difference } | { hidden: Difference[] });

/** Before and after, side by side. */
export function DifferenceView({
  before,
  after,
}: {
  before: Json | undefined;
  after: Json | undefined;
}): JSX.Element {
  const { t } = useApp();
  const whole = useMemo(() => differenceOf(before, after), [before, after]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState(PORTION);
  const lines = useMemo(() => linesOf(spread(whole), opened), [whole, opened]);
  return (
    <>
      <p class="muted">{t.difference.summary(changeCount(whole))}</p>
      <table class="difference">
        <thead>
          <tr>
            <th scope="col">{t.difference.member}</th>
            <th scope="col">{t.difference.before}</th>
            <th scope="col">{t.difference.after}</th>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, shown).map((line) =>
            'member' in line ? (
              <MemberRow key={line.path} {...line} />
            ) : (
              <tr key={line.path}>
                <td colSpan={3}>
                  <button
                    type="button"
                    class="quiet"
                    onClick={() => setOpened(new Set([...opened, line.path]))}
                  >
                    {t.difference.unchanged(line.hidden.length)}
                  </button>
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      <More rest={lines.length - shown} show={() => setShown(shown + PORTION)} />
    </>
  );
}

function MemberRow({ member, depth }: { member: Difference; depth: number }): JSX.Element {
  const { t } = useApp();
  const { kind, name, members } = member;
  return (
    <tr class={members ? 'holder' : kind}>
      <th scope="row" style={{ paddingLeft: `${0.4 + 0.7 * Math.min(depth, DEEPEST)}rem` }}>
        <span class="sign" aria-hidden="true">
          {SIGNS[kind]}
        </span>
        <span class="hidden">{t.difference[kind]}: </span>
        {name === null ? t.difference.whole : <Line text={name} />}
      </th>
      {members ? (
        <td colSpan={2} />
      ) : (
        <>
          <td data-label={t.difference.before}>
            <Side value={member.before} />
          </td>
          <td data-label={t.difference.after}>
            <Side value={member.after} />
          </td>
        </>
      )}
    </tr>
  );
}

function Side({ value }: { value: Json | undefined }): JSX.Element {
  const { t } = useApp();
  return value === undefined ? (
    <span class="muted">{t.difference.absent}</span>
  ) : (
    <JsonTree value={value} depth={1} />
  );
}

/** An object that came or went as a whole is told member by member. */
function spread(whole: Difference): Difference {
  const { kind, before, after } = whole;
  const value = kind === 'added' ? after : kind === 'removed' ? before : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return whole;
  const names = Object.keys(value);
  if (names.length === 0) return whole;
  const side = kind === 'added' ? 'after' : 'before';
  const members = names.map((name): Difference => ({ kind, name, [side]: value[name] }));
  return { ...whole, members };
}

function linesOf(whole: Difference, opened: ReadonlySet<string>): LineOf[] {
  const lines: LineOf[] = [];
  const walk = (member: Difference, path: string, depth: number): void => {
    // The whole says nothing where its members do.
    if (path !== '' || !member.members) lines.push({ path, depth, member });
    if (!member.members) return;
    const deeper = path === '' ? depth : depth + 1;
    const isOpen = opened.has(`${path}/…`);
    const hidden = isOpen ? [] : member.members.filter(({ kind }) => kind === 'same');
    member.members.forEach((each, i) => {
      if (isOpen || each.kind !== 'same') walk(each, `${path}/${i}`, deeper);
    });
    if (hidden.length > 0) lines.push({ path: `${path}/…`, depth: deeper, hidden });
  };
  walk(whole, '', 0);
  return lines;
}
