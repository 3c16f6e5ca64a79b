import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR, MINUTE, SECOND, createScene, status } from '../../test/scene.js';
import { setUpSignIn } from '../../test/sign-in-scene.js';

describe('notifications on their way', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('outlive a restart: what was refused is tried again, what was acknowledged is not', async () => {
    const stateFile = join(folder, 'retries');
    const first = await createScene({ stateFile });
    await first.subscribe();
    const [acked, refused] = first.truth().map(({ id }) => id);
    first.rename(acked, 'Arrives');
    await first.pass(SECOND, 50);
    first.answerWith(status(503));
    first.rename(refused, 'Is refused');
    await first.pass(20 * SECOND, 100);
    await first.simulator.stop();

    const second = await createScene({ stateFile, clock: first.clock });
    await second.pass(MINUTE, 100);
    assert.deepEqual(
      second.items().map((item) => item['resource']),
      [`Users/${refused}`],
    );
    const [entry] = second.ledger();
    assert.ok(entry!.ackedAt !== null && entry!.attempts > 2);
    await second.simulator.stop();
  });

  it('outlive it with their four hours, not with four new ones', async () => {
    const stateFile = join(folder, 'four-hours');
    const first = await createScene({ stateFile });
    await first.subscribe();
    first.answerWith(status(503));
    first.rename();
    await first.pass(3 * HOUR, MINUTE);
    await first.simulator.stop();
    const second = await createScene({ stateFile, clock: first.clock });
    second.answerWith(status(503));
    await second.pass(HOUR + 10 * MINUTE, MINUTE);
    assert.equal(second.ledger()[0]!.dropped, 'expired');
    await second.simulator.stop();
  });

  it('outlive it while they wait for a new token', async () => {
    const stateFile = join(folder, 'lapsed');
    const first = await createScene({ stateFile });
    await first.subscribe();
    await first.pass(HOUR + MINUTE, MINUTE);
    first.rename();
    await first.pass(MINUTE, SECOND);
    assert.equal(first.items().length, 0);
    await first.simulator.stop();
    const second = await createScene({ stateFile, clock: first.clock });
    const { id } = second.control.subscriptions()[0]!;
    await second.pass(SECOND, 50);
    await second.call('POST', `/subscriptions/${id}/reauthorize`);
    await second.pass(SECOND, 50);
    assert.equal(second.items().length, 1);
    await second.simulator.stop();
  });
});

describe('the state file', () => {
  it('keeps who owns a group, token-lifetime policies, and that a refresh token was taken back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    const stateFile = join(folder, 'state');
    const first = await setUpSignIn({ stateFile });
    const { tenantId, groupId, clientId } = first.tenant;
    const token = (await first.redeem((await first.walk()).code)).body['refresh_token'];
    first.control.revokeSignIns(tenantId, first.person.id, 'refreshTokens');
    first.control.addOwner(tenantId, groupId, first.person.id);
    first.control.setTenantPolicy(tenantId, { accessTokenSeconds: 7_200 });
    first.control.updateRegistration(tenantId, clientId, { accessTokenSeconds: 600 });
    await first.simulator.stop();
    const second = await setUpSignIn({ stateFile });
    assert.deepEqual(second.control.groupTruth(tenantId, groupId).owners, [first.person.id]);
    const { accessTokenSeconds, apps } = second.control.describeSignIn(tenantId);
    assert.deepEqual([accessTokenSeconds, apps[0]!.accessTokenSeconds], [7_200, 600]);
    assert.deepEqual((await second.refresh(token)).body['error_codes'], [70008]);
    await second.simulator.stop();
    await rm(folder, { recursive: true });
  });
});
