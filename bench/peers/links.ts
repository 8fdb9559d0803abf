/** How a record of a hash chain refers to the one before it. */
export interface Link {
  prevHash?: string | null;
  hash: string;
}

/** Whether records form one chain, going by their links alone: it does not look at what the hashes are of. */
export function brokenLinks(links: Link[]): string {
  const hashes = new Set(links.map(({ hash }) => hash));
  const followed = new Set<string>();
  let starts = 0;
  let forks = 0;
  let dangling = 0;
  for (const { prevHash } of links) {
    if (!prevHash) starts++;
    else if (!hashes.has(prevHash)) dangling++;
    else if (followed.has(prevHash)) forks++;
    else followed.add(prevHash);
  }
  if (starts === 1 && forks === 0 && dangling === 0) return 'intact';
  return `broken: ${starts} beginnings, ${forks} forks, ${dangling} links to nothing`;
}
