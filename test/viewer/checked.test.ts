import type { RequestListener } from 'node:http';
import { toDocument } from '../../models/store/write-document';
import { allowComplaint, leavePages } from '../support/chromium';
import { type Example, type Opening, startExample } from '../support/example';
import { newKey } from '../support/signing';
import { recordSome } from '../support/some-entries';
import type { Trail } from '../support/trail-page';
import { rehashed } from './page/trail';

/** Entries that a checkpoint covers, and all. */
const [ANCHORED, SIZE] = [20, 23];

let example: Example;

beforeAll(async () => {
  example = await startExample();
  await example.signIn('ada@acme.example'); // the first entry
  await recordSome(example.audit, ANCHORED - 1);
  await example.audit.checkpoint('acme');
  await recordSome(example.audit, SIZE - ANCHORED, { after: ANCHORED });
});

const own = (seq: object | number) => ({ tenantId: 'acme', seq });
/** Beside leaves that are gone or others the server proves nothing, and answers 500. A page that knows already what is wrong does not ask. */
const mayAskForProof = () => allowComplaint(/status of 500/);
const explanationIn = ({ detail }: Trail) =>
  detail.getByRole('region', { name: 'Verification in your browser' });

/** Opens the page, and waits until all of it that can be is checked. */
async function openChecked(opening: Opening = {}): Promise<Trail> {
  const trail = await example.open({ viewport: { width: 1280, height: 1500 }, ...opening });
  await trail.marks(ANCHORED, 'checked');
  await trail.marks(2, 'checked');
  return trail;
}

describe('what the browser checks', () => {
  it('is checked up to the checkpoint, and recorded and no more behind it', async () => {
    const trail = await openChecked();
    const marks = await Promise.all((await trail.seqs()).map((seq) => trail.mark(seq)));
    expect(marks).toEqual(
      Array.from({ length: SIZE }, (_, i) => (SIZE - i > ANCHORED ? 'unanchored' : 'checked')),
    );
    await trail.text(`Signed: ${ANCHORED} entries`).waitFor();
    expect(await trail.row(ANCHORED).locator('[data-mark]').textContent()).toBe('Checked');
    expect(await trail.row(SIZE).locator('[data-mark]').textContent()).toBe('Recorded');
  });

  it('is told in words', async () => {
    const trail = await openChecked();
    await trail.openEntry(ANCHORED);
    const words = explanationIn(trail);
    await words.getByText('Your browser has checked the content of this entry').waitFor();
    await words
      .getByText(`It is among the first ${ANCHORED} entries, which the keeper of this trail has signed`)
      .waitFor();
    await words.getByText('audit.example.com/acme').waitFor();
    await trail.openEntry(5);
    await words.getByText(`Entry ${ANCHORED} is among the first`).waitFor();
    await trail.openEntry(SIZE);
    await words.getByText(`It is newer than the last signature, which covers ${ANCHORED} entries`).waitFor();
  });

  it('is checked all the same where the browser has no cryptography for the page', async () => {
    const trail = await openChecked({ host: 'trail.test' });
    expect(await trail.page.evaluate('[isSecureContext, typeof crypto.subtle]')).toEqual([
      false,
      'undefined',
    ]);
    await trail.openEntry(5);
    await trail.detail.locator('[data-mark="checked"]').waitFor();
    await trail.detail.getByRole('button', { name: 'Copy link' }).click();
    await trail.detail.getByRole('button', { name: 'Copied' }).waitFor();
  });

  it('is checked entry by entry where a filter leaves out those between', async () => {
    const trail = await example.open({ path: '/audit/?action=contact.import' });
    for (const seq of [5, 10, 15, 20]) await trail.marks(seq, 'checked');
  });

  it('is checked by the server, too, when somebody asks for all of it', async () => {
    const trail = await openChecked();
    await trail.button('Check the whole trail').click();
    const dialog = trail.page.getByRole('dialog', { name: 'Check the whole trail' });
    await dialog.getByText('The trail is intact').waitFor();
    await dialog.getByText(`The first ${ANCHORED} entries are as they were when they were signed.`).waitFor();
    await trail.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await trail.focused()).toBe('button Check the whole trail');
  });
});

