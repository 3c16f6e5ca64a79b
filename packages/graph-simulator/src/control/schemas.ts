import { z } from 'zod';

const guid = z.guid().transform((id) => id.toLowerCase());
const text = z.string().min(1).max(512);
const clearable = text.nullable();

export const tenantPlanSchema = z
  .strictObject({
    tenantId: guid.optional(),
    name: z.string().min(1).max(256).default('Contoso'),
    seed: z.int().default(1),
    people: z.int().min(0).max(2_000_000).default(500),
    groupMembers: z.int().min(0).optional(),
    nestedGroups: z.int().min(0).max(50).default(1),
    guests: z.int().min(0).optional(),
    disabled: z.int().min(0).optional(),
    mfaShare: z.number().min(0).max(1).default(0.75),
    licence: z.enum(['P1', 'none']).default('P1'),
    permissions: z
      .array(text)
      .default(['User.Read.All', 'Group.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All']),
    redirectUris: z.array(z.url()).optional(),
    secretDays: z.number().positive().max(730).default(180),
  })
  .transform((plan) => ({
    ...plan,
    groupMembers: Math.min(plan.groupMembers ?? 350, plan.people),
    guests: Math.min(plan.guests ?? 25, plan.people),
    disabled: Math.min(plan.disabled ?? 20, plan.people),
  }));

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
export const appPatchSchema = z.strictObject({
  granted: z.array(text).optional(),
  requested: z.array(text).optional(),
  enabled: z.boolean().optional(),
});
export const secretSchema = z.strictObject({
  days: z.number().max(730).default(180),
  displayName: text.default('by control'),
});
export const tenantPatchSchema = z.strictObject({ licence: z.enum(['P1', 'none']) });

const number = z.coerce.number().int().min(0);
export const pageSchema = z.object({ skip: number.default(0), top: number.min(1).max(100_000).default(1_000) });
export const ledgerSchema = z.object({ since: number.default(0), limit: number.min(1).max(100_000).default(1_000) });

export type TenantPlanInput = z.input<typeof tenantPlanSchema>;
export type UserPatch = z.infer<typeof userPatchSchema>;
export type NewUser = z.input<typeof newUserSchema>;
export type Activity = z.infer<typeof activitySchema>;
