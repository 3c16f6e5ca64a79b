import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import { MOST_CANDIDATES, type PlanRecord, type RemovalCandidate } from '@muster/contracts';

/** Of a document of MongoDB (https://www.mongodb.com/docs/manual/reference/limits/). */
const LIMIT = 16 * 1024 * 1024;
const id = '00000000-0000-4000-8000-000000000000';
const at = '2026-01-01T00:00:00.000Z';

describe('what is kept in one document', () => {
  it('a plan with the most candidates has room for an answer for each', () => {
    const one: RemovalCandidate = {
      userId: id,
      why: 'group-vanished',
      state: 'allowed',
      waitsSince: at,
      decidedAt: at,
    };
    const plan: PlanRecord = {
      planId: id,
      integrationId: id,
      tenantId: id,
      groupId: id,
      reason: 'x'.repeat(500),
      candidates: Array.from({ length: MOST_CANDIDATES }, () => one),
      inScope: MOST_CANDIDATES,
      state: 'allowed',
      createdAt: at,
      updatedAt: at,
      decidedAt: at,
      decidedBy: 'somebody',
    };
    const size = mongoose.mongo.BSON.calculateObjectSize({ _id: id, ...plan });
    assert.ok(size < LIMIT, `${size} bytes of ${LIMIT}`);
  });
});
