import { fullRead, last, withRules, type Fault, type GraphIllness, type Rules } from './fault.js';

type RuleFault = readonly [row: string, rules: Rules];

/** Whole patterns of paths below /v1.0: `*sers` is the list of people, neither their delta nor one of them. */
const LIST = '*sers';
const shortPage = (rows: number, path: string) => ({ type: 'shortPage', rows, share: 0.4, path });

const RULES: readonly RuleFault[] = [
  ['Graph: 429 with Retry-After', [{ type: 'error', status: 429, retryAfter: 1.5, share: 0.3 }]],
  ['Graph: 429 without Retry-After', [{ type: 'error', status: 429, share: 0.3 }]],
  ['Graph: 429 inside $batch', [{ type: 'error', status: 429, retryAfter: 1, share: 0.4, path: '/users/*' }]],
  [
    'Graph: 503 and 504',
    [
      { type: 'error', status: 503, share: 0.2 },
      { type: 'error', status: 504, share: 0.2 },
    ],
  ],
  ['Graph: answers break off', [{ type: 'cutOffPage', share: 0.2 }]],
  ['Graph: answers are no JSON', [{ type: 'malformedPage', share: 0.2 }]],
  ['Graph: answers are late', [{ type: 'slowAnswer', ms: 2_000, share: 0.3 }]],
  ['Graph: tokens are refused', [{ type: 'error', status: 401, code: 'InvalidAuthenticationToken', share: 0.3 }]],
  ['Graph: delta tokens are gone (410)', [{ type: 'deltaReset', form: 'gone', count: 4 }]],
  ['Graph: delta wants a resync', [{ type: 'deltaReset', form: 'resync', count: 4 }]],
  ['Graph: delta tokens are unsupported (400)', [{ type: 'deltaReset', form: 'unsupported', count: 4 }]],
  ['Graph: delta tells old changes again', [{ type: 'deltaReplay', changes: 20 }]],
  ['Graph: delta pages without rows', [{ type: 'emptyPage', share: 0.5 }]],
  [
    'Graph: sizes of pages change in the middle of reads',
    [shortPage(61, LIST), shortPage(7, LIST), shortPage(5, '/users/delta'), shortPage(40, '*RegistrationDetails')],
  ],
  ['Graph: a row stands on two pages', [{ type: 'rowDoubled', share: 1, path: LIST }]],
  ['Graph: a row is missing between pages of a full read', [{ type: 'rowMissing', share: 0.5, path: LIST }]],
  ['Graph: reads are behind (replica lag)', [{ type: 'replicaLag', ms: 3_000, share: 0.3 }]],
  ['notifications: lost', [{ type: 'drop', share: 0.3 }]],
  ['notifications: twice', [{ type: 'duplicate' }]],
  ['notifications: late and shuffled', [{ type: 'delay', ms: 4_000, share: 0.5 }, { type: 'reorder' }]],
];

const ruleFault = ([row, rules]: RuleFault): Fault => ({
  row,
  strike: (scene) =>
    withRules(scene, rules, async () => {
      // What strikes the list of people needs somebody who reads it.
      if (rules.some(({ path }) => path === LIST)) await fullRead(scene);
      await last(scene.random.between(2_500, 7_000));
    }),
});

export const GRAPH_FAULTS: readonly Fault[] = RULES.map(ruleFault);

const REFUSED = 401;

/**
 * What strikes whoever asks, for as long as it lasts: it can be on top of what else is ill. A tenant whose token is refused
 * is asked nothing for a while, so that nothing would be on top.
 */
export const GRAPH_ILLNESSES: readonly GraphIllness[] = RULES.map(([row, rules]) => ({ row, rules })).filter(
  ({ rules }) =>
    rules.every((rule) => !('path' in rule || 'count' in rule || 'changes' in rule) && rule['status'] !== REFUSED),
);
