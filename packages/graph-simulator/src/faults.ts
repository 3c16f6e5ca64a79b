import { z } from 'zod';
import type { Random } from './random.js';
import { createRandom } from './random.js';

const share = z.number().min(0).max(1);

/** What can be made to go wrong. A left-out part does not happen. */
export const faultPlanSchema = z.strictObject({
  seed: z.int().default(1),
  dropNotifications: share.default(0),
  duplicateNotifications: share.default(0),
  delayNotificationsMs: z.number().min(0).max(14_400_000).default(0),
  /** Shuffles what waits for one endpoint before it is posted. */
  reorderNotifications: z.boolean().default(false),
  graphError: z
    .strictObject({
      status: z.int().min(400).max(599),
      share,
      /** Seconds, whole or fractional; left out: no Retry-After header. */
      retryAfter: z.number().min(0).optional(),
      /** Only calls whose path contains this. */
      path: z.string().optional(),
    })
    .nullable()
    .default(null),
  slowAnswersMs: z.number().min(0).max(300_000).default(0),
  throttling: z.boolean().default(true),
  /** How an expired delta token is refused (contract 5.2). */
  deltaReset: z.enum(['gone', 'unsupported', 'resync']).default('unsupported'),
});

export type FaultPlan = z.infer<typeof faultPlanSchema>;
export type GraphFaultPlan = NonNullable<FaultPlan['graphError']>;

export type Faults = {
  readonly plan: () => FaultPlan;
  /** Sets the plan and starts its chance anew from its seed, so that a run can be repeated. */
  readonly set: (plan: FaultPlan) => void;
  /** How often one notification is sent: 0 dropped, 2 doubled. */
  readonly copiesOfNotification: () => 0 | 1 | 2;
  /** The error that this Graph call must end in, if any. */
  readonly errorFor: (path: string) => GraphFaultPlan | null;
  readonly random: () => Random;
};

export const NO_FAULTS: FaultPlan = faultPlanSchema.parse({});

export const createFaults = (first: FaultPlan = NO_FAULTS): Faults => {
  let plan = first;
  let random = createRandom(`faults/${plan.seed}`);
  return {
    plan: () => plan,
    set: (next) => {
      plan = next;
      random = createRandom(`faults/${plan.seed}`);
    },
    copiesOfNotification: () => {
      if (random.chance(plan.dropNotifications)) return 0;
      return random.chance(plan.duplicateNotifications) ? 2 : 1;
    },
    errorFor: (path) => {
      const error = plan.graphError;
      if (error === null || !path.includes(error.path ?? '')) return null;
      return random.chance(error.share) ? error : null;
    },
    random: () => random,
  };
};
