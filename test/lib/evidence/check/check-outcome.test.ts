import { checkOutcome, type Reliance } from '../../../../lib/evidence/check/check-outcome';
import type { EvidenceReport } from '../../../../lib/evidence/check/report';

const BEGINNING = { isEvidence: true, isPlainExport: false, stated: null };
const NOTHING: Reliance = { hasKeys: false, allowUntrustedKey: false, isUncompared: false };

const report = (members: Partial<EvidenceReport>): EvidenceReport =>
  ({
    verdict: 'intact',
    anchor: 'self-signed',
    ledger: 'l',
    size: 5,
    anchoredSize: 5,
    pin: null,
    ...members,
  }) as EvidenceReport;

const outcome = (members: Partial<EvidenceReport>, reliance: Partial<Reliance> = {}) =>
  checkOutcome(report(members), BEGINNING, { ...NOTHING, ...reliance });

it('is held under a key or a checkpoint that was given, or where nothing is asked for', () => {
  expect(outcome({ anchor: 'signed' }, { hasKeys: true })).toBe('held');
  expect(outcome({ anchor: 'pinned' })).toBe('held');
  expect(outcome({}, { allowUntrustedKey: true })).toBe('held');
});

it('is not checked where nothing that was given holds it, or not all of it', () => {
  expect(outcome({})).toBe('unchecked');
  expect(outcome({ anchor: 'pinned', anchoredSize: 4 })).toBe('unchecked');
  expect(outcome({ size: 0 }, { hasKeys: true })).toBe('unchecked');
});

it('is not checked where a comparison was asked for, and none was possible', () => {
  const pin = { size: 9, result: 'cannot tell', message: '' } as const;
  expect(outcome({ pin }, { hasKeys: true })).toBe('unchecked');
  expect(outcome({}, { hasKeys: true, isUncompared: true })).toBe('unchecked');
});

it('is broken where evidence is, and not checked where there is none', () => {
  const broken = { verdict: 'broken', anchor: 'none' } as const;
  const beginning = { ...BEGINNING, isEvidence: false };
  expect(outcome({ ...broken, ledger: null }, { isUncompared: true })).toBe('broken');
  expect(checkOutcome(report(broken), beginning, NOTHING)).toBe('broken');
  expect(checkOutcome(report({ ...broken, ledger: null }), beginning, NOTHING)).toBe('unchecked');
});
