import { build } from 'esbuild';
import { join } from 'node:path';
import type { VerifyEvidenceOptions } from '../../lib/evidence/check/options';
import type { EvidenceReport } from '../../lib/evidence/check/report';
import { verifyEvidence } from '../../lib/evidence/check/node';
import { newPage } from '../support/chromium';
import { streamOf } from '../support/evidence-file';
import { KEYS, namesIn, vector } from '../support/evidence-vectors';
import { check, openVerify } from '../support/verify-page';

const FILES = (['evidence', 'evidence-bad'] as const).flatMap((folder) =>
  namesIn(folder).map((name) => ({ name, content: vector(folder, name) })),
);

const [, older = ''] =
  vector('evidence', 'full.jsonl')
    .toString()
    .match(/"note":"([^"]*)"/) ?? [];
const checkpoint = JSON.parse(`"${older}"`) as string;

/** What the page is made of, without the page. */
async function bundledVerifier(): Promise<string> {
  const contents = `
    import { verifyStream } from './lib/evidence/check/verifier';
    import { WEB_CRYPTO } from './viewer/crypto';
    globalThis.verified = (base64, options, size) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const chunks = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      return verifyStream(chunks(), options, WEB_CRYPTO);
    };`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(__dirname, '../..'), loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  });
  return outputFiles[0]?.text ?? '';
}

it('gives the reports of Node.js in the browser, for every vector', async () => {
  const page = await newPage();
  await page.evaluate(await bundledVerifier());
  const choices: VerifyEvidenceOptions[] = [{}, { keys: KEYS }, { keys: KEYS, checkpoint }, { checkpoint }];
  const sizes = [7, 1000, 64_000, 1e9];
  for (const { name, content } of FILES) {
    const base64 = content.toString('base64');
    const calls = choices.map(
      (options, i) => `verified('${base64}', ${JSON.stringify(options)}, ${sizes[i]})`,
    );
    const reports = await page.evaluate<EvidenceReport[]>(`Promise.all([${calls.join(', ')}])`);
    const onNode = choices.map((options) => verifyEvidence(streamOf(content), options));
    expect({ name, reports }).toEqual({ name, reports: await Promise.all(onNode) });
  }
});

it('shows what Node.js finds, for every vector', async () => {
  const page = await openVerify();
  const shown = await check(page, FILES, { keys: KEYS });
  const reports = await Promise.all(
    FILES.map(({ content }) => verifyEvidence(streamOf(content), { keys: KEYS })),
  );

  expect(
    shown.map(({ file, verdict, problems, proven, notProven }) => ({
      file,
      verdict,
      problems: problems.map(({ message }) => message),
      proven,
      notProven,
    })),
  ).toEqual(
    reports.map(({ verdict, problems, proven, notProven }, i) => ({
      file: FILES[i]?.name,
      verdict: verdict === 'intact' ? 'signed' : 'broken',
      problems: problems.map(({ message }) => message),
      proven,
      notProven,
    })),
  );
});
