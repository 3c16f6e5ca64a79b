import type { IntegrationStatus, Pipeline } from './api-types.js';
import { formatAge, formatCount, formatMs, formatWhen, plural } from './format.js';
import { toWord, type Tone } from './words.js';

export type Verdict = { word: string; tone: Tone; sentence: string };

const CANARY_LATE_MS = 200_000;
const SWEEP_LATE_MS = 15 * 60_000;
const MANY_WAITING = 200;
const SLOW_MS = 60_000;

type Facts = Pick<
  IntegrationStatus,
  'state' | 'lag' | 'cursors' | 'snapshots' | 'completed' | 'subscriptions' | 'verdict' | 'features'
>;

/** How far the picture can be trusted, in one word and one sentence. What blocks most is said first. */
export function toVerdict(facts: Facts, pipeline: Pipeline, now: Date): Verdict {
  if (facts.state === 'draft') return { word: 'Draft', tone: 'calm', sentence: 'Nothing runs yet.' };
  if (facts.state === 'paused') return { word: 'Paused', tone: 'warn', sentence: 'The picture grows old.' };
  const judged = facts.verdict;
  if (judged && judged.verdict !== 'fresh') {
    const word = toWord(judged.verdict);
    return {
      word: word.text.charAt(0).toUpperCase() + word.text.slice(1),
      tone: word.tone,
      sentence: judged.reasons.join(' '),
    };
  }
  if (judged) return { ...toBehind(facts, pipeline, now), word: 'Fresh', tone: 'good' };
  if (pipeline.projector === null)
    return { word: 'Stalled', tone: 'bad', sentence: 'Kafka does not answer, so nothing moves.' };
  const { oldestAgeMs } = pipeline.canaries;
  if (oldestAgeMs !== null && oldestAgeMs > CANARY_LATE_MS)
    return { word: 'Stalled', tone: 'bad', sentence: `The last canary came through ${formatAge(oldestAgeMs)} ago.` };
  return toFirstLoad(facts) ?? toBlind(facts, now) ?? toBehind(facts, pipeline, now);
}

function toFirstLoad({ snapshots }: Facts): Verdict | null {
  const read = snapshots.users;
  if (!read || read.state === 'complete' || read.finishedAt !== null || !/first|start/i.test(read.reason)) return null;
  const of = read.expectedRows === null ? '' : ` of ${formatCount(read.expectedRows)}`;
  return { word: 'First load', tone: 'warn', sentence: `${formatCount(read.rows)}${of} people are read.` };
}

function toBlind({ subscriptions, cursors }: Facts, now: Date): Verdict | null {
  const isLive = subscriptions.some(({ status }) => status === 'live');
  const lastSweep = oldestSweep(cursors);
  const isSwept = lastSweep !== null && now.getTime() - Date.parse(lastSweep) < SWEEP_LATE_MS;
  if (isLive || isSwept || (subscriptions.length === 0 && cursors.length === 0)) return null;
  return { word: 'Blind', tone: 'bad', sentence: `No subscription is live; last sweep ${formatWhen(lastSweep, now)}.` };
}

function toBehind({ lag, cursors }: Facts, { projector }: Pipeline, now: Date): Verdict {
  const waiting = projector?.waiting ?? 0;
  const total = lag.find(({ step }) => step === 'total');
  const p95 = total?.p95 ?? null;
  if (waiting > MANY_WAITING || (p95 !== null && p95 > SLOW_MS))
    return {
      word: 'Catching up',
      tone: 'warn',
      sentence: `${plural(waiting, 'event waits', 'events wait')} for the projector.`,
    };
  const swept = oldestSweep(cursors);
  const looked = swept === null ? '' : ` Last sweep ${formatWhen(swept, now)}.`;
  if (p95 === null)
    return { word: 'Fresh', tone: 'good', sentence: `Nothing changed in the last 15 minutes.${looked}` };
  return { word: 'Fresh', tone: 'good', sentence: `${formatMs(p95)} behind at most, for 95 of 100 changes.${looked}` };
}

/** Up to when everything was swept: the group's sweep, seconds old, says nothing of people whose own has stopped. */
export const oldestSweep = (cursors: Facts['cursors']): string | null =>
  cursors.reduce<string | null>(
    (oldest, { sweptAt }) => (oldest === null || sweptAt < oldest ? sweptAt : oldest),
    null,
  );

type ReadFacts = Pick<Facts, 'completed' | 'snapshots' | 'features'>;

/** MFA verification alone: nobody is synced, and the report is all that is read. */
export const isReportAlone = ({ features }: Pick<Facts, 'features'>): boolean => features?.userSync === false;

/** When the last full read began that came to its end; a failed one proves nothing. Null: there is none yet. */
export function lastFullRead(facts: ReadFacts): string | null {
  const { completed, snapshots } = facts;
  const kind = isReportAlone(facts) ? 'mfa' : 'users';
  const newest = snapshots[kind];
  return completed?.[kind]?.startedAt ?? (newest?.state === 'complete' ? newest.startedAt : null);
}

export function toFullReadNote(facts: ReadFacts, now: Date): string {
  const isAlone = isReportAlone(facts);
  const begun = lastFullRead(facts);
  const failed = facts.snapshots[isAlone ? 'mfa' : 'users']?.state === 'failed' ? '; the last one failed' : '';
  if (begun === null) return `no complete full read yet${failed}`;
  return isAlone ? `the report was read in full${failed}` : `full read began ${formatWhen(begun, now)}${failed}`;
}
