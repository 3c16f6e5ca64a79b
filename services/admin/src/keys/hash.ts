import { createHash } from 'node:crypto';

/** Keys and session ids are random, 256 bits: one round of SHA-256 is enough. */
export const toHash = (text: string): string => createHash('sha256').update(text).digest('hex');
