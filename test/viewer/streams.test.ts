import { expectComplaint } from '../support/chromium';
import { type Example, startExample } from '../support/example';
import { Receiver } from '../support/streams/receiver';

let example: Example;

beforeAll(async () => {
  example = await startExample();
  await example.signIn('ada@acme.example');
  await example.audit.checkpoint('acme');
  const { streams } = example.audit;
  const busy = new Receiver();
  busy.answer = () => ({ result: 'stop', reason: 'it answered 403: <b>Forbidden</b>' });
  await streams.add({ name: 'archive', owner: 'acme', to: new Receiver() });
  await streams.add({ name: 'siem', owner: 'acme', to: busy });
  await streams.add({ name: 'initech-siem', owner: 'initech', to: new Receiver() });
  streams.run();
});

describe('the streams of a tenant', () => {
  it('are shown with what is wrong with them, and nothing of those of others', async () => {
    const trail = await example.open();
    await trail.button('2 streams').click();
    const dialog = trail.page.getByRole('dialog', { name: 'Streams to other systems' });
    const siem = dialog.getByRole('region', { name: 'siem' });
    await siem.getByText('receiver, memory').waitFor();
    // Each time that it is opened it is asked anew.
    while (!(await siem.getByText('Failing', { exact: true }).isVisible())) {
      await dialog.getByRole('button', { name: 'Close' }).click();
      await trail.button('2 streams').click();
      await dialog.getByText('Nothing is lost').waitFor();
    }
    await siem.getByText('Entries waiting').locator('..').getByText('1', { exact: true }).waitFor();
    await siem.getByText('it answered 403: <b>Forbidden</b>').waitFor();
    await dialog.getByRole('region', { name: 'archive' }).getByText('Delivering').waitFor();
    expect(await dialog.innerText()).not.toContain('initech');
    expect(await trail.overflow()).toBe(0);
  });

  it('are named in German where the browser is', async () => {
    const { page } = await example.open({ locale: 'de-DE' });
    await page.getByRole('button', { name: '2 Weiterleitungen' }).click();
    const dialog = page.getByRole('dialog', { name: 'Weiterleitungen an andere Systeme' });
    await dialog.getByText('Wartende Einträge').first().waitFor();
  });

  it('are not spoken of where there are none', async () => {
    expectComplaint(/404/); // there is no checkpoint either
    const trail = await example.open({ user: 'grace@globex.example' });
    await trail.row(1).waitFor();
    await trail.isLive();
    expect(await trail.button(/stream/i).count()).toBe(0);
  });
});
