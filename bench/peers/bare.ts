import type { Peer } from './peer';

/** The application without any record. */
export const bare: Peer = { name: 'bare', attach: () => Promise.resolve({}) };
