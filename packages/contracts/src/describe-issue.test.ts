import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { describeIssues } from './describe-issue.js';
import { notificationEvent } from './notification-event.js';
import { observation } from './observation.js';
import { syncRequest } from './sync-request.js';

const describeAll = (schema: z.ZodType, value: unknown): string =>
  describeIssues(schema.safeParse(value).error?.issues ?? []);

describe('what is wrong with a message, in words', () => {
  const cases: [name: string, schema: z.ZodType, value: unknown, words: string][] = [
    ['a field that is not there', z.object({ a: z.string() }), {}, 'a is missing'],
    ['another type', z.object({ a: z.object({ b: z.string() }) }), { a: { b: 7 } }, 'a.b is not a string'],
    ['no whole number', z.object({ a: z.int() }), { a: 1.5 }, 'a is not a whole number'],
    ['none of the values', z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, 'a is not one of x, y'],
    ['not the value', z.object({ a: z.literal(1) }), { a: 2 }, 'a is not 1'],
    ['none of the shapes', z.union([z.string(), z.null()]), 7, 'has an unknown shape'],
    ['a format', z.object({ a: z.iso.datetime() }), { a: 'x' }, 'a is not a time like 2026-01-31T12:00:00Z'],
    ['too short', z.object({ a: z.string().min(2) }), { a: 'x' }, 'a has fewer than 2 characters'],
    ['too many', z.object({ a: z.array(z.int()).max(1) }), { a: [1, 2] }, 'a has more than 1 entry'],
    ['too small', z.object({ a: z.number().min(1) }), { a: 0 }, 'a is less than 1'],
    ['nothing that is known', z.strictObject({}), { a: 1 }, 'has unknown fields: a'],
    ['no object', z.object({}), null, 'is not an object'],
    ['words of the schema', z.object({ a: z.string('is odd') }), { a: 1 }, 'a is odd'],
  ];
  for (const [name, schema, value, words] of cases) it(name, () => assert.equal(describeAll(schema, value), words));

  it('the type of an observation is named with those that there are', () => {
    assert.equal(
      describeAll(observation, { version: 1, type: 7 }),
      'type is not one of user, membership, group, mfa, snapshot-end',
    );
  });

  it('whatever lies on a topic: never zod’s words, and never the value', () => {
    const secret = 'hush-hush-secret';
    const spoilt = fc.dictionary(
      fc.constantFrom('version', 'type', 'integrationId', 'tenantId', 'observedAt', 'source', 'entity', 'userId'),
      fc.oneof(fc.constantFrom<unknown>(1, 'user', 'person', secret, [secret], { a: secret }), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.constantFrom(notificationEvent, observation, syncRequest), spoilt, (schema, value) => {
        const words = describeAll(schema, value);
        assert.doesNotMatch(words, /Invalid|expected|received|Too |hush/);
      }),
    );
  });
});
