import { z } from 'zod';
import type { Random } from './random.js';
import { createRandom } from './random.js';

const share = z.number().min(0).max(1);
const ms = z.number().min(0).max(14_400_000);
/** How a delta token is refused (contract 5.2). */
const resetForm = z.enum(['gone', 'unsupported', 'resync', 'resyncRequired']);

const scope = {
  tenantId: z
    .guid()
    .transform((id) => id.toLowerCase())
    .optional(),
  /** Of a Graph call below `/v1.0`, of a notification or change `/users/{id}`. With `*` it must fit whole, else be part. */
  path: z.string().optional(),
  share: share.default(1),
  /** Ends after so many hits. */
  count: z.int().min(1).optional(),
};

export const faultRuleSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('drop'), ...scope }),
  z.strictObject({ type: z.literal('duplicate'), ...scope }),
  z.strictObject({ type: z.literal('delay'), ms, ...scope }),
  /** Shuffles what waits for one endpoint before it is posted; `path` has no meaning here. */
  z.strictObject({ type: z.literal('reorder'), ...scope }),
  /** Reads see the object as it was before the change, for `ms` after it. */
  z.strictObject({ type: z.literal('replicaLag'), ms, ...scope }),
  z.strictObject({
    type: z.literal('error'),
    status: z.int().min(400).max(599),
    code: z.string().optional(),
    /** Seconds, whole or fractional; left out: no Retry-After header. */
    retryAfter: z.number().min(0).optional(),
    /** `x-ms-throttle-information`, e.g. CPULimitExceeded. */
    information: z.string().optional(),
    ...scope,
  }),
  z.strictObject({ type: z.literal('slowAnswer'), ms: z.number().min(0).max(300_000), ...scope }),
  /** The connection ends in the middle of the body. */
  z.strictObject({ type: z.literal('cutOffPage'), ...scope }),
  /** A whole answer of status 200 that is no JSON. */
  z.strictObject({ type: z.literal('malformedPage'), ...scope }),
  /** The last row of a page that has a next one is left out of both. */
  z.strictObject({ type: z.literal('rowMissing'), ...scope }),
  /** The last row of a page that has a next one comes on the next one again. */
  z.strictObject({ type: z.literal('rowDoubled'), ...scope }),
  /** The list of subscriptions shows those too that ended lately (contract 1.4). */
  z.strictObject({ type: z.literal('endedListed'), ...scope }),
  /**
   * A page of people, of a group's members, of the report, of a people's delta or of a group delta's later rounds has no more
   * than so many rows, whatever `$top` asks for. A page that would have no more counts as a hit, too.
   */
  z.strictObject({ type: z.literal('shortPage'), rows: z.int().min(1), ...scope }),
  /** A delta page without rows, though more is to come. */
  z.strictObject({ type: z.literal('emptyPage'), ...scope }),
  z.strictObject({ type: z.literal('deltaReset'), form: resetForm, ...scope }),
  /** A round of changes tells the last `changes` before it again. */
  z.strictObject({ type: z.literal('deltaReplay'), changes: z.int().min(1), ...scope }),
  /** Graph finds no permission in the token. */
  z.strictObject({ type: z.literal('consentRevoked'), ...scope }),
  z.strictObject({ type: z.literal('wrongSecret'), ...scope }),
  z.strictObject({ type: z.literal('expiredSecret'), ...scope }),
]);

/** What can be made to go wrong. A left-out part does not happen; the parts beside `rules` are short forms of rules. */
export const faultPlanSchema = z.strictObject({
  seed: z.int().default(1),
  dropNotifications: share.default(0),
  duplicateNotifications: share.default(0),
  delayNotificationsMs: ms.default(0),
  reorderNotifications: z.boolean().default(false),
  graphError: z
    .strictObject({
      status: z.int().min(400).max(599),
      share,
      retryAfter: z.number().min(0).optional(),
      path: z.string().optional(),
    })
    .nullable()
    .default(null),
  slowAnswersMs: z.number().min(0).max(300_000).default(0),
  throttling: z.boolean().default(true),
  /** How a delta token that has expired by itself is refused. */
  deltaReset: resetForm.default('unsupported'),
  rules: z.array(faultRuleSchema).default([]),
});

