import type { CheckAnswer, DeadLettersAnswer, IntegrationAnswer, UserAnswer } from './answers.js';
import { formatTable, toPlain } from './format-table.js';

export function formatUsers(users: readonly UserAnswer[], more: boolean): string {
  if (users.length === 0) return 'Nobody fits.';
  const table = formatTable(
    [
      { head: 'ID' },
      { head: 'NAME' },
      { head: 'USER PRINCIPAL NAME' },
      { head: 'STATUS' },
      { head: 'SIGN-IN' },
      { head: 'MFA' },
    ],
    users.map(({ userId, displayName, userPrincipalName, status, ssoEnabled, mfaState }) => [
      userId,
      displayName,
      userPrincipalName,
      status,
      ssoEnabled ? 'yes' : 'no',
      mfaState,
    ]),
  );
  return more ? `${table}\nThere are more: narrow the search, or raise --limit.` : table;
}

/** Every field of one thing, a line each; nested ones below it. */
export function formatFields(value: Record<string, unknown>, depth = 0): string {
  const pad = '  '.repeat(depth);
  return Object.entries(value)
    .map(([name, held]) => {
      if (typeof held === 'object' && held !== null && !Array.isArray(held))
        return `${pad}${name}\n${formatFields(held as Record<string, unknown>, depth + 1)}`;
      return `${pad}${name.padEnd(Math.max(2, 24 - pad.length))}  ${formatValue(held)}`;
    })
    .join('\n');
}

function formatValue(held: unknown): string {
  if (held === null || held === undefined) return '–';
  if (Array.isArray(held)) return held.length === 0 ? '–' : held.map((one) => formatValue(one)).join(', ');
  return toPlain(typeof held === 'string' ? held : JSON.stringify(held));
}

export const formatIntegrations = (integrations: readonly IntegrationAnswer[]): string =>
  integrations.length === 0
    ? 'No tenant is connected yet: muster integrations create --help'
    : formatTable(
        [
          { head: 'ID' },
          { head: 'NAME' },
          { head: 'TENANT' },
          { head: 'STATE' },
          { head: 'GROUP' },
          { head: 'SECRET UNTIL' },
        ],
        integrations.map(({ integrationId, name, tenantId, state, groupId, secret }) => [
          integrationId,
          name,
          tenantId,
          state,
          groupId ?? 'everyone',
          secret?.expiresAt.slice(0, 10) ?? null,
        ]),
      );

const MARKS: Record<string, string> = { ok: 'ok  ', remark: '·   ', problem: 'FAIL', unknown: '?   ' };

export function formatCheck({ ok, verdicts, rights }: CheckAnswer): string {
  const lines = verdicts.map(({ field, state, text, cure }) =>
    `${MARKS[state] ?? '?   '}  ${field.padEnd(17)}${toPlain(text)}${cure === null ? '' : ` ${toPlain(cure)}`}`.trimEnd(),
  );
  const missing = rights.filter(({ state }) => state === 'missing');
  return [
    ...lines,
    ...missing.map(
      ({ permission, needed, costs }) => `${needed ? 'FAIL' : '·   '}  ${permission} is missing. ${toPlain(costs)}`,
    ),
    ok ? 'Everything that is needed was proved.' : 'Not ready yet.',
  ].join('\n');
}

export const formatDeadLetters = ({ items }: DeadLettersAnswer): string =>
  items.length === 0
    ? 'No dead letters: every message was handled.'
    : formatTable(
        [
          { head: 'PLACE' },
          { head: 'AT' },
          { head: 'ORIGIN' },
          { head: 'KEY' },
          { head: 'REASON' },
          { head: 'MESSAGE' },
          { head: 'REPLAYED' },
        ],
        items.map(({ partition, offset, at, origin, reason, replayed }) => [
          `${partition}/${offset}`,
          at,
          origin && `${origin.topic}/${origin.partition}@${origin.offset}`,
          origin?.key ?? null,
          reason.code,
          reason.message,
          replayed?.at ?? null,
        ]),
      );
