import { useGet } from '../api/queries.js';
import type { IntegrationStatus, SubscriptionDetail } from '../domain/api-types.js';
import { formatInstant, formatWhen } from '../domain/format.js';
import { listEvents, toWatchName, type TimedEvent } from '../domain/subscription-view.js';
import { toWord } from '../domain/words.js';
import { Card, Empty, Load, Message, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { IntegrationPicker, useScope } from '../parts/scope.js';
import { Table } from '../parts/table.js';

/** What Graph is asked to tell, for how long yet, and what was done about it. */
export function SubscriptionsPage() {
  const { status, chosen } = useScope();
  return (
    <Page
      title="Subscriptions"
      lead="What Microsoft Graph tells Muster of by itself. Each is renewed at half its life."
      actions={<IntegrationPicker />}
    >
      <Load query={status}>
        {() => (chosen ? <Subscriptions key={chosen.integrationId} integration={chosen} /> : <NoneYet />)}
      </Load>
    </Page>
  );
}

const NoneYet = () => (
  <section class="card">
    <Empty title="No subscription yet">
      The subscription service creates them within a minute once an integration is started.
    </Empty>
  </section>
);

function Subscriptions({ integration: { integrationId, groupId } }: { integration: IntegrationStatus }) {
  const list = useGet<{ items: SubscriptionDetail[] }>(`/integrations/${integrationId}/subscriptions`, {
    every: 10_000,
  });
  return (
    <Load query={list}>
      {({ items }) =>
        items.length === 0 ? (
          <NoneYet />
        ) : (
          <>
            <StateCard items={items} groupId={groupId} />
            <HistoryCard events={listEvents(items)} groupId={groupId} />
          </>
        )
      }
    </Load>
  );
}

type Items = { items: readonly SubscriptionDetail[]; groupId: string | null };

const StateCard = ({ items, groupId }: Items) => (
  <Card title="State">
    <div class="stack">
      <Table columns={['Resource', 'State', 'Time left', 'Last notification', 'Renewed']}>
        {items.map((one) => (
          <Row key={one.resource} subscription={one} groupId={groupId} />
        ))}
      </Table>
      {items.flatMap(({ resource, failure }) =>
        failure === null
          ? []
          : [
              <Message key={resource} level="remark" title={`${toWatchName(resource, groupId)}:`}>
                {failure.message}
              </Message>,
            ],
      )}
    </div>
  </Card>
);

function Row({ subscription, groupId }: { subscription: SubscriptionDetail; groupId: string | null }) {
  const now = useNow();
  const { resource, status, createdAt, expiresAt, renewedAt, notifiedAt } = subscription;
  const toTitle = (instant: string | null) => (instant === null ? undefined : formatInstant(instant, now));
  return (
    <tr>
      <th scope="row">
        {toWatchName(resource, groupId)}
        <br />
        <code class="soft small">{resource}</code>
      </th>
      <td>
        <Pill word={toWord(status)} />
      </td>
      <td data-label="Ends" title={toTitle(expiresAt)}>
        {formatWhen(expiresAt, now)}
      </td>
      <td data-label="Last notification" title={toTitle(notifiedAt)}>
        {notifiedAt === null ? 'none yet' : formatWhen(notifiedAt, now)}
      </td>
      <td data-label="Renewed" title={toTitle(renewedAt ?? createdAt)}>
        {renewedAt === null ? 'not yet' : formatWhen(renewedAt, now)}
      </td>
    </tr>
  );
}

const DONE: Record<TimedEvent['kind'], string> = { create: 'Created', renew: 'Renewed', sweep: 'Sweep asked for' };
const TRIED: Record<TimedEvent['kind'], string> = { create: 'Create', renew: 'Renew', sweep: 'Ask for a sweep' };

function HistoryCard({ events, groupId }: { events: readonly TimedEvent[]; groupId: string | null }) {
  const now = useNow();
  return (
    <Card title="History">
      {events.length === 0 ? (
        <p class="soft">Nothing was done yet.</p>
      ) : (
        <Table columns={['When', 'Resource', 'What', 'Why']}>
          {events.map(({ resource, at, lastAt, times, kind, reason, failure }) => (
            <tr key={`${resource}/${at}`}>
              <th scope="row" class="nowrap">
                {formatInstant(lastAt ?? at, now)}
              </th>
              <td title={resource}>{toWatchName(resource, groupId)}</td>
              <td>
                {failure === null ? DONE[kind] : TRIED[kind]}{' '}
                {failure !== null && <Pill word={{ text: failure, tone: 'bad' }} />}
                {times > 1 && (
                  <span class="soft">
                    {' '}
                    {times} times since {formatInstant(at, now)}
                  </span>
                )}
              </td>
              <td class="soft wrap">{reason}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
