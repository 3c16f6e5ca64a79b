import assert from 'node:assert/strict';
import { isFailure, type Failure } from '@muster/contracts';
import type { GraphPage } from '../src/index.js';

export async function collectPages<P>(pages: AsyncIterable<P>): Promise<P[]> {
  const all: P[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** Every row of a read that went to its end; a row that could not be read is a failed test. */
export async function collectRows<T>(pages: AsyncIterable<GraphPage<T>>): Promise<T[]> {
  const all = await collectPages(pages);
  assert.equal(
    all.reduce((sum, page) => sum + page.malformed, 0),
    0,
    'rows that could not be read',
  );
  return all.flatMap(({ rows }) => rows);
}

/** The Failure that the work ends in. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const outcome = await work.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert.ok('error' in outcome, `went well: ${JSON.stringify(outcome)}`);
  assert.ok(isFailure(outcome.error), `not a Failure: ${String(outcome.error)}`);
  return outcome.error;
}
