import { useGet } from '../api/queries.js';
import type { Alert, AlertRule } from '../domain/api-types.js';
import { toLook, type Look } from '../domain/alert-looks.js';
import { formatMs, formatWhen, plural } from '../domain/format.js';
import { toWord } from '../domain/words.js';
import { Card, Empty, Load, Message, Notices, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';
import { Table } from '../parts/table.js';
import { AlertTargetCards } from './alert-targets.js';

/** What fires now, by which rules, and whom Muster tells. */
export function AlertsPage() {
  const now = useNow();
  const { isOperator } = useScope();
  const alerts = useGet<{ items: Alert[]; rules: AlertRule[]; lookedAt?: string | null }>('/alerts', { every: 10_000 });
  return (
    <Page title="Alerts" lead="What needs somebody now, by which rules, and whom Muster tells.">
      <Load query={alerts}>
        {({ items, rules, lookedAt }) => (
          <>
            <Firing items={items.filter(({ state }) => state !== 'resolved')} look={toLook(lookedAt, now)} />
            <Remarks />
            {isOperator && <AlertTargetCards />}
            <Rules rules={rules} firing={items.filter(({ state }) => state === 'firing')} />
            <Past items={items.filter(({ state }) => state === 'resolved')} />
          </>
        )}
      </Load>
    </Page>
  );
}

const Runbook = ({ href, title }: { href: string; title: string }) => (
  <a href={href} target="_blank" rel="noreferrer">
    What to do<span class="visually-hidden"> about: {title} (opens in a new tab)</span>
  </a>
);

function Firing({ items, look }: { items: readonly Alert[]; look: Look | null }) {
  return (
    <Card title="Firing now">
      <div class="stack">
        {look && !look.isWatched && <Message level="problem">{look.text}</Message>}
        {items.length === 0 ? (
          look?.isWatched !== false && <Empty title="Nothing fires">{look?.text}</Empty>
        ) : (
          <ul class="list">
            {items.map((alert) => (
              <AlertRow key={`${alert.rule}/${alert.integrationId ?? ''}`} alert={alert} />
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const now = useNow();
  const { status } = useScope();
  const { title, level, state, integrationId, text, since, resolvedAt, runbook, untold } = alert;
  const about = status.data?.integrations.find((one) => one.integrationId === integrationId)?.name;
  const word = state === 'firing' && level === 'remark' ? ({ text: 'firing', tone: 'warn' } as const) : toWord(state);
  return (
    <li class="stack-s">
      <div class="row">
        <strong>{title}</strong>
        <Pill word={word} />
        <span class="push">
          <Runbook href={runbook} title={title} />
        </span>
      </div>
      <p class="wrap">{text}</p>
      <p class="small soft">
        {about === undefined ? 'All integrations' : about}, since {formatWhen(since, now)}
        {resolvedAt !== null && `, over ${formatWhen(resolvedAt, now)}`}.
      </p>
      {untold.map(({ target, tries, nextAt, failure }) => (
        <p key={target} class="said problem">
          Not told by {target} yet, tried {plural(tries, 'time')}, again {formatWhen(nextAt, now)}. {failure}
        </p>
      ))}
    </li>
  );
}

/** What is no alert, and should be known all the same. */
function Remarks() {
  const { status } = useScope();
  const groups = [
    { name: 'Pipeline', notices: status.data?.pipeline.notices ?? [] },
    ...(status.data?.integrations ?? []).map(({ name, notices }) => ({ name, notices })),
  ].filter(({ notices }) => notices.length > 0);
  return (
    <>
      {groups.map(({ name, notices }) => (
        <Card key={name} title={`To be seen to: ${name}`}>
          <Notices notices={notices} />
        </Card>
      ))}
    </>
  );
}

const Rules = ({ rules, firing }: { rules: readonly AlertRule[]; firing: readonly Alert[] }) => (
  <Card title="Rules">
    <Table columns={['Rule', 'Level', 'Fires', 'Now', 'Runbook']}>
      {rules.map(({ rule, title, level, afterMs, runbook }) => {
        const count = firing.filter((alert) => alert.rule === rule).length;
        return (
          <tr key={rule}>
            <th scope="row">{title}</th>
            <td>
              <span class="soft">{toWord(level).text}</span>
            </td>
            <td class="nowrap">{afterMs === 0 ? 'at once' : `after ${formatMs(afterMs)}`}</td>
            <td>
              <Pill word={count === 0 ? { text: 'quiet', tone: 'good' } : { text: 'firing', tone: 'bad' }} />
            </td>
            <td>
              <Runbook href={runbook} title={title} />
            </td>
          </tr>
        );
      })}
    </Table>
  </Card>
);

const Past = ({ items }: { items: readonly Alert[] }) =>
  items.length === 0 ? null : (
    <Card title="Over, last 30 days">
      <details>
        <summary>{plural(items.length, 'alert')}</summary>
        <ul class="list">
          {items.map((alert) => (
            <AlertRow key={`${alert.rule}/${alert.integrationId ?? ''}/${alert.since}`} alert={alert} />
          ))}
        </ul>
      </details>
    </Card>
  );
