import { randomUUID } from 'node:crypto';
import { signClientState } from '@muster/contracts';
import { toRequest } from './connection.js';

export type Sender = {
  /** One request with `count` notifications, of people who differ. */
  request: (count: number) => Buffer;
  /** One request with one notification, of this person. */
  requestOf: (userId: string) => Buffer;
  /** Each names a person whom no other names; the ids are in the order of the requests. */
  tracked: (count: number) => { requests: Buffer[]; ids: string[] };
};

/** What Graph posts about people of one tenant, as captured: with an exact sequenceNumber over 2^53. */
export function createSender(
  key: Buffer,
  { tenantId, integrationId } = { tenantId: randomUUID() as string, integrationId: randomUUID() as string },
): Sender {
  const clientState = signClientState({ integrationId, tenantId }, [key]);
  const subscriptionId = randomUUID();
  const item = (id: string): object => ({
    changeType: 'updated',
    clientState,
    resource: `Users/${id}`,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.User',
      '@odata.id': `Users/${id}`,
      id,
      organizationId: tenantId,
      eventTime: new Date().toISOString(),
      sequenceNumber: '@',
    },
    subscriptionExpirationDateTime: '2026-12-01T00:00:00+00:00',
    subscriptionId,
    tenantId,
  });
  const toBody = (ids: readonly string[]): string =>
    JSON.stringify({ value: ids.map(item) }).replaceAll('"@"', '638999999999999999');
  const toPost = (ids: readonly string[]): Buffer => toRequest('/graph/notifications', toBody(ids));
  return {
    requestOf: (userId) => toPost([userId]),
    request: (count) => toPost(Array.from({ length: count }, () => randomUUID())),
    tracked: (count) => {
      const ids = Array.from({ length: count }, () => randomUUID());
      return { ids, requests: ids.map((id) => toPost([id])) };
    },
  };
}
