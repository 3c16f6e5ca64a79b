import assert from 'node:assert/strict';
import type { Observation } from './observation.js';
import { topicsOf } from './observation-topics.js';

const ID = '11111111-2222-4333-8444-555555555555';
type Fields<T> = T extends Observation ? Pick<T, 'type'> & Partial<T> : never;
const seen = (source: Observation['source'], fields: Fields<Observation>) => ({ source, ...fields }) as Observation;
const user = { userId: ID } as NonNullable<Extract<Observation, { type: 'user' }>['user']>;
const membershipOf = (inGroup: boolean) => ({ inGroup, groupPath: inGroup ? [ID] : [] });

describe('topicsOf', () => {
  const rows: [string, Fields<Observation>][] = [
    ['a person', { type: 'user', user }],
    ['a person in the group', { type: 'user', user, membership: membershipOf(true) }],
    ['the way in', { type: 'membership', ...membershipOf(true) }],
    ['a group', { type: 'group', groupPath: [ID] }],
    // It leaves a mark behind, which an older row does not undo.
    ['a group that left the tree', { type: 'group', groupPath: null }],
    ['a row of the MFA report', { type: 'mfa', row: null }],
  ];
  for (const [what, fields] of rows)
    it(`${what}: of a full read on observations, of anything else on sweeps`, () => {
      for (const isKnown of [true, false]) {
        assert.deepEqual(topicsOf(seen('full', fields), { isKnown }), ['observations']);
        for (const source of ['delta', 'request'] as const)
          assert.deepEqual(topicsOf(seen(source, fields), { isKnown }), ['sweeps'], source);
      }
    });

  it('an end mark stands behind the rows of its read', () =>
    assert.deepEqual(topicsOf(seen('full', { type: 'snapshot-end' }), { isKnown: false }), ['observations']));

  const out: [string, Fields<Observation>][] = [
    ['who is gone', { type: 'user', user: null, removed: 'soft' }],
    ['who is out of the group', { type: 'user', user, membership: membershipOf(false) }],
    ['a membership that ended', { type: 'membership', ...membershipOf(false) }],
  ];
  for (const [what, fields] of out)
    it(`${what}: on sweeps, whoever saw it; behind the rows, too, where there is no document`, () => {
      for (const source of ['full', 'delta', 'request'] as const) {
        assert.deepEqual(topicsOf(seen(source, fields), { isKnown: true }), ['sweeps'], source);
        assert.deepEqual(topicsOf(seen(source, fields), { isKnown: false }), ['sweeps', 'observations'], source);
      }
    });
});