describe('when somebody has altered the database', () => {
  afterEach(async () => {
    await leavePages(); // which would see the entries go and come
    const { entries } = example;
    await entries.deleteMany(own({ $gt: 0 }));
    await entries.insertMany(originals);
  });
  let originals: Record<string, unknown>[];
  beforeAll(async () => {
    originals = await example.entries.find({ tenantId: 'acme' }).sort({ seq: 1 }).toArray();
  });

  /** Marks of the entries around the tenth. */
  const around = (trail: Trail) => Promise.all([9, 10, 11].map((seq) => trail.mark(seq)));

  it('shows that the content of an entry is not what was recorded', async () => {
    await example.entries.updateOne(own(10), { $set: { actor: 'mallory' } });
    const trail = await openChecked();
    await trail.marks(10, 'broken');
    await trail.marks(9, 'checked');
    expect(await around(trail)).toEqual(['checked', 'broken', 'checked']);
    expect(await trail.row(10).locator('[data-mark]').textContent()).toBe('Broken');
    await trail.openEntry(10);
    await explanationIn(trail)
      .getByText('The content of this entry does not match its hash: it was altered after it was recorded.')
      .waitFor();
    expect(await trail.detail.locator('[data-mark]').getAttribute('data-mark')).toBe('broken');
  });

  it('shows an entry that cannot be read any more, in its place', async () => {
    await example.entries.updateOne(own(10), { $set: { actor: { $ne: null } } });
    const trail = await openChecked();
    await trail.marks(10, 'broken');
    expect(await around(trail)).toEqual(['checked', 'broken', 'checked']);
    expect(await trail.row(10).textContent()).toMatch(/Entry 10.*its member "actor"/);
  });

  it('says what is wrong with an entry that cannot be read, also where entries are shown in full', async () => {
    await example.entries.updateOne(own(10), { $set: { actor: 42 } });
    const trail = await openChecked();
    await trail.marks(10, 'broken');
    await trail.row(10).click();
    await trail.detail.getByText(/its member "actor"/).waitFor();
    await trail.detail.locator('[data-mark="broken"]').waitFor();
  });

  it('shows an entry that was altered with its hash, and whom it does not fit', async () => {
    const [entry] = (await example.audit.list({ tenantId: 'acme', limit: 1000 })).filter(
      ({ seq }) => seq === 10,
    );
    const forged = toDocument(rehashed(entry!, { actor: 'mallory' }));
    await example.entries.replaceOne(own(10), forged);
    mayAskForProof();
    const trail = await example.open();
    await trail.marks(ANCHORED, 'checked');
    await trail.marks(10, 'broken');
    expect(await trail.mark(11)).toBe('checked');
    await trail.openEntry(10);
    await explanationIn(trail).getByText('Entry 11 does not link back to it').waitFor();
  });

  it('shows that entries are missing', async () => {
    await example.entries.deleteMany(own({ $in: [6, 10, 11, 12] }));
    mayAskForProof();
    const trail = await example.open();
    await trail.text('Entry 6 is missing from the trail.').waitFor();
    await trail.text('Entries 10 to 12 are missing from the trail.').waitFor();
    await trail.marks(12, 'broken');
    expect((await trail.seqs()).slice(SIZE - 13, SIZE - 8)).toEqual([13, 12, 9, 8, 7]);
  });

  it('shows that the first entries are missing', async () => {
    await example.entries.deleteMany(own({ $lt: 4 }));
    const trail = await example.open({ viewport: { width: 1280, height: 1500 } });
    await trail.text('Entries 1 to 3 are missing from the trail.').waitFor();
    expect((await trail.seqs()).at(-1)).toBe(3);
  });

  it('shows that the newest entries are missing, which a checkpoint covers', async () => {
    await example.entries.deleteMany(own({ $gt: ANCHORED - 3 }));
    mayAskForProof();
    const trail = await example.open({ viewport: { width: 1280, height: 1500 } });
    await trail.row(5).waitFor();
    await trail.text(`Signed: ${ANCHORED} entries`).waitFor();
    await trail
      .text(/missing from the trail/)
      .first()
      .waitFor();
  });

  it('finds an entry of another trail', async () => {
    await example.audit.event({ tenantId: 'globex', action: 'auth.login', actor: 'grace' });
    const foreign = await example.entries.findOne({ tenantId: 'globex' });
    await example.entries.deleteOne(own(10));
    await example.entries.insertOne({ ...foreign, _id: 'acme:moved' as never, tenantId: 'acme', seq: 10 });
    mayAskForProof();
    const trail = await example.open();
    await trail.marks(10, 'broken');
    await trail.openEntry(10);
    await trail.detail.locator('[data-mark="broken"]').waitFor();
  });

  it('is also found by the server', async () => {
    await example.entries.updateOne(own(10), { $set: { actor: 'mallory' } });
    const trail = await openChecked();
    await trail.button('Check the whole trail').click();
    const dialog = trail.page.getByRole('dialog', { name: 'Check the whole trail' });
    await dialog.getByText('The trail is broken').waitFor();
    await dialog.getByText('The content of entry 10 does not give its hash.').waitFor();
    await dialog.getByText('tell whoever is responsible for security').waitFor();
  });
});

