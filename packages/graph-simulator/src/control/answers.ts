import { z } from 'zod';

const time = z.iso.datetime();
const texts = z.array(z.string());

export const tenantAnswer = z.object({
  tenantId: z.guid(),
  name: z.string(),
  domain: z.string(),
  groupId: z.guid(),
  nestedGroupIds: z.array(z.guid()),
  clientId: z.guid(),
  clientSecret: z.string().nullable(),
  secretExpiresAt: time.nullable(),
  kind: z.enum(['workforce', 'b2c', 'external']),
  licence: z.enum(['P1', 'P2', 'none']),
  permissions: texts,
  people: z.int(),
});
export const countedTenantAnswer = tenantAnswer.extend({
  counts: z.object({
    users: z.int(),
    deleted: z.int(),
    disabled: z.int(),
    guests: z.int(),
    inGroup: z.int(),
    mfaRegistered: z.int(),
  }),
});
export const truthAnswer = z.looseObject({
  id: z.guid(),
  displayName: z.string(),
  userPrincipalName: z.string(),
  accountEnabled: z.boolean(),
  userType: z.enum(['Member', 'Guest']),
  createdDateTime: time,
  deletedDateTime: time.nullable(),
  inGroup: z.boolean(),
  groupPath: texts,
  mfa: z
    .object({
      methods: texts,
      isMfaRegistered: z.boolean(),
      isMfaCapable: z.boolean(),
      isPasswordlessCapable: z.boolean(),
      preferredMethod: z.string().nullable(),
    })
    .nullable(),
});
export const truthListAnswer = z.object({ users: z.array(truthAnswer), total: z.int() });
export const leaversAnswer = z.object({
  absences: z.record(
    z.guid(),
    z.array(z.object({ groupId: z.guid().nullable(), left: z.number(), back: z.number().nullable() })),
  ),
  didGroupsMove: z.boolean(),
});
export const groupAnswer = z.object({
  id: z.guid(),
  displayName: z.string(),
  description: z.string().nullable(),
  unified: z.boolean(),
  deletedDateTime: time.nullable(),
  members: z.array(z.object({ id: z.guid(), type: z.enum(['user', 'group']) })),
  owners: z.array(z.guid()),
  memberOf: z.array(z.guid()),
});
export const groupListAnswer = z.object({
  groups: z.array(groupAnswer.omit({ members: true, owners: true })),
});
const moment = z.number().nullable();
export const ledgerAnswer = z.object({
  deliveries: z.array(
    z.object({
      sequence: z.int(),
      subscriptionId: z.guid(),
      tenantId: z.guid(),
      changedAt: z.number(),
      entity: z.enum(['user', 'group', 'subscription']),
      entityId: z.guid(),
      sentAt: moment,
      ackedAt: moment,
      status: z.int().nullable(),
      attempts: z.int(),
      dropped: z.enum(['fault', 'expired', 'gone', 'dropState']).nullable(),
      droppedAt: moment,
    }),
  ),
});
export const endpointsAnswer = z.object({
  endpoints: z.array(z.object({ url: z.string(), state: z.enum(['normal', 'slow', 'drop']), held: z.int() })),
});
export const clockAnswer = z.object({ now: time, mode: z.enum(['real', 'stepped']) });
export const appAnswer = z.object({ clientId: z.guid(), granted: texts, requested: texts, enabled: z.boolean() });
export const secretAnswer = z.object({ keyId: z.guid(), clientSecret: z.string(), secretExpiresAt: time });
