import ipaddr from 'ipaddr.js';

/** Parts of 16 bits that name the network of an IPv6 address (/64): one customer of a provider has all behind them. */
const NETWORK_PARTS = 4;

/** The network that an address belongs to as far as one caller can choose its address: IPv6 /64, IPv4 itself. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address); // gives the IPv4 address that an IPv6 one stands for
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const { parts } = parsed as ipaddr.IPv6;
  return `${parts
    .slice(0, NETWORK_PARTS)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
