import type { JSX } from 'preact';
import type { Fault, Mark } from '../check/mark-types';
import type { Broken } from '../data/items';
import type { PageTexts } from '../../texts/en';
import { visibleText } from '../text/visible';
import { useApp } from './app-context';
import { MarkBadge } from './mark-badge';

/** What was checked of an entry, against what, and what that does not show. */
export function Explanation({ mark, seq }: { mark: Mark; seq: number }): JSX.Element {
  const { viewer, t } = useApp();
  const key = viewer.verification?.anchors?.key;
  return (
    <section class={`explanation ${mark.state}`} aria-label={t.explain.title}>
      <p class="verdict">
        <MarkBadge state={mark.state} /> <span class="muted">{t.explain.title}</span>
      </p>
      {sentencesOf(mark, seq, t).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {mark.state === 'checked' && key ? (
        <p class="muted">
          {t.explain.key}: <bdi>{visibleText(key.name)}</bdi> <code>{key.id}</code>
        </p>
      ) : null}
    </section>
  );
}

/** What it means that there is no entry where one should be. */
export function FaultExplanation({ fault }: { fault: Broken }): JSX.Element {
  const { t } = useApp();
  const { faultHint, fault: texts } = t.explain;
  const sentences =
    fault.first === undefined
      ? [texts.unreadable, texts.found(visibleText(fault.message)), faultHint]
      : [`${t.list.broken(fault.seq, fault.first)} ${fault.message}`, texts.missing, faultHint];
  return (
    <section class="explanation broken">
      <p class="verdict">
        <MarkBadge state="broken" />
      </p>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </section>
  );
}

function sentencesOf(mark: Mark, seq: number, { explain }: PageTexts): string[] {
  switch (mark.state) {
    case 'pending':
      return [explain.pending];
    case 'checked': {
      const { through, size } = mark;
      const place = through === seq ? explain.own(size) : explain.linked(through, size);
      return [explain.content, place, explain.limits];
    }
    case 'unanchored': {
      const { reason, size } = mark;
      const why = reason === 'later' ? explain.unanchored.later(size) : explain.unanchored[reason];
      return reason === 'permission' || reason === 'refused'
        ? [explain.content, why]
        : [explain.content, why, explain.unanchoredLimits];
    }
    case 'broken':
      return [...mark.faults.map((fault) => faultText(fault, explain)), explain.brokenHint];
  }
}

function faultText(fault: Fault, { fault: texts }: PageTexts['explain']): string {
  switch (fault.kind) {
    case 'before':
    case 'after':
      return texts[fault.kind](fault.seq, fault.isProven);
    default:
      return texts[fault.kind];
  }
}
