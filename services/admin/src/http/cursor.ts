import { Failure } from '@muster/contracts';

/** Where a list goes on, in a form that nobody takes apart. */
export const toCursor = (list: string, place: string): string => Buffer.from(`${list}:${place}`).toString('base64url');

/** Rejects one that this list did not give (answered as 400). */
export function fromCursor(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (text.startsWith(`${list}:`)) return text.slice(list.length + 1);
  throw new Failure('store.bad-cursor', 'the cursor is not one that this list gave', { retryable: false });
}