describe('when the trail is signed by another key', () => {
  afterEach(() => example.serve(example.application));

  /** Answers what begins with a path as somebody with another key would. */
  const forging = async (path: string): Promise<RequestListener> => {
    const { audit, application } = example.another(newKey());
    await audit.checkpoint('acme');
    return (req, res) => (req.url?.startsWith(path) ? application : example.application)(req, res);
  };

  it('warns that the checkpoint is not the ledger’s', async () => {
    example.serve(await forging('/audit/checkpoint'));
    const trail = await example.open();
    await trail.page
      .getByRole('alert')
      .getByText('The newest signature is not by the key of this trail. Do not rely')
      .waitFor();
    await trail.text('Signature not valid').waitFor();
    await trail.marks(5, 'broken');
    expect(await trail.grid.locator('[data-mark="checked"]').count()).toBe(0);
    await trail.openEntry(5);
    await explanationIn(trail).getByText('nothing can be compared with it').waitFor();
  });

  it('takes no proof with such a checkpoint', async () => {
    example.serve(await forging('/audit/entries/'));
    const trail = await example.open();
    await trail.marks(ANCHORED, 'broken');
    await trail.openEntry(ANCHORED);
    await explanationIn(trail)
      .getByText('does not lead to anything that was signed with the key of this trail')
      .waitFor();
  });

  it('warns when it was another one on the visit before, until somebody knows why', async () => {
    const trail = await openChecked();
    const before = (
      (await (await trail.page.request.get('/audit/session')).json()) as { verifierKey: string }
    ).verifierKey;
    const alert = trail.page.getByRole('alert');
    expect(await alert.getByText(/./).count()).toBe(0);
    await trail.page.reload();
    await trail.marks(2, 'checked');
    expect(await alert.getByText(/./).count()).toBe(0);

    example.serve(await forging('/audit/'));
    await trail.page.reload();
    await alert.getByText('is not the one that this browser saw before').waitFor();
    expect((await alert.getByRole('definition').allTextContents())[0]).toBe(before);
    await trail.page.reload();
    await alert.getByText('is not the one').waitFor();
    await alert.getByRole('button', { name: 'I was told the reason' }).click();
    await alert.getByText('is not the one').waitFor({ state: 'detached' });
    await trail.page.reload();
    await trail.marks(SIZE, 'checked');
    expect(await alert.getByText(/./).count()).toBe(0);
  });

  it('warns when a checkpoint was taken back', async () => {
    const trail = await openChecked();
    const { checkpoints, audit } = example;
    const known = await checkpoints.find({}).toArray();
    const newer = await audit.checkpoint('acme');
    await trail.page.reload();
    await trail.marks(SIZE, 'checked');
    await checkpoints.deleteMany({ note: newer });
    await trail.page.reload();
    await trail.page
      .getByRole('alert')
      .getByText(`a signature of ${SIZE} entries before; the newest one is of ${ANCHORED}`)
      .waitFor();
    expect(known.length).toBeGreaterThan(0);
  });
});
