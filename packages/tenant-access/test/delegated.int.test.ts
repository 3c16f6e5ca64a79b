import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { DelegatedTokens, SignedIn } from '@muster/graph-client';
import { connectStore, createSealer, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, patiently, testServers } from '@muster/test-support';
import { createTokenVault, keepConsent } from '../src/index.js';

const TENANT = '11111111-1111-4111-8111-111111111111';
const USER = '22222222-2222-4222-8222-222222222222';
const toTokens = (accessToken: string): DelegatedTokens => ({
  ...{ cache: `{"secret":"${accessToken}"}`, homeAccountId: 'home', accessToken, scopes: ['User.Read.All'] },
  expiresAt: '2026-01-01T01:00:00.000Z',
});
const toSignedIn = (tokens: DelegatedTokens): SignedIn => ({
  ...{ tokens, scopes: tokens.scopes },
  person: { tenantId: TENANT, userId: USER, username: 'ada@example.org', name: 'Ada' },
});

describe('the tokens of a consent in MongoDB', () => {
  const resources = createResources('token-caches', testServers().mongodbUri);
  const sealer = createSealer([randomBytes(32)]);
  const now = () => new Date('2026-01-01T00:00:00Z');
  let store: Store;
  let whose: { integrationId: string; tenantId: string; clientId: string };
  const vaultOf = (holder: string) => createTokenVault(whose, { store, sealer, holder, now });

  before(async () => {
    store = await patiently(() =>
      connectStore({
        uri: resources.mongodbUri,
        logger: createLogger({ service: 'tenant-access', level: 'silent' }),
      }),
    );
    resources.onRemove(() => store.close());
  });
  beforeEach(async () => {
    whose = { integrationId: randomUUID(), tenantId: TENANT, clientId: randomUUID() };
    await keepConsent(whose, toSignedIn(toTokens('first')), { store, sealer, now });
  });
  after(() => resources.remove());

  it('are sealed at rest and open for their integration', async () => {
    const record = await store.tokenCaches.get(whose.integrationId);
    assert.ok(record);
    assert.doesNotMatch(JSON.stringify(record), /first/);
    assert.deepEqual([record.account.username, record.scopes], ['ada@example.org', ['User.Read.All']]);
    assert.deepEqual((await vaultOf('a').read())?.tokens, toTokens('first'));
  });

  it('are none for another app or tenant than the settings name', async () => {
    const other = createTokenVault({ ...whose, clientId: randomUUID() }, { store, sealer, holder: 'a', now });
    assert.equal(await other.read(), null);
  });

  it('are saved by one of two that read the same', async () => {
    const { version } = (await vaultOf('a').read())!;
    const saved = await Promise.all(['one', 'two'].map((name) => vaultOf(name).save(version, toTokens(name))));
    assert.deepEqual(saved.toSorted(), [false, true]);
    const kept = (await vaultOf('a').read())!;
    assert.equal(kept.tokens.accessToken, saved[0] ? 'one' : 'two');
    assert.notEqual(kept.version, version);
  });

  it('lose to a new consent: a refresh or a refusal of the old one changes nothing', async () => {
    const { version } = (await vaultOf('a').read())!;
    await keepConsent(whose, toSignedIn(toTokens('second')), { store, sealer, now });
    assert.equal(await vaultOf('a').save(version, toTokens('late')), false);
    assert.equal(await vaultOf('a').refuse(version, { aadsts: 50_173, error: 'invalid_grant' }), false);
    const kept = (await vaultOf('a').read())!;
    assert.deepEqual([kept.tokens.accessToken, kept.refused], ['second', null]);
  });

  it('are refused for all processes until the next consent', async () => {
    const { version } = (await vaultOf('a').read())!;
    assert.equal(await vaultOf('a').refuse(version, { aadsts: 50_173, error: 'invalid_grant' }), true);
    assert.equal((await vaultOf('b').read())?.refused?.aadsts, 50_173);
    await keepConsent(whose, toSignedIn(toTokens('second')), { store, sealer, now });
    assert.equal((await vaultOf('b').read())?.refused, null);
  });

  it('are locked by one process at a time', async () => {
    const unlock = await vaultOf('a').lock();
    assert.ok(unlock);
    assert.equal(await vaultOf('b').lock(), null);
    assert.equal(await vaultOf('a').lock(), null, 'not even the same process twice');
    await unlock();
    assert.ok(await vaultOf('b').lock());
  });
});
