import assert from 'node:assert/strict';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('gives the value as soon as it is there', async () => {
    let tries = 0;
    const value = await eventually(() => [undefined, null, 'seen'][tries++], { every: 1 });
    assert.equal(value, 'seen');
    assert.equal(tries, 3);
  });

  it('tells the last error when time is up', async () => {
    let tries = 0;
    const waiting = eventually(
      () => {
        throw new Error(`try ${++tries}`);
      },
      { within: 20, every: 5, what: 'the user' },
    );
    await assert.rejects(
      waiting,
      ({ message }: Error) => message === `the user: not within 20 ms; last seen: try ${tries}`,
    );
    assert.ok(tries > 1);
  });

  it('tells the last value when time is up', async () => {
    await assert.rejects(
      eventually(() => false as const, { within: 1, every: 1 }),
      /the fact: not within 1 ms; last seen: false/,
    );
  });
});
