import assert from 'node:assert/strict';
import { within } from './within.js';

describe('within', () => {
  const never = new Promise<string>(() => undefined);
  const unasked = (): never => assert.fail('it was in time');

  it('gives what the work gives, or rejects as it does', async () => {
    assert.equal(await within(Promise.resolve('done'), 10_000, unasked), 'done');
    await assert.rejects(within(Promise.reject(new Error('broken')), 10_000, unasked), /broken/);
  });

  it('gives or throws what stands for work that is late', async () => {
    assert.equal(await within(never, 1, () => null), null);
    const tooLate = (): never => {
      throw new Error('late');
    };
    await assert.rejects(within(never, 1, tooLate), /late/);
  });

  it('lets nobody hear of work that fails behind its time', async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<string>((_, reject) => (fail = reject));
    assert.equal(await within(work, 1, () => 'late'), 'late');
    fail(new Error('an unhandled rejection would end the test run'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
