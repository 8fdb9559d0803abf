import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { elastic, elasticTemplate, otlp } from '../../streams';
import { deliver, pieces } from '../support/streams/deliver';

const COUNT = 200;

/** How long a receiver is waited for, in milliseconds. */
const PATIENCE = 60_000;

/** Delivers to an OpenTelemetry collector by OTLP, which writes a file: each record is there once, in order. */
export async function checkCollector(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-otelcol-'));
  const file = join(folder, 'logs.json');
  writeFileSync(
    join(folder, 'config.yaml'),
    JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:43180' } } } },
      exporters: { file: { path: file } },
      service: { pipelines: { logs: { receivers: ['otlp'], exporters: ['file'] } } },
    }),
  );
  const collector = spawn('otelcol', ['--config', join(folder, 'config.yaml')], { stdio: 'ignore' });
  try {
    const to = otlp({ url: 'http://127.0.0.1:43180' });
    await eventuallyTaken(() => deliver(to, pieces(to, COUNT)));
    const end = Date.now() + PATIENCE;
    let seqs: number[] = [];
    while (seqs.length < COUNT && Date.now() < end) {
      await wait(200);
      const text = readFileSync(file, 'utf8');
      seqs = Array.from(text.matchAll(/"audit\.seq","value":\{"intValue":"(\d+)"/g), ([, seq]) =>
        Number(seq),
      );
    }
    if (seqs.join() !== Array.from({ length: COUNT }, (_, i) => i + 1).join())
      throw new Error(`${seqs.length} of ${COUNT} records are there`);
    return `${COUNT} records, whole and in order`;
  } finally {
    collector.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Delivers to the OpenSearch or Elasticsearch that `OPENSEARCH_URL` names, twice: each document is there once. */
export async function checkOpenSearch(): Promise<string> {
  const url = process.env['OPENSEARCH_URL'] as string;
  const dataStream = `logs-audit.interop-${Date.now()}`;
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  await ask('PUT', `/_index_template/${dataStream}`, elasticTemplate(dataStream));
  try {
    const to = elastic({ url, dataStream });
    await eventuallyTaken(() => deliver(to, pieces(to, COUNT)));
    await eventuallyTaken(() => deliver(to, pieces(to, COUNT)));
    await ask('POST', `/${dataStream}/_refresh`);
    const { count } = await ask('GET', `/${dataStream}/_count`);
    if (count !== COUNT) throw new Error(`${String(count)} documents are there, not ${COUNT}`);
    return `${COUNT} documents, delivered twice and there once`;
  } finally {
    await ask('DELETE', `/_data_stream/${dataStream}`).catch(() => undefined);
    await ask('DELETE', `/_index_template/${dataStream}`).catch(() => undefined);
  }
}

async function eventuallyTaken(deliver: () => Promise<{ result: string }>): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const delivery = await deliver().catch((error: unknown) => ({ result: String(error) }));
    if (delivery.result === 'taken') return;
    if (Date.now() > end) throw new Error(JSON.stringify(delivery));
    await wait(500);
  }
}
