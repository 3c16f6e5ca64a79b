import { plural } from '@muster/contracts';
import type { AlertsAnswer } from './answers.js';
import { formatMs, formatTable, toPlain } from './format-table.js';

type Alert = AlertsAnswer['items'][number];

/** The rules are looked at each few seconds, of hundreds of integrations each two minutes; older than this, nobody watches. */
const STALE_MS = 180_000;

export function formatAlerts({ items, lookedAt }: AlertsAnswer, now: Date): string {
  const isWatched = lookedAt !== null && now.getTime() - Date.parse(lookedAt) <= STALE_MS;
  const unwatched =
    lookedAt === null
      ? '! No rule was looked at yet: nobody watches. Is the admin service ready?'
      : `! The rules were last looked at ${lookedAt}: nobody watches. Is the admin service ready?`;
  const quiet = isWatched ? [`Nothing fires. Every rule was looked at ${lookedAt}.`] : [];
  return [
    ...(isWatched ? [] : [unwatched]),
    ...(items.length === 0 ? quiet : [formatItems(items), ...listRunbooks(items), ...listUntold(items)]),
  ].join('\n');
}

const formatItems = (items: readonly Alert[]): string =>
  formatTable(
    [
      { head: 'LEVEL' },
      { head: 'RULE' },
      { head: 'STATE' },
      { head: 'INTEGRATION' },
      { head: 'SINCE' },
      { head: 'WHAT' },
    ],
    items.map(({ level, rule, state, integrationId, since, text }) => [
      level,
      rule,
      state,
      integrationId ?? 'all of them',
      since,
      text,
    ]),
  );

const listRunbooks = (items: readonly Alert[]): string[] => {
  const open = items.filter(({ state }) => state !== 'resolved');
  return [...new Map(open.map(({ rule, runbook }) => [rule, runbook]))].map(
    ([rule, runbook]) => `What to do about ${rule}: ${toPlain(runbook)}`,
  );
};

const listUntold = (items: readonly Alert[]): string[] =>
  items.flatMap(({ rule, untold }) =>
    untold.map(
      ({ target, tries, nextAt, failure }) =>
        `! ${rule} is not told by ${target} yet, tried ${plural(tries, 'time')}, again at ${nextAt}.${failure === null ? '' : ` ${toPlain(failure)}`}`,
    ),
  );

export function formatRules({ items, rules, elsewhere }: AlertsAnswer): string {
  const table = formatTable(
    [{ head: 'RULE' }, { head: 'LEVEL' }, { head: 'FIRES' }, { head: 'NOW' }, { head: 'TITLE' }, { head: 'RUNBOOK' }],
    rules.map(({ rule, level, afterMs, title, runbook }) => [
      rule,
      level,
      afterMs === 0 ? 'at once' : `after ${formatMs(afterMs)}`,
      toState(items.filter((alert) => alert.rule === rule)),
      title,
      runbook,
    ]),
  );
  if (elsewhere.length === 0) return table;
  const titles = elsewhere.map(({ title }) => toPlain(title)).join('; ');
  return `${table}\nOnly Prometheus can tell, by ops/prometheus-rules.yml, and nothing here does: ${titles}.`;
}

function toState(alerts: readonly Alert[]): string {
  const firing = alerts.filter(({ state }) => state === 'firing').length;
  if (firing > 0) return firing === 1 ? 'firing' : `firing (${firing})`;
  return alerts.some(({ state }) => state === 'pending') ? 'pending' : 'quiet';
}
