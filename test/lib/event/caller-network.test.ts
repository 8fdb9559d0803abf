import * as fc from 'fast-check';
import { toCallerNetwork } from '../../../lib/event/caller-network';
import { timeOf } from '../../support/unreadable';

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['0000:0000:0000:0000:0000:ffff:c000:0201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (address, network) => {
    expect(toCallerNetwork(address)).toBe(network);
  });

  it.each(['', 'unknown', 'unix:', '_hidden', '192.0.2.1:8080', '::ffff:999.0.2.1', '1::2::3', 'g::1', ':'])(
    'of %p, which is none, is itself',
    (address) => {
      expect(toCallerNetwork(address)).toBe(address);
    },
  );

  it('is one for all addresses of a /64, however they are written', () => {
    const part = fc.integer({ min: 0, max: 0xffff });
    const written = (parts: number[], padded: boolean) =>
      parts.map((value) => value.toString(16).padStart(padded ? 4 : 1, '0')).join(':');
    const host = fc.tuple(part, part, part, part);
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 0xffff }), part, part, part),
        host,
        host,
        (net, a, b) => {
          const one = toCallerNetwork(written([...net, ...a], false));
          expect(toCallerNetwork(written([...net, ...b], true).toUpperCase())).toBe(one);
          const [first, second, third, fourth] = net;
          expect(toCallerNetwork(written([first, second, third, fourth ^ 1, ...a], false))).not.toBe(one);
        },
      ),
    );
  });

  it('is told apart for all IPv4 addresses, also as IPv6 sockets have them', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (a, b) => {
        fc.pre(a !== b);
        expect(toCallerNetwork(`::ffff:${a}`)).toBe(a);
        expect(toCallerNetwork(`::ffff:${a}`)).not.toBe(toCallerNetwork(b));
      }),
    );
  });

  it.each([
    ['colons', ':'.repeat(100_000)],
    ['dots', '::ffff:' + '1.'.repeat(50_000)],
    ['groups', '0:'.repeat(50_000)],
    ['zones', '%:'.repeat(50_000)],
  ])('of a hostile text of 100 KB is found soon: %s', (_, text) => {
    expect(timeOf(() => toCallerNetwork(text))).toBeLessThan(60_000);
    expect(toCallerNetwork(text)).toBe(text);
  });
});
