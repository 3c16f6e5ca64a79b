import { z } from 'zod';
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

/** Query field of every list that is paged. */
export const cursorField = z.string().max(500).optional().describe('`nextCursor` of the page before.');

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable().describe('Null: this is the last page.') });

/** A place in a list that is sorted by a time, then by an id. */
export type Place = { at: string; id: string };

export const toPlaceCursor = (list: string, { at, id }: Place): string => toCursor(list, `${at} ${id}`);

export function fromPlaceCursor(list: string, cursor: string | undefined): Place | undefined {
  const [at, id] = fromCursor(list, cursor)?.split(' ') ?? [];
  return at === undefined || id === undefined ? undefined : { at, id };
}
