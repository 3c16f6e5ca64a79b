import type { LagStep, MfaState, UserStatus } from './api-types.js';

export type Tone = 'good' | 'warn' | 'bad' | 'calm';
export type Word = { text: string; tone: Tone };

export const LAG_STEPS: Record<LagStep, string> = {
  graph: 'Microsoft’s share',
  kafka: 'Receipt to Kafka',
  read: 'Read from Graph',
  document: 'Document written',
  feed: 'Told on the feed',
  ours: 'Our part of the way',
  total: 'Whole way',
};

export const MFA_WORDS: Record<MfaState, Word & { means: string }> = {
  capable: { text: 'capable', tone: 'good', means: 'Has a registered method that the tenant’s policy allows.' },
  registered: {
    text: 'registered, not allowed',
    tone: 'warn',
    means: 'Has registered a method, but the tenant’s policy does not allow it.',
  },
  'not-registered': { text: 'not registered', tone: 'bad', means: 'Microsoft’s report says: no method is registered.' },
  unknown: { text: 'unknown', tone: 'calm', means: 'There is no data about this person. That is not a “no”.' },
};

export const STATUS_WORDS: Record<UserStatus, Word> = {
  active: { text: 'active', tone: 'good' },
  disabled: { text: 'disabled', tone: 'warn' },
  deleted: { text: 'deleted', tone: 'bad' },
  'out-of-scope': { text: 'out of scope', tone: 'calm' },
};

const STATES: Record<string, Word> = {
  draft: { text: 'draft', tone: 'calm' },
  active: { text: 'active', tone: 'good' },
  paused: { text: 'paused', tone: 'warn' },
  removed: { text: 'removed', tone: 'bad' },
  live: { text: 'live', tone: 'good' },
  missing: { text: 'missing', tone: 'bad' },
  refused: { text: 'refused', tone: 'warn' },
  'slot-taken': { text: 'slot taken', tone: 'warn' },
  running: { text: 'running', tone: 'calm' },
  published: { text: 'being written', tone: 'calm' },
  complete: { text: 'complete', tone: 'good' },
  failed: { text: 'failed', tone: 'bad' },
  waiting: { text: 'waits', tone: 'warn' },
  allowed: { text: 'allowed', tone: 'calm' },
  done: { text: 'done', tone: 'good' },
  stayed: { text: 'stayed', tone: 'good' },
  covered: { text: 'covered', tone: 'good' },
  'by-sweep': { text: 'by sweep', tone: 'warn' },
  blind: { text: 'blind', tone: 'bad' },
  proved: { text: 'proved', tone: 'good' },
  unknown: { text: 'not known', tone: 'calm' },
  problem: { text: 'problem', tone: 'bad' },
  remark: { text: 'note', tone: 'warn' },
  ok: { text: 'in order', tone: 'good' },
  fresh: { text: 'fresh', tone: 'good' },
  'catching-up': { text: 'catching up', tone: 'warn' },
  stalled: { text: 'stalled', tone: 'bad' },
};

/** The word and colour of a state; one that is not known here is shown as it came. */
export const toWord = (state: string): Word => STATES[state] ?? { text: state.replaceAll('-', ' '), tone: 'calm' };

/** Why somebody is to be removed. */
export const REMOVAL_WORDS: Record<string, string> = {
  deleted: 'deleted in Entra',
  'left-group': 'left the group',
  absent: 'not in the last full read',
  'group-vanished': 'the group is gone',
};
