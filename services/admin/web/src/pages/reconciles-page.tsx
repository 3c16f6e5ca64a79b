import { useState } from 'preact/hooks';
import { post, toQuery } from '../api/client.js';
import { refresh, useGet } from '../api/queries.js';
import type { Features, Integration, Page as PageOf, Plan, Snapshot } from '../domain/api-types.js';
import { formatCount, formatInstant, formatMs, formatWhen, plural } from '../domain/format.js';
import { toProgress } from '../domain/lag-view.js';
import { toWord } from '../domain/words.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Empty, Failed, Load, Message, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { NewerOlder } from '../parts/newer-older.js';
import { Page } from '../parts/page.js';
import { IntegrationPicker, useScope } from '../parts/scope.js';
import { Table } from '../parts/table.js';
import { PlanCard } from './plan-card.js';

/** What was read wholly, what it found, and removals that wait for somebody. */
export function ReconcilesPage() {
  const { chosen } = useScope();
  return (
    <Page
      title="Reconciles"
      lead="Full reads prove the picture. Removals that are too many at once wait here for somebody."
      actions={<IntegrationPicker />}
    >
      {chosen ? (
        <ReconcilesOf key={chosen.integrationId} integrationId={chosen.integrationId} />
      ) : (
        <section class="card">
          <Empty title="No tenant is connected yet">Reads begin once an integration is started.</Empty>
        </section>
      )}
    </Page>
  );
}

function ReconcilesOf({ integrationId }: { integrationId: string }) {
  const waiting = useGet<PageOf<Plan>>(`/plans${toQuery({ integrationId, state: 'waiting', limit: 200 })}`, {
    every: 5_000,
  });
  const newest = useGet<{ items: Snapshot[] }>(`/integrations/${integrationId}/runs?limit=10`, { every: 5_000 });
  return (
    <>
      <Load query={waiting} lines={2}>
        {({ items }) => items.map((plan) => <PlanCard key={plan.planId} plan={plan} />)}
      </Load>
      <Load query={newest} lines={2}>
        {({ items }) => <Running items={items.filter(({ state }) => state === 'running' || state === 'published')} />}
      </Load>
      <AskForRead integrationId={integrationId} />
      <History integrationId={integrationId} />
      <Answered integrationId={integrationId} />
    </>
  );
}

const ANSWERED_A_PAGE = 5;

function Answered({ integrationId }: { integrationId: string }) {
  const [cursors, setCursors] = useState<string[]>([]);
  const asked = toQuery({ integrationId, answered: 'true', limit: ANSWERED_A_PAGE, cursor: cursors.at(-1) });
  const plans = useGet<PageOf<Plan>>(`/plans${asked}`, { every: 30_000, keep: true });
  if (!plans.data || (plans.data.items.length === 0 && cursors.length === 0)) return null;
  const { items, nextCursor } = plans.data;
  return (
    <Card title="Answered plans">
      <details>
        <summary>Newest first</summary>
        <div class="stack">
          {items.map((plan) => (
            <PlanCard key={plan.planId} plan={plan} />
          ))}
          <NewerOlder cursors={cursors} next={nextCursor} setCursors={setCursors} label="Pages of answered plans" />
        </div>
      </details>
    </Card>
  );
}

const KINDS = { users: 'People', mfa: 'MFA report' } as const;

