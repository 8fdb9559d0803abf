import { connect } from './connection';

describe('connect', () => {
  it('gives each caller a database of its own', async () => {
    const [one, other] = [await connect(), await connect()];
    await one.collection('things').insertOne({ of: 'one' });
    expect(await other.collection('things').countDocuments()).toBe(0);
    expect(await one.collection('things').countDocuments()).toBe(1);
  });
});
