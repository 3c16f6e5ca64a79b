import { readFile } from 'node:fs/promises';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import {
  OPERATOR_KEY,
  bearer,
  newIntegration,
  startAdmin,
  type AdminHarness,
  type HarnessOptions,
  type Resources,
} from './admin-harness.js';

export const operator = bearer(OPERATOR_KEY);
export type Tenant = ReturnType<Simulator['control']['createTenant']>['tenant'];
export type TenantPlan = Parameters<Simulator['control']['createTenant']>[0];

export type Connected = { tenant: Tenant; integrationId: string; url: string };
export type World = { simulator: Simulator; admin: AdminHarness; origin: string };
type Servers = { kafkaBrokers: string; tlsCertFile: string; tlsKeyFile: string };

/** Admin beside a simulator of its own; both go with the resources. */
export async function startWorld(
  resources: Resources,
  { kafkaBrokers, tlsCertFile, tlsKeyFile }: Servers,
  {
    pagesPort,
    ...options
  }: Omit<HarnessOptions, 'resources' | 'brokers' | 'simulatorUrl'> & { pagesPort?: number } = {},
): Promise<World> {
  const tls = { cert: await readFile(tlsCertFile, 'utf8'), key: await readFile(tlsKeyFile, 'utf8') };
  const simulator = await createSimulator({ tls, ...(pagesPort === undefined ? {} : { pagesPort }) });
  resources.onRemove(() => simulator.stop());
  const origin = await simulator.start();
  const admin = await startAdmin({ resources, brokers: kafkaBrokers, simulatorUrl: origin, ...options });
  return { simulator, admin, origin };
}

/** An integration of a tenant of its own, as a draft. */
export async function connect(
  { simulator, admin }: World,
  { plan = {}, over = {} }: { plan?: TenantPlan; over?: object },
): Promise<Connected> {
  const { tenant } = simulator.control.createTenant({ people: 30, groupMembers: 20, ...plan });
  const { tenantId, clientId, clientSecret, groupId } = tenant;
  const body = newIntegration({ tenantId, clientId, clientSecret, groupId, ...over });
  const answer = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
  const { integrationId } = answer.body as { integrationId: string };
  return { tenant, integrationId, url: `/api/v1/integrations/${integrationId}` };
}

/** What the tenant shows to the app is soon the truth: the group of the plan, counted. */
export const inGroup = ({ simulator }: World, { tenantId }: Tenant) =>
  simulator.control.truth(tenantId).users.filter((user) => user.inGroup);
