import { Failure } from '@muster/contracts';
import { createTrail } from './follow-links.js';
import type { GraphPage } from './graph.js';
import type { Transport } from './microsoft-graph.js';

export type PagesOptions<T> = {
  transport: Transport;
  /** First path, or the link at which an earlier run stopped. */
  from: string;
  what: string;
  /** Not carried by nextLinks, so sent with each page. */
  headers?: Record<string, string>;
  /** Null = a row that is not what it should be; `skip` = a row that is none of our business. */
  toRow: (row: unknown) => T | null | 'skip';
};

/** Follows `@odata.nextLink`, verbatim, to the end (https://learn.microsoft.com/graph/paging). */
export async function* readPages<T>(options: PagesOptions<T>): AsyncGenerator<GraphPage<T>> {
  const { transport, what, headers = {}, toRow } = options;
  const follow = createTrail(options.from, what);
  for (let link: string | null = options.from; link !== null;) {
    const { body, observedAt } = await transport({ method: 'GET', path: link, headers, what });
    const { value, nextLink } = readPage(body, what);
    follow(nextLink);
    const rows: T[] = [];
    let malformed = 0;
    for (const item of value) {
      const row = toRow(item);
      if (row === null) malformed += 1;
      else if (row !== 'skip') rows.push(row);
    }
    yield { rows, malformed, nextLink, observedAt };
    link = nextLink;
  }
}

/** A page without a list is a failure, never an empty page: absence must not follow from a broken answer. */
function readPage(body: unknown, what: string): { value: unknown[]; nextLink: string | null } {
  const page = (body ?? {}) as { value?: unknown; '@odata.nextLink'?: unknown };
  const nextLink = page['@odata.nextLink'] ?? null;
  if (!Array.isArray(page.value) || (nextLink !== null && typeof nextLink !== 'string'))
    throw new Failure('graph.malformed', `${what}: Graph's page holds no list`, { retryable: true });
  return { value: page.value, nextLink };
}
