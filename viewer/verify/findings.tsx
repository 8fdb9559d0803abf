import type { JSX } from 'preact';
import type { EvidenceReport } from '../../lib/evidence/check/report';
import { useLocale } from './locale';
import { Visible } from './visible';

/** A sentence holds a few names of at most 60 characters each. */
const SENTENCE = 1000;

/** What is proven, and what is not, in the sentences of the report. */
export function Findings({ report: { proven, notProven } }: { report: EvidenceReport }): JSX.Element {
  const { texts } = useLocale();
  return (
    <>
      <Sentences kind="proven" heading={texts.proven} sentences={proven} />
      <Sentences kind="not-proven" heading={texts.notProven} sentences={notProven} />
    </>
  );
}

interface SentencesProps {
  kind: string;
  heading: string;
  sentences: readonly string[];
}

function Sentences({ kind, heading, sentences }: SentencesProps): JSX.Element | null {
  if (sentences.length === 0) return null;
  return (
    <section class={`part ${kind}`}>
      <h4>{heading}</h4>
      <ul lang="en">
        {sentences.map((sentence) => (
          <li key={sentence}>
            <Visible text={sentence} limit={SENTENCE} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What is wrong with a file: the first hundred problems. */
export function Problems({ report }: { report: EvidenceReport }): JSX.Element | null {
  const { texts, number } = useLocale();
  const { heading, caption, kind, seq, message, kinds } = texts.problems;
  const { problems, problemCount } = report;
  if (problemCount === 0) return null;
  return (
    <section class="part">
      <h4>{heading}</h4>
      <table class="problems">
        <caption>{caption(number(problems.length), number(problemCount))}</caption>
        <thead>
          <tr>
            <th scope="col">{kind}</th>
            <th scope="col" class="number">
              {seq}
            </th>
            <th scope="col">{message}</th>
          </tr>
        </thead>
        <tbody>
          {problems.map((problem, i) => (
            <tr key={i}>
              <td>{kinds[problem.kind]}</td>
              <td class="number">{problem.seq === null ? '–' : number(problem.seq)}</td>
              <td lang="en">
                <Visible text={problem.message} limit={SENTENCE} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
