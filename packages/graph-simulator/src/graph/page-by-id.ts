import { z } from 'zod';
import { readToken } from './request.js';

const tokenSchema = z.object({ from: z.string() });

/** Where a list goes on: the id in `$skiptoken`, '' at its start; null: no token of ours. */
export const readFrom = (query: URLSearchParams): string | null => {
  const skip = query.get('$skiptoken');
  return skip === null ? '' : (readToken(tokenSchema, skip)?.from ?? null);
};

/** In the order of their ids, those from `from` on: a place in the list stays whatever vanishes before it. */
export const orderedFrom = <T extends { readonly id: string }>(items: Iterable<T>, from: string): T[] =>
  [...items].filter(({ id }) => id >= from).sort((a, b) => (a.id < b.id ? -1 : 1));

/** Up to `limit` of them, and the token of the next page. */
export const pageById = <T extends { readonly id: string }>(
  items: Iterable<T>,
  { from, limit }: { from: string; limit: number },
): { rows: T[]; next: { from: string } | null } => {
  const ordered = orderedFrom(items, from);
  const following = ordered[limit];
  return { rows: ordered.slice(0, limit), next: following === undefined ? null : { from: following.id } };
};
