import assert from 'node:assert/strict';
import { isFailure } from '@muster/contracts';
import { countUnheard, withFailures } from './with-failures.js';

const never = (): Promise<never> => new Promise(() => undefined);
const isUnavailable = (error: unknown): boolean =>
  isFailure(error) && error.code === 'store.unavailable' && error.retryable;

/** Rows 1 and 2, then nothing more. */
async function* rowsThatStop(closed: string[] = []): AsyncGenerator<number> {
  try {
    yield 1;
    yield 2;
    await never();
  } finally {
    closed.push('closed');
  }
}

describe('a command of which nothing is ever heard', () => {
  it('fails in the end and may be tried again; one that is answered does not', async () => {
    const store = withFailures({ hang: never, answer: () => Promise.resolve('there') }, { longestMs: 20 });
    await assert.rejects(store.hang(), isUnavailable);
    assert.equal(await store.answer(), 'there');
  });

  it('fails also behind rows that came', async () => {
    const store = withFailures({ rows: () => rowsThatStop() }, { longestMs: 20 });
    const came: number[] = [];
    await assert.rejects(async () => {
      for await (const row of store.rows()) came.push(row);
    }, isUnavailable);
    assert.deepEqual(came, [1, 2]);
  });

  it('fails also while rows are closed that nobody reads to their end', async () => {
    async function* neverClosed(): AsyncGenerator<number> {
      try {
        yield 1;
      } finally {
        await never();
      }
    }
    const store = withFailures({ rows: neverClosed }, { longestMs: 20 });
    await assert.rejects(async () => {
      for await (const row of store.rows()) if (row === 1) break;
    }, isUnavailable);
  });

  it('is none while the reader itself takes its time', async () => {
    async function* two(): AsyncGenerator<number> {
      yield 1;
      await Promise.resolve();
      yield 2;
    }
    const store = withFailures({ rows: two }, { longestMs: 20 });
    const came: number[] = [];
    for await (const row of store.rows()) {
      came.push(row);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(came, [1, 2]);
  });

  it('keeps nobody who has read enough, and what was begun is closed', async () => {
    const closed: string[] = [];
    const store = withFailures({ rows: () => rowsThatStop(closed) }, { longestMs: 20 });
    for await (const row of store.rows()) if (row === 2) break;
    assert.deepEqual(closed, ['closed']);
  });

  it('is told of once when twenty of a store were given up, and not before', async () => {
    const told: Error[] = [];
    const onUnheard = countUnheard((error) => told.push(error));
    const [one, other] = [1, 2].map(() =>
      withFailures(
        { hang: never, rows: () => rowsThatStop(), answer: () => Promise.resolve() },
        { longestMs: 20, onUnheard },
      ),
    );
    const ask = (count: number) =>
      Promise.all(Array.from({ length: count }, () => assert.rejects(one!.hang(), isUnavailable)));
    await ask(18);
    await other!.answer();
    await assert.rejects(async () => {
      for await (const row of other!.rows()) assert.ok(row);
    }, isUnavailable);
    assert.deepEqual(told, []);
    await ask(1);
    assert.equal(told.length, 1);
    await ask(20);
    assert.equal(told.length, 1);
  });
});
