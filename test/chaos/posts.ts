import { randomUUID } from 'node:crypto';
import { signClientState } from '@muster/contracts';

/** Whose posts they are, and what clientState is signed with. */
export type Sender = {
  readonly integrationId: string;
  readonly tenantId: string;
  readonly keys: readonly Buffer[];
};

const toShared = ({ integrationId, tenantId, keys }: Sender, subscriptionId: string) => ({
  subscriptionId,
  tenantId,
  clientState: signClientState({ integrationId, tenantId }, keys),
  subscriptionExpirationDateTime: '2099-12-01T00:00:00+00:00',
});

/** A good notification of somebody unknown: costs the projector a read, changes nothing. */
export function toStranger(sender: Sender, id: string): object {
  return {
    ...toShared(sender, randomUUID()),
    changeType: 'updated',
    resource: `Users/${id}`,
    resourceData: { '@odata.type': '#Microsoft.Graph.User', id },
  };
}

/** As documented; `missed` and `subscriptionRemoved` are not sent for people and groups so far. */
export const toLifecycle = (sender: Sender, subscriptionId: string, lifecycleEvent: string): object => ({
  ...toShared(sender, subscriptionId),
  lifecycleEvent,
});
