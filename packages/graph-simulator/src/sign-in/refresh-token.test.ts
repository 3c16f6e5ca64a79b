import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scene } from '../../test/sign-in-scene.js';
import { challengeOf, setUpSignIn } from '../../test/sign-in-scene.js';

type Answer = { status: number; body: Record<string, unknown> };
const outcome = ({ status, body }: Answer) => [
  status,
  body['error'],
  (body['error_codes'] as number[] | undefined)?.[0],
];
const HOUR = 3_600_000;

describe('8.2 and 8.3 a refresh token', () => {
  let scene: Scene;
  let token: unknown;
  const setUp = async (options = {}) => {
    scene = await setUpSignIn(options);
    token = (await scene.redeem((await scene.walk()).code)).body['refresh_token'];
  };
  beforeEach(() => setUp());

  it('is given only with offline_access', async () => {
    const { walk, redeem } = scene;
    const { body } = await redeem((await walk({ scope: 'openid User.Read' })).code);
    assert.equal(body['refresh_token'], undefined);
  });

  it('is replaced at each use, and the one before still works, as with Entra', async () => {
    const { refresh } = scene;
    const next = (await refresh(token)).body['refresh_token'];
    assert.notEqual(next, token);
    assert.deepEqual([(await refresh(next)).status, (await refresh(token)).status], [200, 200]);
  });

  it('used again after the time set for replaced ones ends the whole family', async () => {
    await setUp({ signIn: { replacedRefreshToken: 60_000 } });
    const { refresh, clock } = scene;
    const next = (await refresh(token)).body['refresh_token'];
    clock.advance(59_000);
    assert.equal((await refresh(token)).status, 200);
    clock.advance(1_000);
    assert.deepEqual(outcome(await refresh(token)), [400, 'invalid_grant', 70000]);
    assert.equal((await refresh(next)).status, 400);
  });

  it('ends after its time of rest with AADSTS700082 and bad_token, not after that time of use', async () => {
    await setUp({ signIn: { refreshToken: 2 * HOUR } });
    const { refresh, clock } = scene;
    clock.advance(HOUR);
    const next = (await refresh(token)).body['refresh_token'];
    clock.advance(HOUR);
    const late = await refresh(token);
    assert.deepEqual([...outcome(late), late.body['suberror']], [400, 'invalid_grant', 700082, 'bad_token']);
    assert.equal((await refresh(next)).status, 200);
  });

  it('is void when revoked or after a reset by an administrator (50173), not after a change of the own password', async () => {
    const { refresh, control, tenant, person, clock } = scene;
    clock.advance(1_000);
    control.revokeSignIns(tenant.tenantId, person.id, 'passwordChange');
    const next = (await refresh(token)).body['refresh_token'];
    assert.ok(next);
    clock.advance(1_000);
    control.revokeSignIns(tenant.tenantId, person.id, 'passwordReset');
    assert.deepEqual(outcome(await refresh(next)), [400, 'invalid_grant', 50173]);
  });

  const obstacles: [string, (scene: Scene) => unknown, number][] = [
    [
      'conditional access blocks',
      ({ control, tenant, person }) => control.setPerson(tenant.tenantId, person.id, { blocked: true }),
      53003,
    ],
    [
      'the account is disabled',
      ({ control, tenant, person }) => control.updateUser(tenant.tenantId, person.id, { accountEnabled: false }),
      50057,
    ],
    ['the person is deleted', ({ control, tenant, person }) => control.deleteUser(tenant.tenantId, person.id), 50034],
    ['consent was revoked', ({ control, tenant }) => control.revokeConsent(tenant.tenantId, tenant.clientId), 65001],
    [
      'the sign-in is older than policy allows',
      ({ control, tenant, clock }) => {
        control.setTenantPolicy(tenant.tenantId, { signInFrequencySeconds: 3_600 });
        clock.advance(HOUR);
      },
      70043,
    ],
  ];
  for (const [name, act, number] of obstacles)
    it(`is refused with AADSTS${number} when ${name}`, async () => {
      act(scene);
      assert.deepEqual(outcome(await scene.refresh(token)), [400, 'invalid_grant', number]);
    });

  it('says consent_required when more is asked for than was consented to', async () => {
    const { body } = await scene.refresh(token, { scope: 'User.ReadBasic.All' });
    assert.deepEqual([body['error'], body['suberror']], ['invalid_grant', 'consent_required']);
  });

  it('survives a restart with the state file, and the roles and administrators do too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sign-in-'));
    const stateFile = join(folder, 'state');
    await setUp({ stateFile });
    await scene.simulator.stop();
    const again = await setUpSignIn({ stateFile });
    assert.equal((await again.refresh(token)).status, 200);
    assert.deepEqual(
      again.control.describeSignIn(again.tenant.tenantId),
      scene.control.describeSignIn(scene.tenant.tenantId),
    );
    await again.simulator.stop();
    await rm(folder, { recursive: true });
  });
});

describe('8.2 a single-page app', () => {
  it('redeems with PKCE from a browser, without a secret, for a day that use does not prolong', async () => {
    const { control, tenant, walk, ask, clock, newVerifier, authorizeUrl, browser } = await setUpSignIn();
    const spa = 'https://app.example/spa';
    control.updateRegistration(tenant.tenantId, tenant.clientId, { spaRedirectUris: [spa] });
    const bare = await browser.open(authorizeUrl({ redirect_uri: spa }));
    assert.match(new URL(bare.address).searchParams.get('error_description') ?? '', /^AADSTS9002325/);
    const verifier = newVerifier();
    const { code } = await walk({
      redirect_uri: spa,
      code_challenge: challengeOf(verifier),
      code_challenge_method: 'S256',
    });
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: spa,
      code_verifier: verifier,
      client_secret: undefined,
    };
    assert.deepEqual(outcome(await ask(form)), [400, 'invalid_request', 9002327]);
    const headers = { origin: 'https://app.example' };
    const { body } = await ask(form, { headers });
    clock.advance(20 * HOUR);
    const refresh = (token: unknown) =>
      ask({ grant_type: 'refresh_token', refresh_token: String(token), client_secret: undefined }, { headers });
    const next = (await refresh(body['refresh_token'])).body['refresh_token'];
    clock.advance(4 * HOUR);
    assert.deepEqual(outcome(await refresh(next)), [400, 'invalid_grant', 700084]);
  });
});
