import assert from 'node:assert/strict';
import { topicsOf, type Observation, type ObservationTopic } from '@muster/contracts';
import fc from 'fast-check';
import type { KnownUser, SeenUser } from '../src/domain/project-user.js';
import { at, everyone, groupId, grouped, now, person as toPerson, run } from './interleavings.js';

const userId = '20000000-0000-4000-8000-000000000000';
const inside = { inGroup: true, groupPath: [groupId] };
const outside = { inGroup: false, groupPath: [] };

/** `row`: of a full read. Ahead of it the projector has handled so many of what waits on each topic. */
type Step = { what: 'row' | 'in' | 'out' | 'gone'; rows: number; sweeps: number };
const anyStep = fc.record({
  what: fc.constantFrom('row' as const, 'in' as const, 'out' as const, 'gone' as const),
  rows: fc.nat({ max: 2 }),
  sweeps: fc.nat({ max: 2 }),
});
const toSight = (what: Step['what'], second: number): SeenUser => ({
  userId,
  observedAt: at(second * 1_000),
  source: what === 'row' ? 'full' : 'delta',
  user: what === 'gone' ? null : toPerson(userId, { jobTitle: `Job ${second}` }),
  ...(what === 'gone' ? {} : { membership: { groupId, ...(what === 'out' ? outside : inside) } }),
});

describe('one person, of whom full reads and sweeps tell on two topics', () => {
  for (const [name, scope, whats] of [
    ['with a group', grouped, ['row', 'in', 'out', 'gone']],
    ['without one', everyone, ['row', 'in', 'gone']],
  ] as const)
    it(`ends in scope exactly if the last sight says so, whichever topic is behind: ${name}`, () => {
      fc.assert(
        fc.property(fc.array(anyStep, { minLength: 1, maxLength: 8 }), (drawn) => {
          const steps = drawn.filter(({ what }) => whats.some((one) => one === what));
          const waiting: Record<ObservationTopic, SeenUser[]> = { observations: [], sweeps: [] };
          const person: { known: KnownUser | null } = { known: null };
          let newest: SeenUser | undefined;
          let handled = 0;
          const handle = (topic: ObservationTopic, most: number): void => {
            for (const seen of waiting[topic].splice(0, most)) {
              // So late that no document is fresh: nobody is read once more.
              const clock = (): Date => new Date(now.getTime() + (handled += 1) * 3_600_000);
              person.known = run(scope, [[seen]], person.known, { clock }).known;
            }
          };
          for (const [index, { what, rows, sweeps }] of steps.entries()) {
            handle('observations', rows);
            handle('sweeps', sweeps);
            newest = toSight(what, index + 1);
            const seen = { type: 'user', ...newest } as Observation;
            for (const topic of topicsOf(seen, { isKnown: person.known !== null })) waiting[topic].push(newest);
          }
          handle('sweeps', Number.POSITIVE_INFINITY);
          handle('observations', Number.POSITIVE_INFINITY);
          const document = person.known?.document;
          const isIn = newest?.user !== null && newest?.membership?.inGroup === true;
          assert.equal(document?.status === 'active', isIn, JSON.stringify(document));
          if (isIn) assert.equal(document?.jobTitle, newest?.user?.jobTitle);
        }),
        { numRuns: 5_000 },
      );
    }).timeout(60_000);
});
