import { useState } from 'preact/hooks';
import { toQuery } from '../api/client.js';
import { useGet, useHasRoute } from '../api/queries.js';
import type { Page as PageOf } from '../domain/api-types.js';
import { formatInstant } from '../domain/format.js';
import { Card, Empty, Load } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';

export type AuditEntry = {
  at: string;
  action?: string;
  what?: string;
  who?: string | { name?: string | null; id?: string };
  actor?: string | { name?: string | null; id?: string };
  target?: string | null;
  integrationId?: string | null;
  outcome?: string;
  detail?: unknown;
};

/** Who did what. */
export function AuditPage() {
  const has = useHasRoute('/audit');
  return (
    <Page title="Audit" lead="Who did what, newest first.">
      <Card>
        {has ? <Entries /> : <Empty title="Nothing is kept yet">This service does not keep an audit trail.</Empty>}
      </Card>
    </Page>
  );
}

const nameOf = (who: AuditEntry['who']): string =>
  typeof who === 'object' ? (who.name ?? who.id ?? '–') : (who ?? '–');

function Entries() {
  const now = useNow();
  const [cursors, setCursors] = useState<string[]>([]);
  const list = useGet<PageOf<AuditEntry>>(`/audit${toQuery({ cursor: cursors.at(-1) })}`, {
    every: 15_000,
    keep: true,
  });
  return (
    <Load query={list} lines={8}>
      {({ items, nextCursor }) =>
        items.length === 0 ? (
          <Empty title="Nothing yet">What people and keys change is written down here.</Empty>
        ) : (
          <div class="stack">
            <div class="table-box">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">Who</th>
                    <th scope="col">Did what</th>
                    <th scope="col">To what</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((entry, index) => (
                    <tr key={`${entry.at}/${index}`}>
                      <th scope="row" class="nowrap">
                        {formatInstant(entry.at, now)}
                      </th>
                      <td class="wrap">{nameOf(entry.who ?? entry.actor)}</td>
                      <td>
                        {entry.what ?? entry.action}
                        {entry.outcome !== undefined && <span class="soft"> {entry.outcome}</span>}
                      </td>
                      <td class="soft wrap">{entry.target ?? entry.integrationId}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <nav class="row" aria-label="Pages">
              <button
                type="button"
                class="button push"
                aria-disabled={cursors.length === 0}
                onClick={() => setCursors(cursors.slice(0, -1))}
              >
                Newer
              </button>
              <button
                type="button"
                class="button"
                aria-disabled={nextCursor === null}
                onClick={() => nextCursor !== null && setCursors([...cursors, nextCursor])}
              >
                Older
              </button>
            </nav>
          </div>
        )
      }
    </Load>
  );
}
