import { useState } from 'preact/hooks';
import { toQuery } from '../api/client.js';
import { useGet, useSummaries } from '../api/queries.js';
import type { ApiKey, Page as PageOf } from '../domain/api-types.js';
import { toActorText, toAddressText, toTargetTexts, type Names } from '../domain/audit-view.js';
import { formatInstant } from '../domain/format.js';
import type { Word } from '../domain/words.js';
import { Card, Empty, Load, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { NewerOlder } from '../parts/newer-older.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';
import { Table } from '../parts/table.js';
import { personAddress } from './addresses.js';

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

type AuditAnswer = PageOf<AuditEntry> & { names: Names['ids'] };

/** Names of the keys that stand in the trail, as far as this session may see them. */
function useKeyNames(): Names['keys'] {
  const { isOperator } = useScope();
  const keys = useGet<{ items: ApiKey[] }>(isOperator ? '/keys' : null);
  return new Map(keys.data?.items.map(({ keyId, name }) => [keyId, name]));
}

const OUTCOMES: Record<AuditEntry['outcome'], Word> = {
  done: { text: 'done', tone: 'good' },
  refused: { text: 'refused', tone: 'warn' },
  failed: { text: 'failed', tone: 'bad' },
};

function Entries() {
  const now = useNow();
  const keys = useKeyNames();
  const summaries = useSummaries();
  const [cursors, setCursors] = useState<string[]>([]);
  const list = useGet<AuditAnswer>(`/audit${toQuery({ cursor: cursors.at(-1) })}`, {
    every: 15_000,
    keep: true,
  });
  return (
    <Load query={list} lines={8}>
      {({ items, names: ids, nextCursor }) =>
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
                    <span title={actor}>{toActorText(actor, { keys, ids })}</span>
                    {address !== null && <span class="soft small"> {toAddressText(address)}</span>}
                  </td>
                  <td class="wrap">
                    <span title={action}>{summaries.get(action)?.replace(/[:;].*$/, '') ?? action}</span>{' '}
                    {outcome !== 'done' && <Pill word={OUTCOMES[outcome]} />}
                    {why !== null && <span class="soft"> {why}</span>}
                  </td>
                  <td class="soft wrap">
                    <Target {...{ target, integrationId }} names={{ keys, ids }} />
                  </td>
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

type TargetProps = Pick<AuditEntry, 'target' | 'integrationId'> & { names: Names };

/** Names; the ids behind them show under the pointer, and a person's name leads to the person. */
const Target = ({ target, integrationId, names }: TargetProps) => (
  <>
    {toTargetTexts(target, integrationId, names).map(({ text, id, isPerson }, index) => (
      <span key={text}>
        {index > 0 && ', '}
        {isPerson && id !== null ? (
          <a href={personAddress(id, integrationId ?? undefined)} title={id}>
            {text}
          </a>
        ) : (
          <span title={id ?? undefined}>{text}</span>
        )}
      </span>
    ))}
  </>
);
