import { verifyEvidence } from '../../../../lib/evidence/check/node';
import { chainOf, newSigner, noteOf, streamOf } from '../../../support/evidence-file';

const signer = newSigner();
const key = signer.vkeyOf('org_acme');
const note = noteOf(chainOf(3), signer);
const verify = (options: object): Promise<unknown> => verifyEvidence(streamOf(''), options);

it.each([
  [{ keys: [] }, /`keys` must be an array of one or more/],
  [{ keys: key }, /`keys` must be/],
  [{ keys: [1] }, /`keys` must be/],
  [{ checkpoint: 5 }, /`checkpoint` must be the text/],
  [{ allowUntrustedKey: 'yes' }, /`allowUntrustedKey` must be/],
  [{ allowUntrustedKey: true, keys: [key] }, /left out where `keys` are given/],
  [{ key, Checkpoint: note }, /`key` is not known.*`Checkpoint` is not known/],
])('refuses the options %j', async (options, message) => {
  await expect(verify(options)).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(message),
  });
});

it.each([
  ['UNREADABLE', { keys: [key.slice(0, -1)] }],
  ['UNREADABLE', { keys: [`${key}\n`] }],
  ['UNREADABLE', { keys: [''] }],
  ['CHECKPOINT_UNREADABLE', { checkpoint: '' }],
  ['CHECKPOINT_UNREADABLE', { checkpoint: note.slice(0, -1) }],
  ['CHECKPOINT_UNREADABLE', { checkpoint: `${note}\n` }],
  ['CHECKPOINT_UNREADABLE', { checkpoint: note.replaceAll('\n', '\r\n') }],
  ['CHECKPOINT_UNREADABLE', { checkpoint: key }],
])('says by %s that it cannot read %j', async (code, options) => {
  await expect(verify(options)).rejects.toMatchObject({ code });
});

it('takes an explicit undefined for absent', async () => {
  const options = { keys: undefined, checkpoint: undefined, allowUntrustedKey: undefined };
  expect(await verify(options)).toMatchObject({ verdict: 'broken', pin: null });
});

it('takes keys, a checkpoint and leave to trust the key of the file', async () => {
  expect(await verify({ keys: [key], checkpoint: note })).toMatchObject({ verdict: 'broken' });
  expect(await verify({ allowUntrustedKey: true })).toMatchObject({ verdict: 'broken' });
});
