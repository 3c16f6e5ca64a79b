import type { GraphPage } from '@muster/graph-client';

/** The most that Graph gives in a page. */
const PAGE_SIZE = 999;

export type MadePages<T> = {
  people: number;
  /** `at`: when the page was asked for, ms since epoch. */
  toOne: (userId: string, at: number) => T;
  /** In front of each page: Graph's time, or its budget. */
  beforePage: () => Promise<void>;
};

/** Spread evenly, as Entra's are. */
export const toMadeId = (index: number): string => {
  const spread = Math.imul(index, 2_654_435_761) >>> 0;
  return `${spread.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
};

/** A tenant of any size that needs no room: its rows are made page by page. */
export async function* madePages<T>({ people, toOne, beforePage }: MadePages<T>): AsyncGenerator<GraphPage<T>> {
  const pages = Math.ceil(people / PAGE_SIZE);
  for (let page = 0; page < pages; page += 1) {
    const at = Date.now();
    await beforePage();
    const size = Math.min(PAGE_SIZE, people - page * PAGE_SIZE);
    const rows = Array.from({ length: size }, (_, index) => toOne(toMadeId(page * PAGE_SIZE + index), at));
    const nextLink = page + 1 < pages ? `https://graph.test/next?page=${page + 1}` : null;
    yield { rows, malformed: 0, nextLink, observedAt: new Date(at).toISOString() };
  }
}
