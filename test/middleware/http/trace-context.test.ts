import { parseTraceId } from '../../../middleware/http/trace-context';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceIdOf', () => {
  it.each([`00-${TRACE}-${SPAN}-01`, `01-${TRACE}-${SPAN}-00`])('reads %s', (header) => {
    expect(parseTraceId(header)).toBe(TRACE);
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a short id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['something before it', ` 00-${TRACE}-${SPAN}-01`],
    ['something behind it', `00-${TRACE}-${SPAN}-01-x`],
    ['a line end behind it', `00-${TRACE}-${SPAN}-01\n`],
    ['two headers', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ])('ignores %s', (_what, header) => {
    expect(parseTraceId(header)).toBeUndefined();
  });
});
