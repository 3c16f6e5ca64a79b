import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { requireJson } from './stack/request-json.js';

/** Fixed, so that seeding twice finds the same tenant. */
export const TENANT_ID = '5f0c6a51-6d1e-4c8e-9a53-0d6d75746572';

const seededTenant = z.object({
  tenantId: z.string(),
  name: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  secretExpiresAt: z.string(),
  groupId: z.string(),
});
export type SeededTenant = z.infer<typeof seededTenant>;

export type SimulatorControl = {
  /** A tenant of 500 people, 350 of them in the chosen group, some by a nested one; the same one every time. */
  readonly seedTenant: () => Promise<SeededTenant>;
  /** People join, change, leave and register MFA, so many times a second. */
  readonly startActivity: (perSecond: number) => Promise<void>;
  readonly renameUser: (userId: string, displayName: string) => Promise<void>;
};

/** The simulator's control pages, for what only a stand-in for Graph can do. */
export function createSimulatorControl(simulatorUrl: string, caFile: string): SimulatorControl {
  const ca = readFileSync(caFile, 'utf8');
  const tell = (method: 'POST' | 'PATCH', path: string, body: unknown): Promise<unknown> =>
    requireJson(`${simulatorUrl}/_simulator${path}`, { method, body, ca });
  const tenantPath = `/tenants/${TENANT_ID}`;
  return {
    async seedTenant() {
      const plan = { tenantId: TENANT_ID, name: 'Contoso', people: 500, groupMembers: 350, nestedGroups: 1 };
      return seededTenant.parse(await tell('POST', '/tenants', plan));
    },
    async startActivity(perSecond) {
      await tell('POST', `${tenantPath}/activity`, { perSecond });
    },
    async renameUser(userId, displayName) {
      await tell('PATCH', `${tenantPath}/users/${userId}`, { displayName });
    },
  };
}
