import { randomUUID } from 'node:crypto';
import {
  addGroup,
  addMember,
  addOwner,
  deleteGroup,
  dropMember,
  dropOwner,
  purgeGroup,
  restoreGroup,
  updateGroup,
} from '../tenant/change-group.js';
import type { Group } from '../tenant/group.js';
import { createGroup } from '../tenant/group.js';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { describeGroup, toGroupTruth } from './describe.js';
import { NotFound } from './not-found.js';
import type { GroupPatch, NewGroup } from './schemas.js';
import { newGroupSchema } from './schemas.js';

type Tools = {
  readonly findTenant: (tenantId: string) => Tenant;
  readonly world: Pick<World, 'clock' | 'settings'>;
  readonly edited: <T>(result: T) => T;
};

/** The part of control that is about groups. */
export const createGroupControl = ({ findTenant, world: { clock, settings }, edited }: Tools) => {
  const findGroup = (tenant: Tenant, groupId: string): Group => {
    const group = tenant.groups.get(groupId.toLowerCase());
    if (group === undefined)
      throw new NotFound(
        `group ${groupId} is not in tenant ${tenant.id}; see GET /_simulator/tenants/${tenant.id}/groups.`,
      );
    return group;
  };
  return {
    listGroups: (tenantId: string) => [...findTenant(tenantId).groups.values()].map(describeGroup),
    groupTruth: (tenantId: string, groupId: string) => toGroupTruth(findGroup(findTenant(tenantId), groupId)),
    createGroup: (tenantId: string, input: NewGroup = {}) => {
      const { id = randomUUID(), ...head } = newGroupSchema.parse(input);
      return edited(
        describeGroup(addGroup(findTenant(tenantId), createGroup({ ...head, id, createdAt: clock.now() }))),
      );
    },
    updateGroup: (tenantId: string, groupId: string, patch: GroupPatch) => {
      const tenant = findTenant(tenantId);
      const group = findGroup(tenant, groupId);
      const fields = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      updateGroup(tenant, group, { fields, at: clock.now() });
      return edited(describeGroup(group));
    },
    /** Soft where the group's kind or a switch says so, unless `permanent`. */
    deleteGroup: (tenantId: string, groupId: string, { permanent = false } = {}) => {
      const tenant = findTenant(tenantId);
      const group = findGroup(tenant, groupId);
      const soft = !permanent && (group.unified || settings.switches.groupsSoftDelete);
      (soft ? deleteGroup : purgeGroup)(tenant, group, clock.now());
      edited(undefined);
    },
    restoreGroup: (tenantId: string, groupId: string) => {
      const tenant = findTenant(tenantId);
      const group = findGroup(tenant, groupId);
      restoreGroup(tenant, group, clock.now());
      return edited(describeGroup(group));
    },
    addMember: (tenantId: string, groupId: string, memberId: string) => {
      addMember(findTenant(tenantId), { groupId, memberId, at: clock.now() });
      edited(undefined);
    },
    dropMember: (tenantId: string, groupId: string, memberId: string) => {
      dropMember(findTenant(tenantId), { groupId, memberId, at: clock.now() });
      edited(undefined);
    },
    addOwner: (tenantId: string, groupId: string, ownerId: string) => {
      addOwner(findTenant(tenantId), { groupId, ownerId, at: clock.now() });
      edited(undefined);
    },
    dropOwner: (tenantId: string, groupId: string, ownerId: string) => {
      dropOwner(findTenant(tenantId), { groupId, ownerId, at: clock.now() });
      edited(undefined);
    },
    /** Gone for good, whatever its kind. */
    purgeGroup: (tenantId: string, groupId: string) => {
      const tenant = findTenant(tenantId);
      purgeGroup(tenant, findGroup(tenant, groupId), clock.now());
      edited(undefined);
    },
  };
};
