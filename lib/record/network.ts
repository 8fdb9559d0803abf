import ipaddr from 'ipaddr.js';

/** Parts of 16 bits that name the network of an IPv6 address (/64): one customer of a provider has all behind them. */
const NETWORK_PARTS = 4;

/** An IPv4 address as a socket that takes both kinds has it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The network that an address belongs to as far as one caller can choose its address: IPv6 /64, IPv4 itself. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [, mapped] = MAPPED.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!ipaddr.IPv6.isValid(address)) return address;
  const { parts } = ipaddr.IPv6.parse(address);
  return `${parts
    .slice(0, NETWORK_PARTS)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
