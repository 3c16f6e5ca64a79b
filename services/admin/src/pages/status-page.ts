import type { StatusView } from '../status/status-schemas.js';
import { formatCount, formatMs } from './domain/format.js';
import { html, type Html } from './html.js';
import { integrationCard, noticeList } from './integration-card.js';
import { layout } from './layout.js';
import { emptyState } from './message-pages.js';

export function statusPage(status: StatusView): string {
  const { integrations, pipeline } = status;
  const now = new Date(status.at);
  return layout({
    title: 'Status · Muster',
    refresh: true,
    header: html`<p class="updated">
        <span class="updated-label">Updated</span>
        <time id="updated" datetime="${status.at}">${status.at.slice(11, 19)} UTC</time>
      </p>
      <form method="post" action="/session/end"><button type="submit" class="quiet">Sign out</button></form>`,
    main: html`<h1 class="page-title">Status</h1>
      ${pipelineStrip(pipeline)}
      ${integrations.length === 0 ? emptyState() : byUrgency(integrations).map((one) => integrationCard(one, now))}`,
  });
}

const ORDER = ['active', 'paused', 'draft', 'removed'] as const;

const byUrgency = (integrations: StatusView['integrations']): StatusView['integrations'] =>
  integrations.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));

function pipelineStrip({ canaries, projector, deadLetters, notices }: StatusView['pipeline']): Html {
  const seen = canaries.seen.length;
  return html`<section class="strip" aria-label="Pipeline">
    ${noticeList(notices)}
    <dl class="tiles">
      ${tile({
        label: 'Last canary',
        value: canaries.oldestAgeMs === null ? '–' : `${formatMs(canaries.oldestAgeMs)} ago`,
        note: seen === 0 ? 'none has come through' : `${seen} of ${canaries.partitions} partitions seen`,
      })}
      ${tile({
        label: 'Our part of the way',
        value: formatMs(canaries.slowestMs),
        note: 'slowest canary, receipt to document',
      })}
      ${tile({
        label: 'Waiting events',
        value: projector ? formatCount(projector.waiting) : '–',
        note: projector ? 'for the projector' : 'Kafka does not answer',
      })}
      ${tile({
        label: 'Dead letters',
        value: deadLetters === null ? '–' : formatCount(deadLetters),
        note: deadLetters === 0 ? 'nothing was refused' : 'of the last 30 days',
        alarming: deadLetters !== null && deadLetters > 0,
      })}
    </dl>
  </section>`;
}

type Tile = { label: string; value: string; note: string; alarming?: boolean };

const tile = ({ label, value, note, alarming = false }: Tile): Html =>
  html`<div class="tile${alarming && ' alarming'}">
    <dt>${label}</dt>
    <dd class="value">${value}</dd>
    <dd class="note">${note}</dd>
  </div>`;
