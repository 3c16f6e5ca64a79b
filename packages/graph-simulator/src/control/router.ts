import express from 'express';
import type { ErrorRequestHandler, Router } from 'express';
import { z } from 'zod';
import { faultPlanSchema } from '../faults.js';
import { Conflict } from '../tenant/conflict.js';
import type { Control } from './control.js';
import { NotFound } from './control.js';
import {
  activitySchema,
  appPatchSchema,
  ledgerSchema,
  mfaSchema,
  newUserSchema,
  pageSchema,
  secretSchema,
  tenantPatchSchema,
  tenantPlanSchema,
  userPatchSchema,
} from './schemas.js';

/** A problem names the field, what is wrong and so what to change. */
const toProblems = ({ issues }: z.ZodError) =>
  issues.map(({ path, message }) => ({ field: path.join('.') || '(body)', problem: message }));

const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof z.ZodError) response.status(400).json({ error: 'invalid', problems: toProblems(error) });
  else if (error instanceof NotFound) response.status(404).json({ error: 'not found', message: error.message });
  else if (error instanceof Conflict) response.status(409).json({ error: 'conflict', message: error.message });
  else next(error);
};

const addUserRoutes = (router: Router, control: Control) => {
  router.post('/tenants/:tenant/users', (request, response) => {
    const input = newUserSchema.parse(request.body ?? {});
    response.status(201).json(control.createUser(request.params.tenant, input));
  });
  router.patch('/tenants/:tenant/users/:user', (request, response) => {
    const { tenant, user } = request.params;
    response.json(control.updateUser(tenant, user, userPatchSchema.parse(request.body)));
  });
  router.delete('/tenants/:tenant/users/:user', (request, response) => {
    control.deleteUser(request.params.tenant, request.params.user, {
      permanent: request.query['permanent'] === 'true',
    });
    response.status(204).end();
  });
  router.post('/tenants/:tenant/users/:user/restore', (request, response) => {
    response.json(control.restoreUser(request.params.tenant, request.params.user));
  });
  router.put('/tenants/:tenant/users/:user/mfa', (request, response) => {
    const { tenant, user } = request.params;
    response.json(control.setMfa(tenant, user, mfaSchema.parse(request.body)));
  });
};

const addGroupAndAppRoutes = (router: Router, control: Control) => {
  const member = '/tenants/:tenant/groups/:group/members/:member';
  router.put(member, (request, response) => {
    control.addMember(request.params.tenant, request.params.group, request.params.member);
    response.status(204).end();
  });
  router.delete(member, (request, response) => {
    control.dropMember(request.params.tenant, request.params.group, request.params.member);
    response.status(204).end();
  });
  router.delete('/tenants/:tenant/groups/:group', (request, response) => {
    control.purgeGroup(request.params.tenant, request.params.group);
    response.status(204).end();
  });
  router.patch('/tenants/:tenant/apps/:client', (request, response) => {
    const { tenant, client } = request.params;
    response.json(control.updateApp(tenant, client, appPatchSchema.parse(request.body)));
  });
  router.post('/tenants/:tenant/apps/:client/secrets', (request, response) => {
    const { tenant, client } = request.params;
    response.status(201).json(control.addSecret(tenant, client, secretSchema.parse(request.body ?? {})));
  });
  router.delete('/tenants/:tenant/apps/:client/secrets/:key', (request, response) => {
    control.removeSecret(request.params.tenant, request.params.client, request.params.key);
    response.status(204).end();
  });
};

const addTenantRoutes = (router: Router, control: Control) => {
  router.post('/tenants', (request, response) => {
    const { created, tenant } = control.createTenant(tenantPlanSchema.parse(request.body ?? {}));
    response.status(created ? 201 : 200).json(tenant);
  });
  router.get('/tenants', (_request, response) => {
    response.json({ tenants: control.listTenants() });
  });
  router.get('/tenants/:tenant', (request, response) => {
    response.json(control.getTenant(request.params.tenant));
  });
  router.patch('/tenants/:tenant', (request, response) => {
    control.setLicence(request.params.tenant, tenantPatchSchema.parse(request.body).licence);
    response.json(control.getTenant(request.params.tenant));
  });
  router.post('/tenants/:tenant/activity', (request, response) => {
    control.setActivity(request.params.tenant, activitySchema.parse(request.body));
    response.json(control.getActivity(request.params.tenant));
  });
  router.get('/tenants/:tenant/activity', (request, response) => {
    response.json(control.getActivity(request.params.tenant));
  });
  router.get('/tenants/:tenant/truth', (request, response) => {
    response.json(control.truth(request.params.tenant, pageSchema.parse(request.query)));
  });
  router.get('/tenants/:tenant/truth/:user', (request, response) => {
    response.json(control.truthOf(request.params.tenant, request.params.user));
  });
};

/** JSON, without sign-in: whoever reaches it rules the simulator, so keep it on loopback. */
export const createControlRouter = (control: Control): Router => {
  const router = express.Router();
  router.use(express.json({ limit: '1mb' }));
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  addTenantRoutes(router, control);
  addUserRoutes(router, control);
  addGroupAndAppRoutes(router, control);
  router.get('/ledger', (request, response) => {
    response.json({ deliveries: control.ledger(ledgerSchema.parse(request.query)) });
  });
  router.get('/subscriptions', (_request, response) => {
    response.json({ subscriptions: control.subscriptions() });
  });
  router.get('/faults', (_request, response) => {
    response.json(control.faults());
  });
  router.put('/faults', (request, response) => {
    control.setFaults(faultPlanSchema.parse(request.body));
    response.json(control.faults());
  });
  router.delete('/faults', (_request, response) => {
    control.setFaults({});
    response.status(204).end();
  });
  router.use(onError);
  return router;
};