export type FaultPlan = z.infer<typeof faultPlanSchema>;
export type FaultPlanInput = z.input<typeof faultPlanSchema>;
export type ResetForm = z.infer<typeof resetForm>;
export type FaultRule = z.infer<typeof faultRuleSchema>;
type RuleOf<T extends FaultRule['type']> = Extract<FaultRule, { type: T }>;

/** Where something is about to happen. */
export type Place = { readonly tenantId: string; readonly path: string };

export type Faults = {
  readonly plan: () => FaultPlan;
  /** Sets the plan and starts its chance anew from its seed, so that a run can be repeated. */
  readonly set: (plan: FaultPlan) => void;
  /** The rule that strikes here now; it counts as a hit. */
  readonly take: <T extends FaultRule['type']>(type: T, place: Place) => RuleOf<T> | null;
  /** Each rule with how often it struck. */
  readonly hits: () => readonly { readonly rule: FaultRule; readonly hits: number }[];
  /** Chance of the plan's seed for one purpose: what draws from one purpose leaves the others as they were. */
  readonly random: (purpose: 'batchOrder' | 'reorder' | 'tokenFault') => Random;
};

export const NO_FAULTS: FaultPlan = faultPlanSchema.parse({});

const shortForms = (plan: FaultPlan): FaultRule[] => {
  const rules: FaultRule[] = [];
  if (plan.dropNotifications > 0) rules.push({ type: 'drop', share: plan.dropNotifications });
  if (plan.duplicateNotifications > 0) rules.push({ type: 'duplicate', share: plan.duplicateNotifications });
  if (plan.delayNotificationsMs > 0) rules.push({ type: 'delay', ms: plan.delayNotificationsMs, share: 1 });
  if (plan.reorderNotifications) rules.push({ type: 'reorder', share: 1 });
  if (plan.graphError !== null) rules.push({ type: 'error', ...plan.graphError });
  if (plan.slowAnswersMs > 0) rules.push({ type: 'slowAnswer', ms: plan.slowAnswersMs, share: 1 });
  return rules;
};

const toFits = (pattern: string | undefined): ((path: string) => boolean) => {
  if (pattern === undefined) return () => true;
  if (!pattern.includes('*')) return (path) => path.includes(pattern);
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const whole = new RegExp(`^${parts.join('.*')}$`, 'i');
  return (path) => whole.test(path);
};

type Armed = {
  readonly rule: FaultRule;
  readonly random: Random;
  readonly fits: (path: string) => boolean;
  hits: number;
};

/** Every rule has its own chance: what one rule does leaves the others as they were. */
const arm = (plan: FaultPlan): Armed[] =>
  [...shortForms(plan), ...plan.rules].map((rule, index) => ({
    rule,
    random: createRandom(`faults/${plan.seed}/${index}`),
    fits: toFits(rule.path),
    hits: 0,
  }));

export const createFaults = (first: FaultPlan = NO_FAULTS): Faults => {
  let plan = first;
  let armed = arm(plan);
  let chances = new Map<string, Random>();
  const strikes = ({ rule, hits, fits, random: chance }: Armed, { tenantId, path }: Place) =>
    (rule.count === undefined || hits < rule.count) &&
    (rule.tenantId === undefined || rule.tenantId === tenantId) &&
    fits(path) &&
    chance.chance(rule.share);
  return {
    plan: () => plan,
    set: (next) => {
      plan = next;
      armed = arm(plan);
      chances = new Map();
    },
    take: <T extends FaultRule['type']>(type: T, place: Place) => {
      const found = armed.find((one) => one.rule.type === type && strikes(one, place));
      if (found === undefined) return null;
      found.hits += 1;
      return found.rule as RuleOf<T>;
    },
    hits: () => armed.map(({ rule, hits }) => ({ rule, hits })),
    random: (purpose) => {
      const known = chances.get(purpose) ?? createRandom(`faults/${plan.seed}/${purpose}`);
      chances.set(purpose, known);
      return known;
    },
  };
};
