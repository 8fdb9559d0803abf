import { attachmentName, CONTENT_TYPES } from '../../../../middleware/http/api/download';
import { isAttachment } from '../../../../middleware/http/sent-headers';
import { FORMATS } from '../../../support/evidence';

describe('attachmentName', () => {
  it.each(FORMATS)('is safe in any file system, and says when: %s', (format) => {
    const name = attachmentName(format, new Date('2026-05-01T12:34:56.789Z'));
    expect(name).toBe(`attachment; filename="audit-20260501T123456Z.${format}"`);
    expect(isAttachment(name)).toBe(true);
  });

  it('says now when it is told nothing', () => {
    expect(attachmentName('csv')).toMatch(/^attachment; filename="audit-\d{8}T\d{6}Z\.csv"$/);
  });
});

describe('CONTENT_TYPES', () => {
  it.each(FORMATS)('names no type that a browser would run, and the encoding: %s', (format) => {
    expect(CONTENT_TYPES[format]).toMatch(/^(text\/csv|application\/jsonl?); charset=utf-8/);
  });
});
