import { z } from 'zod';
import type { DeliverySettings, Lifetimes } from '../settings.js';
import { DEFAULT_SETTINGS } from '../settings.js';

const guid = z.guid().transform((id) => id.toLowerCase());
const text = z.string().min(1).max(512);
const clearable = text.nullable();

export const tenantPlanSchema = z.strictObject({
  tenantId: guid.optional(),
  name: z.string().min(1).max(256).default('Contoso'),
  seed: z.int().default(1),
  people: z.int().min(0).max(2_000_000).default(500),
  groupMembers: z.int().min(0).optional(),
  /** How many groups lie in the chosen one; a shape says whether they hold a cycle and a diamond. */
  nestedGroups: z
    .union([
      z.int().min(0).max(50),
      z.strictObject({
        count: z.int().min(0).max(50),
        cycle: z.boolean().default(false),
        diamond: z.boolean().default(false),
      }),
    ])
    .default(1),
  guests: z.int().min(0).optional(),
  disabled: z.int().min(0).optional(),
  mfaShare: z.number().min(0).max(1).default(0.75),
  licence: z.enum(['P1', 'P2', 'none']).default('P1'),
  kind: z.enum(['workforce', 'b2c', 'external']).default('workforce'),
  permissions: z.array(text).default(['User.Read.All', 'Group.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All']),
  redirectUris: z.array(z.url()).optional(),
  secretDays: z.number().positive().max(730).default(180),
});

/** Fills in what depends on the number of people. */
export const toTenantPlan = ({ nestedGroups, ...plan }: z.infer<typeof tenantPlanSchema>) => ({
  ...plan,
  nestedGroups: typeof nestedGroups === 'number' ? nestedGroups : nestedGroups.count,
  // By number alone, three make the diamond and four the cycle.
  cycle: typeof nestedGroups === 'number' ? nestedGroups >= 4 : nestedGroups.cycle,
  diamond: typeof nestedGroups === 'number' ? nestedGroups >= 3 : nestedGroups.diamond,
  groupMembers: Math.min(plan.groupMembers ?? 350, plan.people),
  guests: Math.min(plan.guests ?? 25, plan.people),
  disabled: Math.min(plan.disabled ?? 20, plan.people),
});

const userFields = {
  displayName: text.optional(),
  givenName: clearable.optional(),
  surname: clearable.optional(),
  mail: clearable.optional(),
  userPrincipalName: text.optional(),
  jobTitle: clearable.optional(),
  department: clearable.optional(),
  officeLocation: clearable.optional(),
  mobilePhone: clearable.optional(),
  businessPhone: clearable.optional(),
  preferredLanguage: clearable.optional(),
  accountEnabled: z.boolean().optional(),
  userType: z.enum(['Member', 'Guest']).optional(),
  companyName: clearable.optional(),
  employeeId: clearable.optional(),
  usageLocation: clearable.optional(),
  city: clearable.optional(),
  country: clearable.optional(),
};

export const userPatchSchema = z.strictObject(userFields);
export const newUserSchema = z.strictObject({
  ...userFields,
  id: guid.optional(),
  inGroup: z.boolean().default(false),
});
export const mfaSchema = z.strictObject({ methods: z.array(text), capable: z.boolean().optional() });
export const activitySchema = z.strictObject({
  perSecond: z.number().min(0).max(10_000),
  seed: z.int().default(1),
});
/** `changes`: those that this process has made; acts that changed nothing are not counted, others take their place. */
export const activityAnswer = activitySchema.extend({ changes: z.int() });
export const appPatchSchema = z.strictObject({
  granted: z.array(text).optional(),
  requested: z.array(text).optional(),
  enabled: z.boolean().optional(),
});
export const secretSchema = z.strictObject({
  days: z.number().max(730).default(180),
  displayName: text.default('by control'),
});
export const tenantPatchSchema = z.strictObject({ licence: z.enum(['P1', 'P2', 'none']) });

export const newGroupSchema = z.strictObject({
  id: guid.optional(),
  displayName: text.default('New group'),
  description: clearable.default(null),
  /** A Microsoft 365 group, which is deleted softly. */
  unified: z.boolean().default(false),
});
export const groupPatchSchema = z.strictObject({ displayName: text.optional(), description: clearable.optional() });
/** Either one; a clock only runs forwards. */
export const clockSchema = z
  .strictObject({ advanceMs: z.number().min(0).optional(), to: z.iso.datetime({ offset: true }).optional() })
  .refine(({ advanceMs, to }) => (advanceMs === undefined) !== (to === undefined), {
    message: 'give advanceMs or to, not both',
  });

const ms = z.number().min(0);
const lives = Object.fromEntries(Object.keys(DEFAULT_SETTINGS.lifetimes).map((name) => [name, ms.optional()]));
const limits = Object.fromEntries(
  Object.keys(DEFAULT_SETTINGS.delivery).map((name) => [name, z.number().min(0).optional()]),
);
const flag = z.boolean().optional();
const size = z.int().min(1).optional();

/** Times in ms. */
export const settingsPatchSchema = z.strictObject({
  lifetimes: z.strictObject(lives as Record<keyof Lifetimes, z.ZodOptional<z.ZodNumber>>).optional(),
  delivery: z.strictObject(limits as Record<keyof DeliverySettings, z.ZodOptional<z.ZodNumber>>).optional(),
  switches: z
    .strictObject({
      validateOnRenewal: flag,
      validationErrorCode: z.enum(['InvalidRequest', 'ValidationError']).optional(),
      changeTypeOrderMatters: flag,
      unwatchedResources: flag,
      handshakeTokenSuffix: z.string().max(512).optional(),
      handshakeTrailingNewline: flag,
      eventTimes: flag,
      endpointBy: z.enum(['url', 'host']).optional(),
      lifecycleShape: z.enum(['documented', 'captured']).optional(),
      removedInFirstRound: flag,
      groupsSoftDelete: flag,
      emptyPreferredMethod: flag,
      membershipChangesUser: flag,
    })
    .optional(),
  pageSizes: z.strictObject({ delta: size, report: size, subscriptions: size }).optional(),
});

const number = z.coerce.number().int().min(0);
export const pageSchema = z.object({ skip: number.default(0), top: number.min(1).max(100_000).default(1_000) });
export const ledgerSchema = z.object({ since: number.default(0), limit: number.min(1).max(100_000).default(1_000) });

export const permanentSchema = z.object({ permanent: z.enum(['true', 'false']).default('false') });

export type TenantPlanInput = z.input<typeof tenantPlanSchema>;
export type NewGroup = z.input<typeof newGroupSchema>;
export type GroupPatch = z.infer<typeof groupPatchSchema>;
export type UserPatch = z.infer<typeof userPatchSchema>;
export type NewUser = z.input<typeof newUserSchema>;
export type Activity = z.infer<typeof activitySchema>;
