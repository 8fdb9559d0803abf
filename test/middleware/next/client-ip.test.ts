import fc from 'fast-check';
import { clientAddress, isClientIp } from '../../../middleware/next/client-ip';

const headers = (given: Record<string, string>) => new Headers(given);

describe('the address of a client', () => {
  const forged = headers({ 'x-forwarded-for': '6.6.6.6, 10.0.0.1', 'x-real-ip': '6.6.6.6' });

  it('is unknown where no proxy is declared, whatever a client sends', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('x-forwarded-for', 'x-real-ip', 'forwarded'), (ip, name) => {
        expect(clientAddress(undefined, headers({ [name]: ip }))).toBeUndefined();
      }),
    );
  });

  it('is what the last declared proxy has appended, whatever stands before it', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV4(), { maxLength: 5 }), fc.ipV4(), (before, seen) => {
        const given = headers({ 'x-forwarded-for': [...before, seen].join(', ') });
        expect(clientAddress({ trustedHops: 1 }, given)).toBe(seen);
      }),
    );
    expect(clientAddress({ trustedHops: 2 }, forged)).toBe('6.6.6.6');
    expect(clientAddress({ trustedHops: 3 }, forged)).toBeUndefined();
  });

  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:5678', '1.2.3.4'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['unknown', undefined],
    ['_hidden', undefined],
    ['1.2.3.4<script>', undefined],
  ])('of %s is %s', (sent, address) => {
    expect(clientAddress('x-real-ip', headers({ 'x-real-ip': sent }))).toBe(address);
    expect(clientAddress(() => sent, headers({}))).toBe(address);
  });

  it('cannot be declared to come from what clients begin themselves', () => {
    for (const good of ['x-real-ip', 'CF-Connecting-IP', { trustedHops: 1 }, () => null])
      expect(isClientIp(good)).toBe(true);
    for (const bad of [
      'X-Forwarded-For',
      'forwarded',
      '',
      'a b',
      { trustedHops: 0 },
      { trustedHops: 1.5 },
      {},
      1,
      null,
    ])
      expect(isClientIp(bad)).toBe(false);
  });
});
