import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose addresses of IPv4 (RFC 6890), and those of groups: none of them is somebody else's on the Internet. */
const INNER_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['168.63.129.16', 32], // Azure's own service beside each machine, which tells it secrets
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

/** Of IPv6 the global addresses alone, without those that lead to others: Teredo, 6to4, documentation. */
const GLOBAL_IPV6 = ['2000::', 3] as const;
const INNER_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const inner = new BlockList();
for (const [address, bits] of INNER_IPV4) inner.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of INNER_IPV6) inner.addSubnet(address, bits, 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet(...GLOBAL_IPV6, 'ipv6');

/** Whether an address is one of the public Internet: neither private, nor link-local, nor of this machine. */
export function isPublicAddress(address: string): boolean {
  // One with a zone is of a network beside this machine, whatever it begins with.
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 4) return !inner.check(address, 'ipv4');
  return family === 6 && globalUnicast.check(address, 'ipv6') && !inner.check(address, 'ipv6');
}
