import { createRandom } from '../random.js';
import type { App } from './app.js';
import { NEW_APP } from './app.js';
import { seedGroups } from './seed-groups.js';
import type { Population } from './seed-people.js';
import { seedPeople } from './seed-people.js';
import type { Licence, Tenant, TenantKind } from './tenant.js';
import { createEmptyTenant } from './tenant.js';

export type TenantPlan = Population & {
  readonly tenantId: string;
  readonly name: string;
  /** The name everybody's sign-in name ends in. */
  readonly domain: string;
  readonly seed: number;
  readonly groupMembers: number;
  readonly nestedGroups: number;
  readonly cycle: boolean;
  readonly diamond: boolean;
  readonly kind: TenantKind;
  readonly licence: Licence;
  readonly permissions: readonly string[];
  readonly redirectUris?: readonly string[] | undefined;
  /** Life of the first client secret, in days. */
  readonly secretDays: number;
};

const DAY = 86_400_000;

/** The name in plain letters; with a number when another tenant has that domain, as sign-in finds tenants by it. */
export const toDomain = (name: string, isTaken: (domain: string) => boolean = () => false): string => {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toLowerCase();
  const domainOf = (number: number) => `${plain || 'tenant'}${number === 1 ? '' : number}.onmicrosoft.example`;
  let number = 1;
  while (isTaken(domainOf(number))) number += 1;
  return domainOf(number);
};

/** The same plan gives the same tenant, ids and secret included; only dates follow `at`. */
export const seedTenant = (plan: TenantPlan, at: number): Tenant => {
  const random = createRandom(`${plan.seed}/${plan.tenantId}`);
  const app: App = {
    ...NEW_APP,
    clientId: random.guid(),
    objectId: random.guid(),
    principalId: random.guid(),
    displayName: 'Muster',
    createdAt: at,
    enabled: true,
    secrets: [
      {
        keyId: random.guid(),
        displayName: 'first',
        text: `${random.text(3)}8Q~${random.text(34)}`,
        startsAt: at,
        endsAt: at + plan.secretDays * DAY,
      },
    ],
    requested: plan.permissions,
    granted: plan.permissions,
    ...(plan.redirectUris !== undefined && { redirectUris: plan.redirectUris }),
  };
  const tenant = createEmptyTenant({
    id: plan.tenantId,
    name: plan.name,
    domain: plan.domain,
    seed: plan.seed,
    createdAt: at,
    kind: plan.kind,
    licence: plan.licence,
    chosenGroupId: random.guid(),
    nestedGroupIds: Array.from({ length: plan.nestedGroups }, () => random.guid()),
    clientId: app.clientId,
  });
  tenant.apps.set(app.clientId, app);
  seedPeople(tenant, { random, population: plan, at });
  seedGroups(tenant, { random, members: plan.groupMembers, shape: plan, at });
  return tenant;
};
