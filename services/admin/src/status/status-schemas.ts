import { z } from 'zod';
import { LAG_STEPS, credentialSlot, cursorKind, integrationState } from '@muster/contracts';
import { RULE_IDS } from '../alerts/domain/rules.js';
import { orNull } from '../http/or-null.js';
import { NOTICE_PAGES } from './domain/notices.js';

const text = z.string().nullable();
const count = z.int().nonnegative();
const ms = z.number().nonnegative();
const failureView = z.object({ code: z.string(), message: z.string(), at: z.string() }).nullable();
const notice = z
  .object({
    level: z.enum(['problem', 'remark']),
    text: z.string(),
    cure: z.string(),
    page: z.enum(NOTICE_PAGES).optional().describe('The page where it is mended, where there is one.'),
    rule: z.enum(RULE_IDS).optional().describe('The alert rule that tells the same fact, where there is one.'),
  })
  .meta({ id: 'Notice' });

export const snapshotView = z
  .object({
    snapshotId: z.string(),
    kind: z.enum(['users', 'mfa']),
    integrationId: z.string(),
    state: z.enum(['running', 'published', 'complete', 'failed']),
    reason: z.string(),
    pages: count,
    rows: count,
    expectedRows: count.nullable().describe("By Graph's count before the read."),
    progress: z
      .object({
        phase: z.enum(['reading', 'projecting']),
        share: z.number().nullable(),
        etaMs: ms.nullable(),
        endsAt: text,
      })
      .nullable()
      .describe('While it runs; by its pace, and what Graph lets through.'),
    drift: z
      .object({ added: count, changed: count, removed: count })
      .nullable()
      .describe('Found by this read, though neither a notification nor a sweep had told it; null: a first load.'),
    startedAt: z.string(),
    finishedAt: text,
    projectedPartitions: count.describe('Partitions whose rows are in the documents.'),
    partitions: count,
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Snapshot' });

export const lagView = z
  .object({
    step: z
      .enum(LAG_STEPS)
      .describe('`graph`: from the change to our receipt, as far as Graph says it; `ours`: from there to the feed.'),
    count,
    p50: ms.nullable(),
    p95: ms.nullable(),
    p99: ms.nullable(),
  })
  .describe('Milliseconds, as upper bounds; null when nothing was measured, 14400000 means four hours or more.')
  .meta({ id: 'Lag' });

const completedView = z
  .object({
    startedAt: z.string(),
    rows: count,
    drift: z.object({ added: count, changed: count, removed: count }).nullable(),
  })
  .nullable();

const integrationStatus = z
  .object({
    integrationId: z.string(),
    name: z.string(),
    tenantId: z.string(),
    state: integrationState,
    verdict: z
      .object({ verdict: z.enum(['fresh', 'catching-up', 'stalled', 'blind']), reasons: z.array(z.string()) })
      .nullable()
      .describe('How far the picture can be trusted; null: a draft, or removed.'),
    groupId: text,
    people: z.object({
      total: count.describe('Active and disabled.'),
      active: count,
      disabled: count,
      deleted: count,
      outOfScope: count,
      inGroup: count,
      ssoEnabled: count,
    }),
    mfa: z.object({ capable: count, registered: count, notRegistered: count, unknown: count }),
    subscriptions: z.array(
      z.object({
        resource: z.string(),
        entity: z.enum(['user', 'group']),
        status: z.enum(['live', 'missing', 'refused', 'slot-taken']),
        expiresAt: text,
        renewedAt: text,
        failure: z.object({ code: z.string(), message: z.string(), at: z.string() }).nullable(),
      }),
    ),
    cursors: z
      .array(
        z.object({
          kind: cursorKind,
          takenAt: z.string(),
          sweptAt: z.string(),
          usable: z.boolean(),
          failure: failureView,
        }),
      )
      .describe('How far changes were followed by delta: everything until `takenAt` was seen.'),
    loss: z
      .object({ announced: count, lost: count, share: z.number().nullable(), worstDelayMs: count, open: count })
      .describe('Of the last 24 hours: changes that no notification announced.'),
    lostRecently: count.describe('`lost` of the last 30 minutes.'),
    features: z.object({ userSync: z.boolean(), mfaVerification: z.boolean() }),
    startedAt: text,
    resumedAt: text.describe('When the last pause ended; null: there was none.'),
    credential: z
      .object({ slot: credentialSlot, expiresAt: z.string() })
      .nullable()
      .describe('With which the app proves itself.'),
    completed: z.object({ users: completedView, mfa: completedView }).describe('The last complete full reads.'),
    plansWaiting: count.describe('Plans of removals that wait for somebody.'),
    quarantined: z
      .array(
        z.object({
          service: z.string(),
          failure: z.object({ code: z.string(), message: z.string() }).nullable(),
          since: z.string(),
          until: text.describe('Then one call tries whether it is over.'),
        }),
      )
      .describe('Services whose calls to this tenant are held back.'),
    snapshots: z.object({ users: orNull(snapshotView), mfa: orNull(snapshotView) }).describe('The last of each.'),
    lag: z.array(lagView).describe('Of the last 15 minutes.'),
    notices: z.array(notice),
  })
  .meta({ id: 'IntegrationStatus' });

export const statusView = z
  .object({
    at: z.string(),
    integrations: z.array(integrationStatus),
    pipeline: z.object({
      canaries: z.object({
        partitions: count,
        seen: z.array(z.object({ partition: count, ageMs: ms, ms })),
        oldestAgeMs: ms.nullable(),
        slowestMs: ms.nullable(),
      }),
      projector: z
        .object({
          waiting: count,
          oldestMs: ms.describe('Age of the oldest event that waits.'),
          stuckMs: ms.describe('For so long the slowest partition has not moved on.'),
          topics: z.array(z.object({ topic: z.string(), waiting: count })),
          partitions: z
            .array(z.object({ topic: z.string(), partition: count, waiting: count, oldestMs: ms, stuckMs: ms }))
            .describe('Those in which something waits.'),
        })
        .nullable()
        .describe('Events that wait for the projector; null: Kafka does not answer.'),
      deadLetters: count.nullable().describe('Messages that could not be handled, of the last 30 days.'),
      deadLettersOpen: count.nullable().describe('Those of them that nobody has replayed.'),
      notices: z.array(notice),
    }),
  })
  .meta({ id: 'Status' });
export type StatusView = z.infer<typeof statusView>;
