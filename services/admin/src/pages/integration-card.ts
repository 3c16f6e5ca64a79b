import type { StatusView } from '../status/status-schemas.js';
import { formatCount, formatMs, formatWhen, toPercent } from './domain/format.js';
import { html, type Html } from './html.js';

type Integration = StatusView['integrations'][number];
type Notices = StatusView['pipeline']['notices'];

export function integrationCard(integration: Integration, now: Date): Html {
  const { integrationId, name, tenantId, state, notices } = integration;
  const id = `integration-${integrationId}`;
  return html`<article class="card" aria-labelledby="${id}">
    <header class="card-head">
      <h2 id="${id}">${name}</h2>
      <span class="pill ${state}">${state}</span>
      <p class="tenant">Tenant <code>${tenantId}</code></p>
    </header>
    ${noticeList(notices)} ${state !== 'draft' && whatRuns(integration, now)}
  </article>`;
}

const whatRuns = (integration: Integration, now: Date): Html =>
  html`${figures(integration)}
    <div class="columns">
      <section class="lag">
        <h3>Lag, last 15 minutes</h3>
        ${lagTable(integration)}
      </section>
      <section>
        <h3>Subscriptions</h3>
        ${subscriptionList(integration, now)}
        <h3>Last full reads</h3>
        ${readList(integration, now)}
      </section>
    </div>`;

export const noticeList = (notices: Notices): Html | false =>
  notices.length > 0 &&
  html`<ul class="notices">
    ${notices.map(
      ({ level, text, cure }) =>
        html`<li class="notice ${level}">
          <strong>${level === 'problem' ? 'Problem' : 'Note'}</strong><span>${text} <em>${cure}</em></span>
        </li>`,
    )}
  </ul>`;

function figures({ people, mfa, groupId }: Integration): Html {
  const shown = [
    { label: 'People', value: people.total, note: `${formatCount(people.disabled)} disabled` },
    {
      label: 'May sign in',
      value: people.ssoEnabled,
      note: groupId === null ? 'everyone is in scope' : `${formatCount(people.inGroup)} in the group`,
    },
    {
      label: 'Deleted',
      value: people.deleted,
      note: people.outOfScope === 0 ? 'kept as tombstones' : `${formatCount(people.outOfScope)} out of scope`,
    },
  ];
  return html`<div class="figures">
    <dl class="numbers">
      ${shown.map(
        ({ label, value, note }) =>
          html`<div>
            <dt>${label}</dt>
            <dd class="value">${formatCount(value)}</dd>
            <dd class="note">${note}</dd>
          </div>`,
      )}
    </dl>
    ${mfaFigure(mfa)}
  </div>`;
}

function mfaFigure(mfa: Integration['mfa']): Html {
  const total = mfa.capable + mfa.registered + mfa.notRegistered + mfa.unknown;
  const percent = toPercent(mfa.capable, total);
  const parts = [
    { kind: 'capable', label: 'capable', count: mfa.capable },
    { kind: 'registered', label: 'registered, not allowed', count: mfa.registered },
    { kind: 'missing', label: 'not registered', count: mfa.notRegistered },
    { kind: 'unknown', label: 'unknown', count: mfa.unknown },
  ];
  let left = 0;
  const bars = parts.map(({ kind, count }) => {
    const width = total === 0 ? 0 : (count / total) * 100;
    const bar = html`<rect class="${kind}" x="${left.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="8" />`;
    left += width;
    return bar;
  });
  return html`<div class="mfa">
    <p class="mfa-head">
      <span class="mfa-label">MFA capable</span>
      <span class="value">${percent === null ? '–' : `${percent} %`}</span>
    </p>
    <svg class="mfa-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
    <ul class="legend">
      ${parts.map(
        ({ kind, label, count }) => html`<li><i class="dot ${kind}"></i><b>${formatCount(count)}</b> ${label}</li>`,
      )}
    </ul>
  </div>`;
}

const STEPS: Record<Integration['lag'][number]['step'], string> = {
  graph: 'Microsoft’s share',
  kafka: 'Receipt to Kafka',
  read: 'Read from Graph',
  document: 'Document written',
  feed: 'Told on the feed',
  total: 'Whole way',
};

const lagTable = ({ lag }: Integration): Html =>
  html`<table>
    <thead>
      <tr>
        <th scope="col">Step</th>
        <th scope="col" class="number">p50</th>
        <th scope="col" class="number">p95</th>
        <th scope="col" class="number">p99</th>
        <th scope="col" class="number">Count</th>
      </tr>
    </thead>
    <tbody>
      ${lag.map(
        ({ step, count, p50, p95, p99 }) =>
          html`<tr class="${step}">
            <th scope="row">${STEPS[step]}</th>
            <td class="number">${formatMs(p50)}</td>
            <td class="number">${formatMs(p95)}</td>
            <td class="number">${formatMs(p99)}</td>
            <td class="number muted">${formatCount(count)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

const subscriptionList = ({ subscriptions }: Integration, now: Date): Html =>
  subscriptions.length === 0
    ? html`<p class="muted">None yet.</p>`
    : html`<ul class="rows">
        ${subscriptions.map(
          ({ resource, status, expiresAt }) =>
            html`<li>
              <span class="pill small ${status}">${status === 'slot-taken' ? 'slot taken' : status}</span>
              <code class="grow">${resource}</code>
              <span class="number muted">${expiresAt === null ? '' : `ends ${formatWhen(expiresAt, now)}`}</span>
            </li>`,
        )}
      </ul>`;

const READ_NAMES = { users: 'Users', mfa: 'MFA report' } as const;

const readList = ({ snapshots }: Integration, now: Date): Html =>
  html`<ul class="rows">
    ${(['users', 'mfa'] as const).map((kind) => {
      const read = snapshots[kind];
      if (!read) return html`<li><span class="grow">${READ_NAMES[kind]}</span><span class="muted">not yet</span></li>`;
      const rows =
        read.state === 'running' && read.expectedRows !== null ? ` of ${formatCount(read.expectedRows)}` : '';
      return html`<li>
        <span class="pill small ${read.state}">${read.state}</span>
        <span class="grow">${READ_NAMES[kind]}</span>
        <span class="number muted"
          >${formatCount(read.rows)}${rows} rows, ${formatWhen(read.finishedAt ?? read.startedAt, now)}</span
        >
      </li>`;
    })}
  </ul>`;
