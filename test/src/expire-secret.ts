import type { Connected } from './connect-tenant.js';
import type { System } from './system.js';

/** Puts a secret that Microsoft calls expired in use, though its date is said to be in a year; answers that date. */
export async function useExpiredSecret(
  { simulator, admin }: Pick<System, 'simulator' | 'admin'>,
  { tenant: { tenantId, clientId }, integrationId }: Pick<Connected, 'tenant' | 'integrationId'>,
): Promise<string> {
  const { clientSecret } = await simulator.call('POST', `/tenants/${tenantId}/apps/${clientId}/secrets`, { days: -1 });
  const secretExpiresAt = new Date(Date.now() + 400 * 86_400_000).toISOString();
  const { headers } = await admin.call('GET', `/integrations/${integrationId}`);
  const edit = { clientSecret, secretExpiresAt };
  const ifMatch = { 'if-match': headers.get('etag') ?? '' };
  const { status } = await admin.call('PATCH', `/integrations/${integrationId}`, edit, ifMatch);
  if (status !== 200) throw new Error(`the expired secret was not taken: ${status}`);
  return secretExpiresAt;
}
