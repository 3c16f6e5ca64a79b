import { useState } from 'preact/hooks';
import { toQuery } from '../api/client.js';
import { useGet, useSummaries } from '../api/queries.js';
import type { ApiKey, Page as PageOf } from '../domain/api-types.js';
import { toActorText, toAddressText, toTargetText, type Names } from '../domain/audit-view.js';
import { formatInstant } from '../domain/format.js';
import type { Word } from '../domain/words.js';
import { Card, Empty, Load, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { NewerOlder } from '../parts/newer-older.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';
import { Table } from '../parts/table.js';

type AuditEntry = {
  auditId: string;
  at: string;
  actor: string;
  action: string;
  integrationId: string | null;
  target: string | null;
  outcome: 'done' | 'refused' | 'failed';
  why: string | null;
  address: string | null;
};

/** Who did what. */
export const AuditPage = () => (
  <Page title="Audit" lead="Who did what, newest first.">
    <Card>
      <Entries />
    </Card>
  </Page>
);

/** Names of the ids that stand in the trail, as far as this session may see them. */
function useNames(): Names {
  const { isOperator, status } = useScope();
  const keys = useGet<{ items: ApiKey[] }>(isOperator ? '/keys' : null);
  return {
    keys: new Map(keys.data?.items.map(({ keyId, name }) => [keyId, name])),
    integrations: new Map(status.data?.integrations.map(({ integrationId, name }) => [integrationId, name])),
  };
}

const OUTCOMES: Record<AuditEntry['outcome'], Word> = {
  done: { text: 'done', tone: 'good' },
  refused: { text: 'refused', tone: 'warn' },
  failed: { text: 'failed', tone: 'bad' },
};

function Entries() {
  const now = useNow();
  const names = useNames();
  const summaries = useSummaries();
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
            <Table columns={['When', 'Who', 'Did what', 'To what']}>
              {items.map(({ auditId, at, actor, action, target, integrationId, outcome, why, address }) => (
                <tr key={auditId}>
                  <th scope="row" class="nowrap">
                    {formatInstant(at, now)}
                  </th>
                  <td class="wrap">
                    <span title={actor}>{toActorText(actor, names)}</span>
                    {address !== null && <span class="soft small"> {toAddressText(address)}</span>}
                  </td>
                  <td class="wrap">
                    <span title={action}>{summaries.get(action)?.replace(/[:;].*$/, '') ?? action}</span>{' '}
                    {outcome !== 'done' && <Pill word={OUTCOMES[outcome]} />}
                    {why !== null && <span class="soft"> {why}</span>}
                  </td>
                  <td class="soft wrap">{toTargetText(target, integrationId, names)}</td>
                </tr>
              ))}
            </Table>
            <NewerOlder cursors={cursors} next={nextCursor} setCursors={setCursors} />
          </div>
        )
      }
    </Load>
  );
}
