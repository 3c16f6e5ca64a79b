import { plural } from '@muster/contracts';
import type { StatusAnswer } from './answers.js';
import { formatMs, formatTable, toPlain } from './format-table.js';

export function formatStatus({ integrations, pipeline }: StatusAnswer): string {
  const blocks = [formatPipeline(pipeline), ...integrations.map((one) => formatIntegration(one))];
  if (integrations.length === 0) blocks.push('No tenant is connected yet: muster integrations create --help');
  return blocks.join('\n\n');
}

function formatPipeline({ canaries, projector, deadLetters, notices }: StatusAnswer['pipeline']): string {
  const canary =
    canaries.oldestAgeMs === null
      ? 'none yet'
      : `${formatMs(canaries.oldestAgeMs)} ago, ${formatMs(canaries.slowestMs)} on the way, ${canaries.seen.length} of ${plural(canaries.partitions, 'partition')}`;
  return [
    `Canary        ${canary}`,
    `Waiting       ${projector ? toWaiting(projector) : 'unknown: Kafka does not answer'}`,
    `Dead letters  ${deadLetters ?? 'unknown: Kafka does not answer'}`,
    ...formatNotices(notices),
  ].join('\n');
}

function formatIntegration(integration: StatusAnswer['integrations'][number]): string {
  const { name, state, integrationId, verdict, people, mfa, subscriptions, lag, notices } = integration;
  const live = subscriptions.filter(({ status }) => status === 'live').length;
  return [
    `${toPlain(name)} (${state})  ${integrationId}`,
    ...(verdict ? [`  ${verdict.verdict.toUpperCase()}: ${verdict.reasons.map(toPlain).join(' ')}`] : []),
    `  People ${people.total}, may sign in ${people.ssoEnabled}, in group ${people.inGroup}, disabled ${people.disabled}, deleted ${people.deleted}`,
    `  MFA capable ${mfa.capable}, registered ${mfa.registered}, not registered ${mfa.notRegistered}, unknown ${mfa.unknown}`,
    `  Subscriptions ${live} live of ${subscriptions.length}`,
    ...formatNotices(notices).map((line) => `  ${line}`),
    indent(
      formatTable(
        [
          { head: 'lag, 15 min' },
          { head: 'p50', right: true },
          { head: 'p95', right: true },
          { head: 'p99', right: true },
          { head: 'count', right: true },
        ],
        lag.map(({ step, count, p50, p95, p99 }) => [step, formatMs(p50), formatMs(p95), formatMs(p99), count]),
      ),
    ),
  ].join('\n');
}

const toWaiting = ({ waiting, oldestMs }: { waiting: number; oldestMs: number }): string =>
  waiting === 0 ? 'nothing' : `${plural(waiting, 'event')} for the projector, the oldest for ${formatMs(oldestMs)}`;

const formatNotices = (notices: StatusAnswer['pipeline']['notices']): string[] =>
  notices.map(({ level, text, cure }) => `${level === 'problem' ? '!' : '·'} ${toPlain(text)} ${toPlain(cure)}`);

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
