import { timingSafeEqual } from 'node:crypto';
import type { App } from '../tenant/app.js';
import type { Tenant } from '../tenant/tenant.js';
import { FAULTS } from './entra-fault.js';

const same = (a: string, b: string) => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** The app whose secret this is; its secrets may be several, for rotation. */
export const authenticateApp = (
  tenant: Tenant,
  { clientId, secret, at }: { clientId: string | undefined; secret: string | undefined; at: number },
): App => {
  if (!clientId) throw FAULTS.missing('client_id');
  const app = tenant.apps.get(clientId.toLowerCase());
  if (app === undefined) throw FAULTS.unknownApp(clientId, tenant.name);
  if (!app.enabled) throw FAULTS.disabledApp(clientId);
  if (!secret) throw FAULTS.noCredential();
  const known = app.secrets.find(({ text }) => same(text, secret));
  if (known === undefined) throw FAULTS.wrongSecret(clientId);
  if (known.endsAt <= at) throw FAULTS.expiredSecret(clientId);
  return app;
};

/** `https://graph.microsoft.com/.default`, or the same for the origin under which the simulator is reached. */
export const requireGraphScope = (
  tenant: Tenant,
  { scope, origins }: { scope: string | undefined; origins: readonly string[] },
): void => {
  if (!scope) throw FAULTS.missing('scope');
  const resources = scope.split(' ').filter((name) => name !== '');
  if (resources.some((name) => !name.endsWith('/.default'))) throw FAULTS.scope(scope);
  const foreign = resources.map((name) => name.slice(0, -'/.default'.length)).find((name) => !origins.includes(name));
  if (foreign !== undefined) throw FAULTS.unknownResource(foreign, tenant.name);
};
