import { Fragment } from 'preact';
import { useGet } from '../api/queries.js';
import { noticesOf, untoldNotices, type NoticeGroup } from '../domain/alert-notices.js';
import type { Alert, AlertRule, ElsewhereRule, Notice } from '../domain/api-types.js';
import { toLook, type Look } from '../domain/alert-looks.js';
import { formatMs, formatWhen, localizeInstants, plural } from '../domain/format.js';
import { toWord } from '../domain/words.js';
import { Card, Empty, Load, Message, NoticeLink, Notices, Pill } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { Page } from '../parts/page.js';
import { useScope } from '../parts/scope.js';
import { Table } from '../parts/table.js';
import { AlertTargetCards } from './alert-targets.js';

type Alerts = { items: Alert[]; rules: AlertRule[]; elsewhere?: ElsewhereRule[]; lookedAt?: string | null };

/** What fires now, by which rules, and whom Muster tells. */
export function AlertsPage() {
  const now = useNow();
  const { isOperator } = useScope();
  const alerts = useGet<Alerts>('/alerts', { every: 10_000 });
  return (
    <Page title="Alerts" lead="What needs somebody now, by which rules, and whom Muster tells.">
      <Load query={alerts}>
        {({ items, rules, elsewhere = [], lookedAt }) => (
          <>
            <Now items={items.filter(({ state }) => state !== 'resolved')} look={toLook(lookedAt, now)} />
            {isOperator && <AlertTargetCards />}
            <Rules rules={rules} elsewhere={elsewhere} firing={items.filter(({ state }) => state === 'firing')} />
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

type NowProps = { items: readonly Alert[]; look: Look | null };

/** What fires, and what is no alert but should be known all the same; a fact that is both is told as the alert. */
function Now({ items, look }: NowProps) {
  const { status } = useScope();
  const groups: NoticeGroup[] = [
    { integrationId: null, name: 'Pipeline', notices: status.data?.pipeline.notices ?? [] },
    ...(status.data?.integrations ?? []),
  ];
  return (
    <>
      <Firing items={items} look={look} groups={groups} />
      {untoldNotices(items, groups).map(({ integrationId, name, notices }) => (
        <Card key={integrationId} title={`To be seen to: ${name}`}>
          <Notices notices={notices} integrationId={integrationId} />
        </Card>
      ))}
    </>
  );
}

function Firing({ items, look, groups }: NowProps & { groups: readonly NoticeGroup[] }) {
  return (
    <Card title="Firing now">
      <div class="stack">
        {look && !look.isWatched && <Message level="problem">{look.text}</Message>}
        {items.length === 0 ? (
          look?.isWatched !== false && <Empty title="Nothing fires">{look?.text}</Empty>
        ) : (
          <ul class="list">
            {items.map((alert) => (
              <AlertRow
                key={`${alert.rule}/${alert.integrationId ?? ''}`}
                alert={alert}
                notices={noticesOf(alert, groups)}
              />
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

type RowProps = { alert: Alert; /** What the status says of the same fact. */ notices?: readonly Notice[] };

function AlertRow({ alert, notices = [] }: RowProps) {
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
      {notices.length === 0 ? (
        <p class="wrap">{localizeInstants(text)}</p>
      ) : (
        notices.map((notice) => (
          <div key={notice.text} class="row">
            <p class="wrap">
              {localizeInstants(notice.text)} {notice.cure}
            </p>
            <NoticeLink page={notice.page} integrationId={integrationId} about={notice.text} />
          </div>
        ))
      )}
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

type RulesProps = { rules: readonly AlertRule[]; elsewhere: readonly ElsewhereRule[]; firing: readonly Alert[] };

const Rules = ({ rules, elsewhere, firing }: RulesProps) => (
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
    {elsewhere.length > 0 && <Elsewhere rules={elsewhere} />}
  </Card>
);

const Elsewhere = ({ rules }: { rules: readonly ElsewhereRule[] }) => (
  <p class="small soft wrap">
    Only Prometheus, by ops/prometheus-rules.yml, can tell that{' '}
    {rules.map(({ rule, title, runbook }, index) => (
      <Fragment key={rule}>
        {index > 0 && (index === rules.length - 1 ? ' or ' : ', ')}
        <a href={runbook} target="_blank" rel="noreferrer">
          {title}
          <span class="visually-hidden"> (opens in a new tab)</span>
        </a>
      </Fragment>
    ))}
    : none of these is shown or told here.
  </p>
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
