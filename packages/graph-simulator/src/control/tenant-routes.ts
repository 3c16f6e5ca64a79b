import {
  appAnswer,
  countedTenantAnswer,
  leaversAnswer,
  secretAnswer,
  tenantAnswer,
  truthAnswer,
  truthListAnswer,
} from './answers.js';
import { z } from 'zod';
import type { Control } from './control.js';
import type { Route } from './route.js';
import { OtherStatus, route } from './route.js';
import {
  activityAnswer,
  activitySchema,
  appPatchSchema,
  mfaSchema,
  newUserSchema,
  pageSchema,
  permanentSchema,
  secretSchema,
  tenantPatchSchema,
  tenantPlanSchema,
  userPatchSchema,
} from './schemas.js';

const TENANT = '/tenants/{tenant}';
const USER = `${TENANT}/users/{user}`;
const APP = `${TENANT}/apps/{client}`;

export const tenantRoutes = (control: Control): Route[] => [
  route({
    method: 'post',
    path: '/tenants',
    tag: 'tenants',
    summary: 'Creates a tenant from a seed; 200 with the one that is there when the id is known.',
    body: tenantPlanSchema,
    status: 201,
    otherStatus: 200,
    answer: tenantAnswer,
    run: ({ body }) => {
      const { created, tenant } = control.createTenant(body);
      return created ? tenant : new OtherStatus(200, tenant);
    },
  }),
  route({
    method: 'get',
    path: '/tenants',
    tag: 'tenants',
    summary: 'All tenants, with what one needs to connect.',
    answer: z.object({ tenants: z.array(tenantAnswer) }),
    run: () => ({ tenants: control.listTenants() }),
  }),
  route({
    method: 'get',
    path: TENANT,
    tag: 'tenants',
    summary: 'One tenant, with counts of its people.',
    answer: countedTenantAnswer,
    run: ({ params }) => control.getTenant(params['tenant'] ?? ''),
  }),
  route({
    method: 'patch',
    path: TENANT,
    tag: 'tenants',
    summary: 'Gives the tenant a licence or takes it away.',
    body: tenantPatchSchema,
    answer: countedTenantAnswer,
    run: ({ params: { tenant = '' }, body }) => {
      control.setLicence(tenant, body.licence);
      return control.getTenant(tenant);
    },
  }),
  route({
    method: 'post',
    path: `${TENANT}/activity`,
    tag: 'tenants',
    summary: 'Random life at a rate of changes; 0 ends it.',
    body: activitySchema,
    answer: activityAnswer,
    run: ({ params: { tenant = '' }, body }) => {
      control.setActivity(tenant, body);
      return control.getActivity(tenant);
    },
  }),
  route({
    method: 'get',
    path: `${TENANT}/activity`,
    tag: 'tenants',
    summary: 'The rate of random life, and the changes it has made.',
    answer: activityAnswer,
    run: ({ params }) => control.getActivity(params['tenant'] ?? ''),
  }),
  route({
    method: 'get',
    path: `${TENANT}/truth`,
    tag: 'truth',
    summary: 'The state that every picture of these people must end in.',
    query: pageSchema,
    answer: truthListAnswer,
    run: ({ params, query }) => control.truth(params['tenant'] ?? '', query),
  }),
  route({
    method: 'get',
    path: `${TENANT}/leavers`,
    tag: 'truth',
    summary: 'Who was ever deleted, or taken out of a group, from when until when, and whether a group ever was.',
    answer: leaversAnswer,
    run: ({ params }) => control.leavers(params['tenant'] ?? ''),
  }),
  route({
    method: 'get',
    path: `${TENANT}/truth/{user}`,
    tag: 'truth',
    summary: 'The truth about one person, by id or sign-in name.',
    answer: truthAnswer,
    run: ({ params: { tenant = '', user = '' } }) => control.truthOf(tenant, user),
  }),
];

export const userRoutes = (control: Control): Route[] => [
  route({
    method: 'post',
    path: `${TENANT}/users`,
    tag: 'users',
    summary: 'Creates a person; what is not given is made up.',
    body: newUserSchema,
    status: 201,
    answer: truthAnswer,
    run: ({ params, body }) => control.createUser(params['tenant'] ?? '', body),
  }),
  route({
    method: 'patch',
    path: USER,
    tag: 'users',
    summary: 'Changes what is given.',
    body: userPatchSchema,
    answer: truthAnswer,
    run: ({ params: { tenant = '', user = '' }, body }) => control.updateUser(tenant, user, body),
  }),
  route({
    method: 'delete',
    path: USER,
    tag: 'users',
    summary: 'Deletes softly, or for good.',
    query: permanentSchema,
    run: ({ params: { tenant = '', user = '' }, query }) =>
      control.deleteUser(tenant, user, { permanent: query.permanent === 'true' }),
  }),
  route({
    method: 'post',
    path: `${USER}/restore`,
    tag: 'users',
    summary: 'Brings a softly deleted person back.',
    answer: truthAnswer,
    run: ({ params: { tenant = '', user = '' } }) => control.restoreUser(tenant, user),
  }),
  route({
    method: 'put',
    path: `${USER}/mfa`,
    tag: 'users',
    summary: 'Sets the registered methods; the report shows them after its delay.',
    body: mfaSchema,
    answer: truthAnswer,
    run: ({ params: { tenant = '', user = '' }, body }) => control.setMfa(tenant, user, body),
  }),
];

export const appRoutes = (control: Control): Route[] => [
  route({
    method: 'patch',
    path: APP,
    tag: 'apps',
    summary: 'Gives or takes consent, disables an app.',
    body: appPatchSchema,
    answer: appAnswer,
    run: ({ params: { tenant = '', client = '' }, body }) => control.updateApp(tenant, client, body),
  }),
  route({
    method: 'post',
    path: `${APP}/secrets`,
    tag: 'apps',
    summary: 'A further secret; a negative life makes one that has expired.',
    body: secretSchema,
    status: 201,
    answer: secretAnswer,
    run: ({ params: { tenant = '', client = '' }, body }) => control.addSecret(tenant, client, body),
  }),
  route({
    method: 'delete',
    path: `${APP}/secrets/{key}`,
    tag: 'apps',
    summary: 'Takes a secret away.',
    run: ({ params: { tenant = '', client = '', key = '' } }) => control.removeSecret(tenant, client, key),
  }),
];
