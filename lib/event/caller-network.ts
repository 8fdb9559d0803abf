import ipaddr from 'ipaddr.js';

/** Parts of 16 bits that name the network of an IPv6 address (/64): one customer of a provider has all behind them. */
const NETWORK_PARTS = 4;

/**
 * The network that an address belongs to as far as one caller can choose its address: IPv6 /64, IPv4 itself, also as a
 * socket that takes both kinds has it (`::ffff:192.0.2.1`, in any notation).
 */
export function toCallerNetwork(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address;
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  return `${parsed.parts
    .slice(0, NETWORK_PARTS)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
