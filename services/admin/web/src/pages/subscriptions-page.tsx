import type { IntegrationStatus, Subscription } from '../domain/api-types.js';
import { formatInstant, formatWhen } from '../domain/format.js';
import { toWord } from '../domain/words.js';
import { Card, Empty, Load, Message, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { IntegrationPicker, useScope } from '../parts/scope.js';

/** What Graph is asked to tell, and for how long yet. */
export function SubscriptionsPage() {
  const { status, chosen } = useScope();
  return (
    <Page
      title="Subscriptions"
      lead="What Microsoft Graph tells Muster of by itself. Each is renewed at half its life."
      actions={<IntegrationPicker />}
    >
      <Load query={status}>
        {() =>
          chosen && chosen.subscriptions.length > 0 ? (
            <SubscriptionTable integration={chosen} />
          ) : (
            <section class="card">
              <Empty title="No subscription yet">
                The subscription service creates them within a minute once an integration is started.
              </Empty>
            </section>
          )
        }
      </Load>
    </Page>
  );
}

function SubscriptionTable({ integration: { subscriptions, groupId } }: { integration: IntegrationStatus }) {
  const failures = subscriptions.filter(({ failure }) => failure !== null);
  return (
    <Card title="State">
      <div class="stack">
        <div class="table-box">
          <table class="cards">
            <thead>
              <tr>
                <th scope="col">Resource</th>
                <th scope="col">State</th>
                <th scope="col">Time left</th>
                <th scope="col">Renewed</th>
              </tr>
            </thead>
            <tbody>
              {subscriptions.map((one) => (
                <Row key={one.resource} subscription={one} groupId={groupId} />
              ))}
            </tbody>
          </table>
        </div>
        {failures.map(({ resource, failure }) => (
          <Message key={resource} level="remark" title={resource}>
            {failure?.message}
          </Message>
        ))}
      </div>
    </Card>
  );
}

const toKind = ({ entity, resource }: Subscription, groupId: string | null): string => {
  if (entity === 'user') return 'People';
  return groupId !== null && resource.endsWith(groupId) ? 'The chosen group' : 'A nested group';
};

function Row({ subscription, groupId }: { subscription: Subscription; groupId: string | null }) {
  const now = useNow();
  const { resource, status, expiresAt, renewedAt } = subscription;
  return (
    <tr>
      <th scope="row">
        {toKind(subscription, groupId)}
        <br />
        <code class="soft small">{resource}</code>
      </th>
      <td>
        <Pill word={toWord(status)} />
      </td>
      <td data-label="Ends" title={expiresAt === null ? undefined : formatInstant(expiresAt, now)}>
        {formatWhen(expiresAt, now)}
      </td>
      <td data-label="Renewed">{renewedAt === null ? 'not yet' : formatWhen(renewedAt, now)}</td>
    </tr>
  );
}
