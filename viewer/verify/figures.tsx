import type { ComponentChildren, JSX } from 'preact';
import type { EvidenceReport } from '../../lib/evidence/check/report';
import { useLocale } from './locale';
import { Visible } from './visible';

/** What was checked, in figures. Of a broken file: what it says of itself. */
export function Figures({ report }: { report: EvidenceReport }): JSX.Element | null {
  const { texts } = useLocale();
  const { figures } = texts;
  const { tenantId, ledger, exportedAt, verdict } = report;
  if (tenantId === null || ledger === null) return null;
  return (
    <section class="part">
      <h4>{verdict === 'broken' ? figures.claims : figures.heading}</h4>
      <dl class="figures">
        <Row name={figures.tenant}>
          <Visible text={tenantId} />
        </Row>
        <Row name={figures.ledger}>
          <Visible text={ledger} />
        </Row>
        {exportedAt !== null && (
          <Row name={figures.exportedAt}>
            <Instant iso={exportedAt} />
          </Row>
        )}
        <Filters report={report} />
        {verdict === 'intact' && <Proof report={report} />}
      </dl>
    </section>
  );
}

function Filters({ report: { filter } }: { report: EvidenceReport }): JSX.Element {
  const { filter: heading, noFilter, filters } = useLocale().texts.figures;
  const asked = Object.entries(filter ?? {}) as [keyof typeof filters, string][];
  return (
    <Row name={heading}>
      {asked.length === 0
        ? noFilter
        : asked.map(([name, value]) => (
            <div key={name}>
              {filters[name]}:{' '}
              {name === 'from' || name === 'to' ? <Instant iso={value} /> : <Visible text={value} />}
            </div>
          ))}
    </Row>
  );
}

function Proof({ report }: { report: EvidenceReport }): JSX.Element {
  const { texts, number } = useLocale();
  const { figures } = texts;
  const { entryCount, matchCount, omittedCount, size, firstSeq, lastSeq, statedBySigner, scope } = report;
  const { anchor, anchoredSize, pin } = report;
  const matched = number(matchCount);
  const isMatched = firstSeq !== null && lastSeq !== null;
  return (
    <>
      <Row name={figures.entries}>{figures.ofSize(number(entryCount), number(size))}</Row>
      <Row name={figures.matches}>{statedBySigner ? figures.andOwn(matched) : matched}</Row>
      {scope !== null && <Row name={figures.complete}>{figures.completeness[scope]}</Row>}
      <Row name={figures.omitted}>{number(omittedCount)}</Row>
      <Row name={figures.matching}>
        {isMatched ? figures.to(number(firstSeq), number(lastSeq)) : figures.none}
      </Row>
      <Row name={figures.anchored}>
        {anchoredSize > 0 ? figures.anchoredTo(number(anchoredSize)) : figures.anchoredNot}
      </Row>
      <Row name={figures.anchor}>{figures.anchors[anchor]}</Row>
      {pin && <Row name={figures.pin}>{figures.pins[pin.result]}</Row>}
    </>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="row">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** In the zone of the reader; as it stands in the file when it is pointed at. */
function Instant({ iso }: { iso: string }): JSX.Element {
  const { time } = useLocale();
  return (
    <time dateTime={iso} title={`${iso} (UTC)`}>
      {time(iso)}
    </time>
  );
}