function Running({ items }: { items: readonly Snapshot[] }) {
  const now = useNow();
  if (items.length === 0) return null;
  return (
    <Card title="Running">
      <ul class="list">
        {items.map((read) => {
          const { share, etaMs } = read.progress ?? toProgress(read, now);
          const of = read.expectedRows === null ? '' : ` of ${formatCount(read.expectedRows)}`;
          const rest = etaMs === null ? '' : `, about ${formatMs(etaMs)} to go`;
          return (
            <li key={read.snapshotId} class="stack-s">
              <p>
                <strong>{KINDS[read.kind]}</strong>{' '}
                {read.state === 'published'
                  ? `${formatCount(read.rows)} read; being written, ${read.projectedPartitions} of ${plural(read.partitions, 'partition')}`
                  : `${formatCount(read.rows)}${of} read${rest}`}
              </p>
              <progress
                aria-label={`${KINDS[read.kind]}: progress`}
                max={1}
                value={read.state === 'published' ? read.projectedPartitions / read.partitions : (share ?? undefined)}
              />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

type Kind = 'users' | 'mfa' | 'sweep';
const ASKS: { kind: Kind; text: string; feature: keyof Features }[] = [
  { kind: 'sweep', text: 'Sweep for changes', feature: 'userSync' },
  { kind: 'users', text: 'Read everyone', feature: 'userSync' },
  { kind: 'mfa', text: 'Read the MFA report', feature: 'mfaVerification' },
];

function AskForRead({ integrationId }: { integrationId: string }) {
  const integration = useGet<Integration>(`/integrations/${integrationId}`);
  if (integration.data?.state !== 'active') return null;
  const { features } = integration.data;
  return (
    <Card title="Look now">
      <div class="stack-s">
        <p class="soft">A sweep is the cheapest read that repairs; a full read proves everything.</p>
        <div class="row">
          {ASKS.filter(({ feature }) => features[feature]).map(({ kind, text }) => (
            <AskButton key={kind} integrationId={integrationId} kind={kind} text={text} />
          ))}
        </div>
      </div>
    </Card>
  );
}

function AskButton({ integrationId, kind, text }: { integrationId: string; kind: Kind; text: string }) {
  const toast = useToast();
  const ask = useAction(async () => {
    await post(`/integrations/${integrationId}/reconcile`, { kind });
    toast('Asked for: the reconciler looks now.');
    await refresh(`/integrations/${integrationId}`, '/status');
  });
  return (
    <>
      <ActionButton action={ask} busy="Asking …">
        {text}
      </ActionButton>
      {ask.error && <Failed error={ask.error} />}
    </>
  );
}

const toDrift = (drift: Record<string, number> | null | undefined): string => {
  if (!drift) return '–';
  const found = Object.entries(drift).filter(([, count]) => count > 0);
  return found.length === 0 ? 'none' : found.map(([kind, count]) => `${formatCount(count)} ${kind}`).join(', ');
};

const FILTERS = { all: 'All', ...KINDS } as const;
type Filter = keyof typeof FILTERS;

/** Page by page, of one kind if wanted: the hourly reads of the MFA report would push the daily ones of people out. */
function History({ integrationId }: { integrationId: string }) {
  const [kind, setKind] = useState<Filter>('all');
  const [cursors, setCursors] = useState<string[]>([]);
  const asked = toQuery({ kind: kind === 'all' ? null : kind, limit: 20, cursor: cursors.at(-1) });
  const reads = useGet<PageOf<Snapshot>>(`/integrations/${integrationId}/runs${asked}`, { every: 5_000, keep: true });
  const show = (next: Filter): void => {
    setKind(next);
    setCursors([]);
  };
  const choice = (
    <div class="segments" role="group" aria-label="Which reads">
      {(Object.keys(FILTERS) as Filter[]).map((one) => (
        <button key={one} type="button" aria-pressed={one === kind} onClick={() => show(one)}>
          {FILTERS[one]}
        </button>
      ))}
    </div>
  );
  return (
    <Card title="Full reads" aside={choice}>
      <Load query={reads} lines={6}>
        {({ items, nextCursor }) => (
          <div class="stack">
            <Reads items={items} isNewest={cursors.length === 0} />
            <NewerOlder cursors={cursors} next={nextCursor} setCursors={setCursors} />
          </div>
        )}
      </Load>
    </Card>
  );
}

function Reads({ items, isNewest }: { items: readonly Snapshot[]; isNewest: boolean }) {
  const now = useNow();
  const [last] = items;
  if (!last) return <Empty title="No full read yet">The first one runs when the integration is started.</Empty>;
  return (
    <>
      {isNewest && last.state === 'failed' && last.failure && (
        <Message level="problem" title="The last one failed.">
          {last.failure.message}
        </Message>
      )}
      <Table columns={['What', 'State', 'Began', { number: 'Took' }, { number: 'Rows' }, 'Drift', 'Why']}>
        {items.map(({ snapshotId, kind, state, startedAt, finishedAt, rows, reason, drift }) => (
          <tr key={snapshotId}>
            <th scope="row">{KINDS[kind]}</th>
            <td>
              <Pill word={toWord(state)} />
            </td>
            <td data-label="Began" title={formatInstant(startedAt, now)}>
              {formatWhen(startedAt, now)}
            </td>
            <td class="number" data-label="Took">
              {finishedAt === null ? '–' : formatMs(Date.parse(finishedAt) - Date.parse(startedAt))}
            </td>
            <td class="number" data-label="Rows">
              {formatCount(rows)}
            </td>
            <td data-label="Drift">{toDrift(drift)}</td>
            <td class="soft wrap">{reason}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
