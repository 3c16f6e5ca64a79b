import type { AlertDelivery, AlertEvent, AlertRecord, AlertTargetKind } from '@muster/contracts';
import { RULES, isRuleId, type Finding } from './rules.js';

export type FollowContext = { now: Date; targets: readonly AlertTargetKind[] };
/** `save`: new or changed, with the next revision. `remove`: pending ones that passed by themselves. */
export type Followed = { save: AlertRecord[]; remove: string[] };

export const toAlertId = ({ rule, integrationId }: Pick<Finding, 'rule' | 'integrationId'>): string =>
  `${rule}/${integrationId ?? '-'}`;

/**
 * What becomes of the alerts by what the rules found: pending until it has held for long enough, then firing, resolved
 * when it no longer holds. Each turn is told once to each target; a firing one is told again when it gets more pressing.
 */
export function followAlerts(
  before: readonly AlertRecord[],
  findings: readonly Finding[],
  context: FollowContext,
): Followed {
  const known = new Map(before.map((record) => [record.alertId, record]));
  const save: AlertRecord[] = [];
  const remove: string[] = [];
  const judged = new Set<string>();
  for (const finding of findings) {
    const record = known.get(toAlertId(finding));
    judged.add(toAlertId(finding));
    if (finding.holds === null) continue;
    const next = finding.holds ? hold(record, finding, context) : record && end(record, context);
    if (next === 'remove') remove.push(toAlertId(finding));
    else if (next && next !== record) save.push({ ...next, revision: (record?.revision ?? 0) + 1 });
  }
  // Nobody asks about it any more: the integration was paused or removed, or there is no such rule now.
  for (const record of before) {
    if (judged.has(record.alertId)) continue;
    const next = end(record, context);
    if (next === 'remove') remove.push(record.alertId);
    else if (next !== record) save.push({ ...next, revision: record.revision + 1 });
  }
  return { save, remove };
}

function hold(record: AlertRecord | undefined, finding: Finding, { now, targets }: FollowContext): AlertRecord {
  const { rule, integrationId, level, step, text } = finding;
  const at = now.toISOString();
  const isNew = !record || record.state === 'resolved';
  const since = isNew ? at : record.since;
  const isDue = now.getTime() - Date.parse(since) >= RULES[rule].forMs;
  const wasFiring = record?.state === 'firing';
  const isMorePressing = wasFiring && step > record.step;
  const tells = isMorePressing || (isDue && !wasFiring);
  const next: AlertRecord = {
    ...{ alertId: toAlertId(finding), rule, integrationId, level, step, text, since },
    state: wasFiring || isDue ? 'firing' : 'pending',
    firedAt: wasFiring ? record.firedAt : isDue ? at : null,
    resolvedAt: null,
    untold: tells
      ? tell(toAlertId(finding), record?.untold ?? [], { event: 'firing', text, at, targets })
      : (record?.untold ?? []),
    revision: record?.revision ?? 0,
  };
  return record && isSame(record, next) ? record : next;
}

function end(record: AlertRecord, { now, targets }: FollowContext): AlertRecord | 'remove' {
  if (record.state === 'resolved') return record;
  if (record.state === 'pending') return 'remove';
  const at = now.toISOString();
  const untold = tell(record.alertId, record.untold, { event: 'resolved', text: record.text, at, targets });
  return { ...record, state: 'resolved', resolvedAt: at, untold };
}

type Telling = { event: AlertEvent; text: string; at: string; targets: readonly AlertTargetKind[] };

/** Newest last, so that whoever was out of reach hears the story in its order. */
function tell(
  alertId: string,
  untold: readonly AlertDelivery[],
  { event, text, at, targets }: Telling,
): AlertDelivery[] {
  const told = targets.map((target): AlertDelivery => {
    const messageId = `${alertId}/${event}/${target}/${at}`;
    return { ...{ messageId, target, event, text, at }, tries: 0, nextAt: at, failure: null };
  });
  return [...untold, ...told];
}

const isSame = (one: AlertRecord, other: AlertRecord): boolean =>
  one.state === other.state &&
  one.text === other.text &&
  one.step === other.step &&
  one.level === other.level &&
  one.untold === other.untold;

/** Seconds until the next try, then every hour, for a day. */
const PAUSES_S = [10, 30, 60, 300, 900, 1_800];
const GIVE_UP_MS = 24 * 3_600_000;

/** What is left to tell after a try; null: told, or given up for good after a day. */
export function afterTry(delivery: AlertDelivery, failure: string | null, now: Date): AlertDelivery | null {
  if (failure === null || now.getTime() - Date.parse(delivery.at) > GIVE_UP_MS) return null;
  const pause = PAUSES_S[delivery.tries] ?? 3_600;
  const nextAt = new Date(now.getTime() + pause * 1_000).toISOString();
  return { ...delivery, tries: delivery.tries + 1, nextAt, failure };
}

/** The first of each target that is due: the later ones wait for it. */
export function listDue(record: AlertRecord, now: Date): AlertDelivery[] {
  const kinds = [...new Set(record.untold.map(({ target }) => target))];
  const firsts = kinds.flatMap((kind) => record.untold.find(({ target }) => target === kind) ?? []);
  return firsts.filter(({ nextAt }) => Date.parse(nextAt) <= now.getTime());
}

export const toTitle = (rule: string): string => (isRuleId(rule) ? RULES[rule].title : rule);
