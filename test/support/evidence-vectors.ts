import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import vectors from '../vectors/evidence-keys.json';

export const KEYS = vectors.keys;

const folderOf = (folder: string): string => join(__dirname, '../vectors', folder);

export const namesIn = (folder: 'evidence' | 'evidence-bad'): string[] => readdirSync(folderOf(folder));

export const vector = (folder: 'evidence' | 'evidence-bad', name: string): Buffer =>
  readFileSync(join(folderOf(folder), name));
