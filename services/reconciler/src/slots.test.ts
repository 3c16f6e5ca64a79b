import assert from 'node:assert/strict';
import { createSlots } from './slots.js';

const gate = (): { opened: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};

describe('createSlots', () => {
  it('never lets more work at once than there are slots, and all get their turn', async () => {
    const slots = createSlots(2);
    let working = 0;
    let most = 0;
    const done = await Promise.all(
      Array.from({ length: 9 }, (_, index) =>
        slots.hold(async () => {
          most = Math.max(most, ++working);
          await Promise.resolve();
          working -= 1;
          return index;
        }),
      ),
    );
    assert.equal(most, 2);
    assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('lets another work while one only waits', async () => {
    const slots = createSlots(1);
    const { opened, open } = gate();
    const slow = slots.hold(({ away }) => away(() => opened));
    await slots.hold(() => Promise.resolve());
    open();
    await slow;
  });

  it('lets others work beside one that takes too long, and counts its slot once', async () => {
    const slots = createSlots(1, { patienceMs: 5 });
    const { opened, open } = gate();
    const hangs = slots.hold(() => opened);
    assert.equal(await slots.hold(() => Promise.resolve('next')), 'next');
    open();
    await hangs;
    let working = 0;
    let most = 0;
    const quick = async (): Promise<void> => {
      most = Math.max(most, ++working);
      await Promise.resolve();
      working -= 1;
    };
    await Promise.all([slots.hold(quick), slots.hold(quick), slots.hold(quick)]);
    assert.equal(most, 1);
  });

  it('lends a slot while its work waits for somebody else for long, and only then', async () => {
    const slots = createSlots(1, { lendAfterMs: 5 });
    const { opened, open } = gate();
    const waits = slots.hold(async ({ beside }) => {
      await beside(() => opened);
      return 'waited';
    });
    assert.equal(await slots.hold(() => Promise.resolve('next')), 'next');
    let working = 0;
    let most = 0;
    const quick = slots.hold(async ({ beside }) => {
      most = Math.max(most, ++working);
      await beside(() => Promise.resolve());
      working -= 1;
    });
    const other = slots.hold(async () => {
      most = Math.max(most, ++working);
      await Promise.resolve();
      working -= 1;
    });
    open();
    assert.equal(await waits, 'waited');
    await Promise.all([quick, other]);
    assert.equal(most, 1);
  });

  it('is not kept by what a work left behind, which ends later', async () => {
    const slots = createSlots(1, { lendAfterMs: 5 });
    const { opened, open } = gate();
    let behind: Promise<void> = Promise.resolve();
    await slots.hold(async ({ beside, away }) => {
      behind = beside(() => opened);
      await away(() => new Promise((resolve) => setTimeout(resolve, 20)));
    });
    open();
    await behind;
    assert.equal(await slots.hold(() => Promise.resolve('next')), 'next');
  });

  it('gives the slot back after a failure', async () => {
    const slots = createSlots(1);
    await assert.rejects(
      slots.hold(({ away }) => away(() => Promise.reject(new Error('cut')))),
      /cut/,
    );
    assert.equal(await slots.hold(() => Promise.resolve('next')), 'next');
  });
});
