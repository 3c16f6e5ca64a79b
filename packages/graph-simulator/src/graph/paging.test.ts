import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createUser } from '../tenant/seed-people.js';
import type { User } from '../tenant/user.js';
import { pageOf } from './operations/users.js';

const userOf = (index: number): User => createUser({ id: String(index), createdAt: 0 }, `${index}@t.example`);
const living = (user: User) => user.deletedAt === null;

describe('paging', () => {
  it('gives everyone who stays exactly once, though others leave between pages', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), size, fc.array(fc.nat(39)), (count, limit, leavers) => {
        const slots: (User | undefined)[] = Array.from({ length: count }, (_, index) => userOf(index));
        const queue = [...leavers];
        const seen: string[] = [];
        for (let slot: number | null = 0; slot !== null;) {
          const page = pageOf(slots, { slot, limit, accept: living });
          assert.ok(page.rows.length === limit || page.next === null);
          seen.push(...page.rows.map(({ id }) => id));
          slot = page.next;
          const leaver = queue.pop();
          if (leaver !== undefined && leaver < count) slots[leaver] = undefined;
        }
        const stayed = slots.flatMap((user) => (user === undefined ? [] : [user.id]));
        assert.equal(new Set(seen).size, seen.length);
        assert.deepEqual(
          stayed.filter((id) => !seen.includes(id)),
          [],
        );
      }),
    );
  });
});
