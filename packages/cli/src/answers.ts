import { z } from 'zod';

/** What the command line reads of the admin API's answers; the rest is passed on by --json. */

const text = z.string().nullable();
const ms = z.number().nullable();
const notice = z.looseObject({ level: z.enum(['problem', 'remark']), text: z.string(), cure: z.string() });

export const statusAnswer = z.looseObject({
  at: z.string(),
  integrations: z.array(
    z.looseObject({
      integrationId: z.string(),
      name: z.string(),
      state: z.string(),
      verdict: z.looseObject({ verdict: z.string(), reasons: z.array(z.string()) }).nullable(),
      people: z.looseObject({
        total: z.number(),
        disabled: z.number(),
        deleted: z.number(),
        inGroup: z.number(),
        ssoEnabled: z.number(),
      }),
      mfa: z.looseObject({
        capable: z.number(),
        registered: z.number(),
        notRegistered: z.number(),
        unknown: z.number(),
      }),
      subscriptions: z.array(z.looseObject({ resource: z.string(), status: z.string(), expiresAt: text })),
      lag: z.array(z.looseObject({ step: z.string(), count: z.number(), p50: ms, p95: ms, p99: ms })),
      notices: z.array(notice),
    }),
  ),
  pipeline: z.looseObject({
    canaries: z.looseObject({ partitions: z.number(), seen: z.array(z.unknown()), oldestAgeMs: ms, slowestMs: ms }),
    projector: z.looseObject({ waiting: z.number(), oldestMs: z.number() }).nullable(),
    deadLetters: z.number().nullable(),
    notices: z.array(notice),
  }),
});
export type StatusAnswer = z.infer<typeof statusAnswer>;

