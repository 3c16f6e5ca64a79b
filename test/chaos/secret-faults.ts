import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { restart, withRules, type Fault, type Scene } from './fault.js';

type Secret = { keyId: string; clientSecret: string; secretExpiresAt: string };

const secretsOf = ({ tenantId, clientId }: Scene['connected']['tenant']): string =>
  `/tenants/${tenantId}/apps/${clientId}/secrets`;

/** A further secret at Microsoft, entered as an admin does; in use when this resolves. */
async function useAnother({ system, connected }: Scene): Promise<Secret> {
  const path = `/integrations/${connected.integrationId}`;
  const secret: Secret = await system.simulator.call('POST', secretsOf(connected.tenant), { days: 400 });
  const { clientSecret, secretExpiresAt } = secret;
  const isTaken = async (): Promise<boolean> => {
    const { headers } = await system.admin.call('GET', path);
    const ifMatch = { 'if-match': headers.get('etag') ?? '' };
    const { status, body } = await system.admin.call('PATCH', path, { clientSecret, secretExpiresAt }, ifMatch);
    if (status !== 200) throw new Error(`PATCH answers ${status}: ${JSON.stringify(body)}`);
    return true;
  };
  await eventually(isTaken, { within: 60_000, every: 500, what: 'the secret is taken' });
  return secret;
}

/** What was in use is taken away, and who starts then has only the new one. */
async function rotate(scene: Scene): Promise<void> {
  const { system, connected, random } = scene;
  const former = await useAnother(scene);
  const newest = await useAnother(scene);
  await system.simulator.call('DELETE', `${secretsOf(connected.tenant)}/${former.keyId}`);
  await restart(scene, random.pick(['projector', 'reconciler', 'subscription']), 'SIGKILL');
  const { items } = await system.admin.get(`/integrations/${connected.integrationId}/secrets`);
  const { slot } = items.find(({ inUse }: { inUse: boolean }) => inUse);
  const { ok, verdicts } = await system.admin.post(`/integrations/${connected.integrationId}/secrets/${slot}/test`);
  assert.ok(ok, `the secret ${newest.keyId} in use: ${JSON.stringify(verdicts)}`);
}

export const SECRET_FAULTS: readonly Fault[] = [
  {
    row: 'secret: expired while a service starts',
    strike: (scene) =>
      withRules(scene, [{ type: 'expiredSecret' }], () =>
        restart(scene, scene.random.pick(['projector', 'reconciler']), 'SIGKILL'),
      ),
  },
  { row: 'secret: rotated under load, the former one removed', strike: rotate },
];
