import assert from 'node:assert/strict';
import request from 'supertest';
import { claimsOf, setUpSignIn } from '../../test/sign-in-scene.js';
import { personTokenLife } from '../sign-in/access-token-life.js';
import { createSignInState } from '../sign-in/state.js';
import { toSettings } from '../settings.js';
import { NEW_APP } from '../tenant/app.js';
import type { World } from '../world.js';

type Scene = Awaited<ReturnType<typeof setUpSignIn>>;
const HOUR = 3_600;
const CP1 = JSON.stringify({ access_token: { xms_cc: { values: ['cp1'] } } });
const APP_ONLY = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
const lifeOf = ({ body }: { body: Record<string, unknown> }) => Number(body['expires_in']);

describe('contract 8.4, lifetimes of access tokens', () => {
  it('8.4 the lives of access tokens are spread evenly over 60 to 90 minutes, 75 in the mean', () => {
    const world = { settings: toSettings({}), signIn: createSignInState() } as World;
    const lived = { tenant: { id: 't' }, app: NEW_APP, caeAware: false } as unknown as Parameters<
      typeof personTokenLife
    >[1];
    const minutes = Array.from({ length: 4_000 }, () => personTokenLife(world, lived) / 60_000);
    // Entra counts whole seconds, the first of them gone: 3,599.
    assert.ok(Math.min(...minutes) >= 59.98 && Math.max(...minutes) <= 90);
    assert.ok(Math.min(...minutes) < 62 && Math.max(...minutes) > 88);
    const mean = minutes.reduce((sum, life) => sum + life, 0) / minutes.length;
    // 4,000 even draws from 30 minutes: the mean is within 1 minute but once in 10^12 runs.
    assert.ok(Math.abs(mean - 75) < 1, `${mean}`);
  });

  it('8.4 a client with the capability cp1 gets tokens of up to 28 hours that say so', async () => {
    const { walk, redeem, refresh, ask } = await setUpSignIn();
    const first = await redeem((await walk()).code, { claims: CP1 });
    const answers = [first, await refresh(first.body['refresh_token'], { claims: CP1 })];
    answers.push(await ask({ ...APP_ONLY, claims: CP1 }));
    for (const answer of answers) {
      assert.ok(lifeOf(answer) >= 20 * HOUR && lifeOf(answer) <= 28 * HOUR, `${lifeOf(answer)}`);
      const { exp, iat, xms_cc: capabilities } = claimsOf(answer.body['access_token']);
      assert.deepEqual([Number(exp) - Number(iat), capabilities], [lifeOf(answer), ['cp1']]);
    }
  });

  it('8.4 another capability makes no long token, and claims that are no JSON are refused', async () => {
    const { ask } = await setUpSignIn();
    const other = await ask({ ...APP_ONLY, claims: CP1.replace('cp1', 'cp2') });
    assert.deepEqual([lifeOf(other), 'xms_cc' in claimsOf(other.body['access_token'])], [3_599, false]);
    const broken = await ask({ ...APP_ONLY, claims: '{' });
    assert.deepEqual([broken.status, broken.body['error']], [400, 'invalid_request']);
  });

  it('8.4 a lifetime policy of the tenant sets the life of access tokens, that of an app comes first', async () => {
    const { control, tenant, walk, redeem, ask } = await setUpSignIn();
    const lives = async () => [lifeOf(await redeem((await walk()).code)), lifeOf(await ask(APP_ONLY))];
    control.setTenantPolicy(tenant.tenantId, { accessTokenSeconds: 86_400 });
    assert.deepEqual(await lives(), [86_400, 86_400]);
    control.updateRegistration(tenant.tenantId, tenant.clientId, { accessTokenSeconds: 600 });
    assert.deepEqual(await lives(), [600, 600]);
    control.updateRegistration(tenant.tenantId, tenant.clientId, { accessTokenSeconds: null });
    control.setTenantPolicy(tenant.tenantId, { accessTokenSeconds: null });
    assert.equal((await lives())[1], 3_599);
  });

  for (const seconds of [599, 86_401])
    it(`8.4 a lifetime policy of ${seconds} s is refused: it may be 10 minutes to 1 day`, async () => {
      const { app, tenant } = await setUpSignIn();
      const policies = [`sign-in`, `apps/${tenant.clientId}/registration`];
      for (const policy of policies) {
        const path = `/_simulator/tenants/${tenant.tenantId}/${policy}`;
        const { text } = await request(app).patch(path).send({ accessTokenSeconds: seconds }).expect(400);
        assert.match(text, /accessTokenSeconds/);
      }
    });
});

describe('contract 8.3, grants taken back', () => {
  const refused = async ({ refresh }: Scene, token: unknown) => {
    const { status, body } = await refresh(token);
    return [status, body['error'], body['error_codes']];
  };
  const signedIn = async (options = {}) => {
    const scene = await setUpSignIn(options);
    const { body } = await scene.redeem((await scene.walk()).code);
    scene.clock.advance(1_000);
    return { ...scene, token: body['refresh_token'] };
  };

  it('8.3 a refresh token that was revoked is 70008, one of the next sign-in works', async () => {
    const scene = await signedIn();
    scene.control.revokeSignIns(scene.tenant.tenantId, scene.person.id, 'refreshTokens');
    assert.deepEqual(await refused(scene, scene.token), [400, 'invalid_grant', [70008]]);
    const { body } = await scene.redeem((await scene.walk()).code);
    assert.equal((await scene.refresh(body['refresh_token'])).status, 200);
  });

  it('8.3 a refresh token whose family was revoked for the misuse of another is 70008', async () => {
    const scene = await signedIn({ signIn: { replacedRefreshToken: 1_000 } });
    const next = (await scene.refresh(scene.token)).body['refresh_token'];
    scene.clock.advance(1_000);
    assert.deepEqual(await refused(scene, scene.token), [400, 'invalid_grant', [70000]]);
    assert.deepEqual(await refused(scene, next), [400, 'invalid_grant', [70008]]);
  });

  for (const [reason, words] of [
    ['revoked', 'an administrator revoked all'],
    ['passwordReset', 'an administrator reset the password'],
  ] as const)
    it(`8.3 a refresh token from before ${words} is 50173`, async () => {
      const scene = await signedIn();
      scene.control.revokeSignIns(scene.tenant.tenantId, scene.person.id, reason);
      assert.deepEqual(await refused(scene, scene.token), [400, 'invalid_grant', [50173]]);
    });
});

describe('contract 8.2, who a person is', () => {
  it('8.2 oid and tid stay when the name and the sign-in name change', async () => {
    const { walk, redeem, control, tenant, person } = await setUpSignIn();
    const identify = async () => claimsOf((await redeem((await walk()).code)).body['id_token']);
    const before = await identify();
    control.updateUser(tenant.tenantId, person.id, { displayName: 'New', userPrincipalName: 'new@contoso.example' });
    const after = await identify();
    assert.deepEqual([after['oid'], after['tid']], [before['oid'], before['tid']]);
    assert.deepEqual([after['name'], after['preferred_username']], ['New', 'new@contoso.example']);
  });
});
