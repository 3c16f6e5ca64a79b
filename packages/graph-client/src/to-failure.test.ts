import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRetryAfter, toFailure } from './to-failure.js';

const error = (code: string, message = '') => ({
  error: { code, message, innerError: { date: '2026-11-23T10:00:00', 'request-id': 'a', 'client-request-id': 'a' } },
});
const failureOf = (status: number, body: unknown = error('generalException')) =>
  toFailure({ status, body, retryAfterMs: undefined, what: 'read' });

describe('toFailure', () => {
  const cases: [number, string, string, boolean][] = [
    [429, 'TooManyRequests', 'graph.throttled', true],
    [503, 'ServiceUnavailable', 'graph.unavailable', true],
    [504, 'GatewayTimeout', 'graph.unavailable', true],
    [500, 'InternalServerError', 'graph.unavailable', true],
    [401, 'InvalidAuthenticationToken', 'graph.unauthorized', false],
    [403, 'Authorization_RequestDenied', 'graph.forbidden', false],
    [403, 'ExtensionError', 'graph.forbidden', false],
    [403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant', 'graph.no-licence', false],
    [404, 'ResourceNotFound', 'graph.not-found', false],
    [410, 'whatever', 'graph.gone', false],
    [404, 'syncStateNotFound', 'graph.gone', false],
    [400, 'resyncRequired', 'graph.gone', false],
    [400, 'Directory_ExpiredPageToken', 'graph.gone', false],
    [400, 'InvalidRequest', 'graph.refused', false],
  ];
  for (const [status, code, expected, retryable] of cases)
    it(`takes ${status} ${code} for ${expected}, ${retryable ? 'to be tried again' : 'for good'}`, () => {
      const failure = failureOf(status, error(code));
      assert.deepEqual([failure.code, failure.retryable, failure.details.status], [expected, retryable, status]);
    });

  it('names the subscription that holds the slot, where Graph names it', () => {
    const id = '7A8B9C0D-1111-4222-8333-444455556666';
    const named = failureOf(409, error('X', `Subscription Id ${id} already exists for the requested combination`));
    assert.deepEqual([named.code, named.details.subscriptionId], ['graph.conflict', id.toLowerCase()]);
    assert.equal(failureOf(409, error('ObjectIdentifierInUse')).details.subscriptionId, null);
  });

  it('says it in our words, with Graph’s code; what Graph wrote is the cause, for the log alone', () => {
    const graphs = error('Authorization_RequestDenied', 'Token eyJ0 of ada@contoso.com has no privileges.');
    const failure = failureOf(403, graphs);
    assert.equal(failure.message, 'read: Graph answers 403 Authorization_RequestDenied, a right is missing.');
    assert.equal((failure.cause as Error).message, graphs.error.message);
    assert.doesNotMatch(JSON.stringify(failure.details), /eyJ0|ada@/);
  });

  it('never repeats what Graph wrote, nor a code that is none', () => {
    const text = fc.string({ minLength: 12, maxLength: 300 }).map((words) => `<${words}>`);
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), text, text, (status, code, message) => {
        const failure = failureOf(status, error(code, message));
        assert.ok(!failure.message.includes(message) && !failure.message.includes(code), failure.message);
      }),
    );
  });

  it('says something of any status, whatever the body is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), fc.anything(), (status, body) => {
        assert.match(failureOf(status, body).code, /^graph\./);
      }),
    );
  });
});

describe('readRetryAfter', () => {
  const now = Date.parse('2026-11-23T10:00:00Z');

  it('reads whole and fractional seconds, rounded up, and an HTTP date', () => {
    assert.equal(readRetryAfter('30', now), 30_000);
    assert.equal(readRetryAfter('2.128', now), 2_128);
    assert.equal(readRetryAfter('0.0001', now), 1);
    assert.equal(readRetryAfter('Mon, 23 Nov 2026 10:00:07 GMT', now), 7_000);
  });

  it('waits an hour at most, whatever stands there', () => {
    for (const text of ['99999999', '1e300', 'Fri, 31 Dec 9999 23:59:59 GMT'])
      assert.equal(readRetryAfter(text, now), 3_600_000);
  });

  it('takes a date that has passed for "now", and what it cannot read for nothing', () => {
    assert.equal(readRetryAfter('Mon, 23 Nov 2026 09:00:00 GMT', now), 0);
    for (const text of [null, undefined, '', ' ', 'soon']) assert.equal(readRetryAfter(text, now), undefined);
  });
});
