import { eventually } from '@muster/test-support';
import type { Connected } from './connect-tenant.js';
import type { System } from './system.js';

/** Long enough to be tried and taken: an integration that runs takes no secret that does not work. */
const LIFE_MS = 12_000;

/** Puts a secret in use that works, and waits until Microsoft calls it expired; answers the date that was said of it. */
export async function useExpiringSecret(
  { simulator, admin }: Pick<System, 'simulator' | 'admin'>,
  { tenant: { tenantId, clientId }, integrationId }: Pick<Connected, 'tenant' | 'integrationId'>,
): Promise<string> {
  const path = `/integrations/${integrationId}`;
  const { headers } = await admin.call('GET', path);
  const short = { days: LIFE_MS / 86_400_000 };
  const { clientSecret } = await simulator.call('POST', `/tenants/${tenantId}/apps/${clientId}/secrets`, short);
  const secretExpiresAt = new Date(Date.now() + 400 * 86_400_000).toISOString();
  const ifMatch = { 'if-match': headers.get('etag') ?? '' };
  const { status } = await admin.call('PATCH', path, { clientSecret, secretExpiresAt }, ifMatch);
  if (status !== 200) throw new Error(`the secret was not taken: ${status}`);
  const { items } = await admin.get(`${path}/secrets`);
  const { slot } = items.find(({ inUse }: { inUse: boolean }) => inUse);
  await eventually(
    async () => {
      const { verdicts } = await admin.post(`${path}/secrets/${slot}/test`);
      return verdicts.some(({ text }: { text: string }) => text.includes('has expired'));
    },
    { within: LIFE_MS + 20_000, what: 'Microsoft refuses the secret' },
  );
  return secretExpiresAt;
}
