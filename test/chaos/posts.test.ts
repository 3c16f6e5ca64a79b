import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { changeNotification, createClientStateVerifier, lifecycleNotification } from '@muster/contracts';
import { toLifecycle, toStranger } from './posts.js';

describe('what chaos posts in the name of Graph', () => {
  const keys = [randomBytes(32)];
  const sender = { integrationId: randomUUID(), tenantId: randomUUID(), keys };
  const verify = createClientStateVerifier(keys);

  it('is read and proved as a post of Graph would be: otherwise a fault would strike nothing', () => {
    const subscriptionId = randomUUID();
    for (const event of ['reauthorizationRequired', 'subscriptionRemoved', 'missed']) {
      const item = lifecycleNotification.parse(toLifecycle(sender, subscriptionId, event));
      assert.deepEqual([item.subscriptionId, item.lifecycleEvent], [subscriptionId, event]);
      const verdict = verify(item.clientState, item.tenantId);
      assert.ok(verdict.proved && verdict.integrationId === sender.integrationId);
    }
    const id = randomUUID();
    const { clientState, tenantId, entityId } = changeNotification.parse(toStranger(sender, id));
    assert.equal(verify(clientState, tenantId).proved, true);
    assert.equal(entityId, id);
  });
});