export const runsAnswer = z.looseObject({
  items: z.array(
    z.looseObject({
      kind: z.string(),
      state: z.string(),
      reason: z.string(),
      rows: z.number(),
      startedAt: z.string(),
      finishedAt: text,
      progress: z.looseObject({ phase: z.string(), share: ms, etaMs: ms }).nullable(),
      drift: z.looseObject({ added: z.number(), changed: z.number(), removed: z.number() }).nullable(),
      failure: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
});
export type RunsAnswer = z.infer<typeof runsAnswer>;

export const lagAnswer = z.looseObject({
  step: z.string(),
  points: z.array(
    z.looseObject({
      at: z.string(),
      steps: z.array(z.looseObject({ step: z.string(), count: z.number(), p50: ms, p95: ms, p99: ms })),
    }),
  ),
});
export type LagAnswer = z.infer<typeof lagAnswer>;

export const subscriptionsAnswer = z.looseObject({
  items: z.array(
    z.looseObject({
      resource: z.string(),
      status: z.string(),
      expiresAt: text,
      renewedAt: text,
      notifiedAt: text,
      failure: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
});
export type SubscriptionsAnswer = z.infer<typeof subscriptionsAnswer>;

export const coverageAnswer = z.looseObject({
  intervals: z.array(z.looseObject({ from: z.string(), to: z.string(), state: z.string(), sweeps: z.number() })),
  loss: z.looseObject({
    announced: z.number(),
    lost: z.number(),
    share: z.number().nullable(),
    worstDelayMs: z.number(),
    open: z.number(),
  }),
});
export type CoverageAnswer = z.infer<typeof coverageAnswer>;

export const alertsAnswer = z.looseObject({
  items: z.array(
    z.looseObject({
      rule: z.string(),
      level: z.string(),
      state: z.string(),
      integrationId: text,
      text: z.string(),
      since: z.string(),
      runbook: z.string(),
      untold: z.array(z.looseObject({ target: z.string(), tries: z.number(), nextAt: z.string(), failure: text })),
    }),
  ),
  rules: z.array(
    z.looseObject({
      rule: z.string(),
      title: z.string(),
      level: z.string(),
      afterMs: z.number(),
      runbook: z.string(),
    }),
  ),
  elsewhere: z.array(z.looseObject({ title: z.string() })),
  lookedAt: text,
});
export type AlertsAnswer = z.infer<typeof alertsAnswer>;

export const userAnswer = z.looseObject({
  userId: z.string(),
  userPrincipalName: text,
  displayName: text,
  status: z.string(),
  ssoEnabled: z.boolean(),
  inGroup: z.boolean(),
  userType: text,
  mfaState: z.string(),
  revision: z.number(),
  changedAt: z.string(),
});
export type UserAnswer = z.infer<typeof userAnswer>;
export const personSyncAnswer = z.looseObject({
  userId: z.string(),
  integrationId: z.string(),
  requestedAt: z.string(),
});
export const explainAnswer = z.looseObject({
  userId: z.string(),
  inScope: z.boolean().nullable(),
  sentences: z.array(z.string()),
  read: z.looseObject({ requestedAt: z.string() }).nullable(),
});
export type ExplainAnswer = z.infer<typeof explainAnswer>;
export const rebuildAnswer = z.looseObject({ integrationId: z.string(), reads: z.array(z.string()) });
export const usersAnswer = z.looseObject({ items: z.array(userAnswer), nextCursor: text });

export const integrationAnswer = z.looseObject({
  integrationId: z.string(),
  name: z.string(),
  tenantId: z.string(),
  state: z.string(),
  features: z.looseObject({ userSync: z.boolean(), mfaVerification: z.boolean() }),
  groupId: text,
  secret: z.looseObject({ hint: z.string(), expiresAt: z.string() }).nullable(),
  remarks: z.array(z.string()).optional(),
});
export type IntegrationAnswer = z.infer<typeof integrationAnswer>;
export const integrationsAnswer = z.looseObject({ items: z.array(integrationAnswer) });
export const readIntegrationAnswer = integrationAnswer.extend({ revision: z.number() });
/** A 204 holds nothing. */
export const nothingAnswer = z.undefined();

export const checkAnswer = z.looseObject({
  ok: z.boolean(),
  verdicts: z.array(z.looseObject({ field: z.string(), state: z.string(), text: z.string(), cure: text })),
  rights: z.array(
    z.looseObject({
      permission: z.string(),
      state: z.string(),
      feature: z.string(),
      needed: z.boolean(),
      costs: z.string(),
    }),
  ),
});
export type CheckAnswer = z.infer<typeof checkAnswer>;

export const reconcileAnswer = z.looseObject({ integrationId: z.string(), kind: z.string() });

export const deadLetterAnswer = z.looseObject({
  partition: z.number(),
  offset: z.string(),
  origin: z.looseObject({ topic: z.string(), partition: z.number(), offset: z.string(), key: text }).nullable(),
  reason: z.looseObject({ code: z.string(), message: z.string() }),
  payload: z.unknown(),
  at: z.string(),
  replayed: z.looseObject({ at: z.string(), times: z.number() }).nullable(),
});
export const deadLettersAnswer = z.looseObject({ items: z.array(deadLetterAnswer), nextCursor: text });
export type DeadLettersAnswer = z.infer<typeof deadLettersAnswer>;

export const planAnswer = z.looseObject({
  planId: z.string(),
  integrationId: z.string(),
  state: z.string(),
  reason: z.string(),
  counts: z.looseObject({ waiting: z.number(), allowed: z.number(), refused: z.number(), removed: z.number() }),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type PlanAnswer = z.infer<typeof planAnswer>;
export const plansAnswer = z.looseObject({ items: z.array(planAnswer), nextCursor: text });
export const planPeopleAnswer = z.looseObject({
  items: z.array(z.looseObject({ userId: z.string(), displayName: text, why: z.string(), state: z.string() })),
  nextCursor: text,
  plan: planAnswer,
});
export type PlanPeopleAnswer = z.infer<typeof planPeopleAnswer>;

const scopeSide = z.looseObject({
  count: z.number(),
  sample: z.array(z.looseObject({ displayName: text, userPrincipalName: text, userId: z.string() })),
});
const scopeAnswer = z.looseObject({
  inScope: z.number().nullable(),
  gain: scopeSide,
  lose: scopeSide,
  complete: z.boolean(),
  notes: z.array(z.string()),
});
export type ScopeAnswer = z.infer<typeof scopeAnswer>;

export const applyAnswer = z.looseObject({
  ok: z.boolean(),
  dryRun: z.boolean(),
  items: z.array(
    z.looseObject({
      tenantId: z.string(),
      integrationId: text,
      outcome: z.string(),
      changes: z.array(z.string()),
      problem: text,
      scope: scopeAnswer.nullish(),
    }),
  ),
});
export type ApplyAnswer = z.infer<typeof applyAnswer>;

export const credentialsAnswer = z.looseObject({
  freeSlot: z.string(),
  revision: z.number(),
  items: z.array(
    z.looseObject({
      slot: z.string(),
      hint: z.string(),
      expiresAt: z.string(),
      daysLeft: z.number(),
      inUse: z.boolean(),
      warning: z.looseObject({ text: z.string() }).nullable(),
    }),
  ),
});
export type CredentialsAnswer = z.infer<typeof credentialsAnswer>;
export const secretTestAnswer = z.looseObject({
  ok: z.boolean(),
  verdicts: z.array(z.looseObject({ text: z.string() })),
});
export const rotationAnswer = z.looseObject({ resealed: z.number(), upToDate: z.number() });
