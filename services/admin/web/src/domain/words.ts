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

const good = (text: string): Word => ({ text, tone: 'good' });
const warn = (text: string): Word => ({ text, tone: 'warn' });
const bad = (text: string): Word => ({ text, tone: 'bad' });
const calm = (text: string): Word => ({ text, tone: 'calm' });

export const MFA_WORDS: Record<MfaState, Word & { means: string }> = {
  capable: { ...good('capable'), means: 'Has a registered method that the tenant’s policy allows.' },
  registered: {
    ...warn('registered, not allowed'),
    means: 'Has registered a method, but the tenant’s policy does not allow it.',
  },
  'not-registered': { ...bad('not registered'), means: 'Microsoft’s report says: no method is registered.' },
  unknown: { ...calm('unknown'), means: 'There is no data about this person. That is not a “no”.' },
};

export const STATUS_WORDS: Record<UserStatus, Word> = {
  active: good('active'),
  disabled: warn('disabled'),
  deleted: bad('deleted'),
  'out-of-scope': calm('out of scope'),
};

const STATES: Record<string, Word> = {
  draft: calm('draft'),
  active: good('active'),
  paused: warn('paused'),
  removed: bad('removed'),
  live: good('live'),
  missing: bad('missing'),
  refused: warn('refused'),
  'slot-taken': warn('slot taken'),
  running: calm('running'),
  published: calm('being written'),
  complete: good('complete'),
  failed: bad('failed'),
  waiting: warn('waits'),
  allowed: calm('allowed'),
  done: good('done'),
  stayed: good('stayed'),
  superseded: calm('needs no answer'),
  covered: good('covered'),
  'by-sweep': warn('by sweep'),
  blind: bad('blind'),
  proved: good('proved'),
  unknown: calm('not known'),
  problem: bad('problem'),
  remark: warn('note'),
  ok: good('in order'),
  fresh: good('fresh'),
  'catching-up': warn('catching up'),
  stalled: bad('stalled'),
  firing: bad('firing'),
  pending: calm('not for long enough yet'),
  resolved: good('over'),
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
