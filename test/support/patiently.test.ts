import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { patiently } from './patiently.js';

const away = new Failure('log.unavailable', 'away', { retryable: true });

describe('patiently', () => {
  /** Rejects with each of these, then answers how often it was asked. */
  const failing = (...errors: readonly Error[]) => {
    let asked = 0;
    return () => {
      const error = errors[asked++];
      return error ? Promise.reject(error) : Promise.resolve(asked);
    };
  };

  it('asks again until it is done', async () => {
    assert.equal(await patiently(failing(away, away), { every: 1 }), 3);
  });

  it('tells at once what will not pass', async () => {
    const refused = new Failure('log.refused', 'refused', { retryable: false });
    for (const error of [refused, new TypeError('a bug')])
      await assert.rejects(patiently(failing(error), { every: 1 }), error);
    assert.equal(await patiently(failing(new TypeError('any')), { every: 1, mayPass: () => true }), 2);
  });

  it('tells the last error when time is up', async () => {
    const errors = Array.from({ length: 1_000 }, (_, index) => new Failure(`${index}`, 'away', { retryable: true }));
    await assert.rejects(
      patiently(failing(...errors), { within: 100, every: 5 }),
      ({ code }: Failure) => Number(code) > 0 && Number(code) < 100,
    );
  });
});
