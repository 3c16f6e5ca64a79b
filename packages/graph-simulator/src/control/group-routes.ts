import { groupAnswer, groupListAnswer } from './answers.js';
import type { Control } from './control.js';
import type { Route } from './route.js';
import { route } from './route.js';
import { groupPatchSchema, newGroupSchema, permanentSchema } from './schemas.js';

const GROUPS = '/tenants/{tenant}/groups';
const GROUP = `${GROUPS}/{group}`;
const MEMBER = `${GROUP}/members/{member}`;
const OWNER = `${GROUP}/owners/{owner}`;
const head = groupAnswer.omit({ members: true, owners: true });

export const groupRoutes = (control: Control): Route[] => [
  route({
    method: 'get',
    path: GROUPS,
    tag: 'groups',
    summary: 'All groups, those in the bin too.',
    answer: groupListAnswer,
    run: ({ params }) => ({ groups: control.listGroups(params['tenant'] ?? '') }),
  }),
  route({
    method: 'get',
    path: GROUP,
    tag: 'groups',
    summary: 'One group with its direct members and its owners.',
    answer: groupAnswer,
    run: ({ params: { tenant = '', group = '' } }) => control.groupTruth(tenant, group),
  }),
  route({
    method: 'post',
    path: GROUPS,
    tag: 'groups',
    summary: 'Creates a group.',
    body: newGroupSchema,
    status: 201,
    answer: head,
    run: ({ params, body }) => control.createGroup(params['tenant'] ?? '', body),
  }),
  route({
    method: 'patch',
    path: GROUP,
    tag: 'groups',
    summary: 'Renames a group.',
    body: groupPatchSchema,
    answer: head,
    run: ({ params: { tenant = '', group = '' }, body }) => control.updateGroup(tenant, group, body),
  }),
  route({
    method: 'delete',
    path: GROUP,
    tag: 'groups',
    summary: 'Deletes a group: softly where its kind or a switch says so, else for good.',
    query: permanentSchema,
    run: ({ params: { tenant = '', group = '' }, query }) =>
      control.deleteGroup(tenant, group, { permanent: query.permanent === 'true' }),
  }),
  route({
    method: 'post',
    path: `${GROUP}/restore`,
    tag: 'groups',
    summary: 'Brings a softly deleted group back.',
    answer: head,
    run: ({ params: { tenant = '', group = '' } }) => control.restoreGroup(tenant, group),
  }),
  route({
    method: 'put',
    path: MEMBER,
    tag: 'groups',
    summary: 'Puts a person or a group into a group.',
    run: ({ params: { tenant = '', group = '', member = '' } }) => control.addMember(tenant, group, member),
  }),
  route({
    method: 'delete',
    path: MEMBER,
    tag: 'groups',
    summary: 'Takes a member out.',
    run: ({ params: { tenant = '', group = '', member = '' } }) => control.dropMember(tenant, group, member),
  }),
  route({
    method: 'put',
    path: OWNER,
    tag: 'groups',
    summary: 'Names a person as owner of a group.',
    run: ({ params: { tenant = '', group = '', owner = '' } }) => control.addOwner(tenant, group, owner),
  }),
  route({
    method: 'delete',
    path: OWNER,
    tag: 'groups',
    summary: 'Takes the ownership of a group from a person.',
    run: ({ params: { tenant = '', group = '', owner = '' } }) => control.dropOwner(tenant, group, owner),
  }),
];
