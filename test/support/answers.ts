import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer to two events, and what a client does then: test/vectors/collector.json. */
export interface AnswerCase {
  status: number;
  headers?: Record<string, string>;
  body?: object;
  text?: string;
  then: 'again' | 'refused' | 'first' | 'split';
}

/** The ids of the events in each request, where the first two events have the ids `1` and `2`. */
export const REQUESTS: Record<AnswerCase['then'], string[][]> = {
  again: [
    ['1', '2'],
    ['1', '2'],
  ],
  refused: [['1', '2']],
  first: [['1', '2'], ['2']],
  split: [['1', '2'], ['1'], ['2']],
};

/** Answers the first request as it is told, and others with receipts; notes the ids of the events in each. */
export function answering(
  { status, headers = {}, body, text: page }: AnswerCase,
  seen: string[][],
): RequestListener {
  return (req, res) => {
    void text(req).then((sent) => {
      const { events } = JSON.parse(sent) as { events: { id: string; tenantId: string }[] };
      seen.push(events.map(({ id }) => id));
      if (seen.length === 1) return res.writeHead(status, headers).end(body ? JSON.stringify(body) : page);
      const recordedAt = '2027-01-02T03:04:05.006Z';
      const results = events.map(({ id, tenantId }) => ({
        receipt: { id, tenantId, seq: Number(id), hash: '0'.repeat(64), recordedAt },
      }));
      return res.end(JSON.stringify({ results }));
    });
  };
}
