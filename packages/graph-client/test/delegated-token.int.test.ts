import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createLogger } from '@muster/telemetry';
import {
  createGraphFactory,
  type DelegatedTokens,
  type Graph,
  type KeptTokens,
  type TokenVault,
} from '../src/index.js';
import { failureOf } from './collect.js';
import { setUpSignIn, signInAs, type SignInScene } from './sign-in-scene.js';

const SCOPES = ['User.Read.All', 'GroupMember.Read.All'];
const HOUR = 3_600_000;

/** The promises of a vault, in memory; every process of a test has the same one. */
function createVault(tokens: DelegatedTokens | null) {
  const state = { kept: null as KeptTokens | null, locked: false, refreshes: 0, locks: 0 };
  const put = (next: DelegatedTokens) => {
    state.kept = { version: randomUUID(), tokens: next, refused: null };
  };
  if (tokens) put(tokens);
  const change = (version: string, next: (kept: KeptTokens) => KeptTokens): Promise<boolean> => {
    if (state.kept?.version !== version) return Promise.resolve(false);
    state.kept = { ...next(state.kept), version: randomUUID() };
    return Promise.resolve(true);
  };
  const vault: TokenVault = {
    id: randomUUID(),
    read: () => Promise.resolve(state.kept && structuredClone(state.kept)),
    save: (version, next) => {
      state.refreshes += 1;
      return change(version, (kept) => ({ ...kept, tokens: next }));
    },
    refuse: (version, refused) => change(version, (kept) => ({ ...kept, refused })),
    lock: () => {
      if (state.locked) return Promise.resolve(null);
      state.locked = true;
      state.locks += 1;
      return Promise.resolve(() => {
        state.locked = false;
        return Promise.resolve();
      });
    },
  };
  return { vault, state, put };
}

describe('working on behalf of who consented', () => {
  let scene: SignInScene;
  let tokens: DelegatedTokens;
  const processOf = (vault: TokenVault): Graph =>
    createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }) })({
      ...scene.credentials,
      delegated: vault,
    });
  const ended = (): DelegatedTokens => ({ ...tokens, expiresAt: new Date(Date.now() - HOUR).toISOString() });

  before(async () => {
    scene = await setUpSignIn();
  });
  beforeEach(async () => {
    ({ tokens } = await signInAs(scene.credentials, scene.admin, { scopes: SCOPES }));
  });
  after(() => scene.stop());

  it('reads with the token of the consent while it is good, and shows its rights', async () => {
    const { vault, state } = createVault(tokens);
    const graph = processOf(vault);
    assert.equal(await graph.countUsers(), 20);
    assert.equal(state.refreshes, 0);
    const { permissions } = await graph.signIn();
    assert.deepEqual(permissions.filter((name) => SCOPES.includes(name)).toSorted(), SCOPES.toSorted());
  });

  it('refreshes once for many processes that find it ended; the others read what came', async () => {
    const { vault, state } = createVault(ended());
    const graphs = Array.from({ length: 5 }, () => processOf(vault));
    assert.deepEqual(
      await Promise.all(graphs.flatMap((one) => [one.countUsers(), one.countUsers()])),
      Array(10).fill(20),
    );
    assert.equal(state.refreshes, 1);
    assert.notEqual(state.kept!.tokens.accessToken, tokens.accessToken);
    assert.notEqual(state.kept!.tokens.cache, tokens.cache, 'the refresh token was replaced');
    assert.equal(state.locked, false);
  });

  it('goes on for many rounds: each refresh token is used once', async () => {
    const { vault, state, put } = createVault(ended());
    for (let round = 1; round <= 3; round += 1) {
      assert.equal(await processOf(vault).countUsers(), 20);
      assert.equal(state.refreshes, round);
      put({ ...state.kept!.tokens, expiresAt: new Date(0).toISOString() });
    }
  });

  it('asks for a new sign-in once it was revoked (50173), and then asks Entra no more', async () => {
    const { vault, state, put } = createVault(ended());
    scene.simulator.control.revokeSignIns(scene.tenant.tenantId, scene.admin.id, 'revoked');
    const first = await failureOf(processOf(vault).countUsers());
    assert.deepEqual(
      [first.code, first.retryable, first.details.aadsts, first.details.signInAgain],
      ['token.refused', false, 50_173, true],
    );
    assert.match(first.message, /sign in and consent again/);
    assert.equal(state.locks, 1);
    for (const graph of [processOf(vault), processOf(vault)]) {
      const again = await failureOf(graph.countUsers());
      assert.deepEqual([again.details.aadsts, again.details.signInAgain], [50_173, true]);
    }
    assert.equal(state.locks, 1, 'nobody tried to refresh again');
    const { tokens: fresh } = await signInAs(scene.credentials, scene.admin, { scopes: SCOPES });
    put(fresh);
    assert.equal(await processOf(vault).countUsers(), 20);
  });

  it('says that nobody consented when there is nothing to ask with', async () => {
    const { code, details } = await failureOf(processOf(createVault(null).vault).countUsers());
    assert.deepEqual([code, details.aadsts, details.signInAgain], ['token.refused', null, true]);
  });

  it('keeps a passing trouble of Entra what it is: tried again, nobody has to sign in', async () => {
    const { vault, state } = createVault(ended());
    scene.simulator.control.setSignInPolicy({ tokenFault: { number: 90_033, share: 1 } });
    const failure = await failureOf(processOf(vault).countUsers());
    scene.simulator.control.setSignInPolicy({ tokenFault: null });
    assert.equal(failure.retryable, true);
    assert.equal(state.kept!.refused, null);
    assert.equal(await processOf(vault).countUsers(), 20);
  });

  it('keeps a wrong secret apart from a revoked consent', async () => {
    const { vault, state } = createVault(ended());
    const connect = createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }) });
    const graph = connect({ ...scene.credentials, clientSecret: 'wrong', delegated: vault });
    const failure = await failureOf(graph.countUsers());
    assert.deepEqual([failure.details.aadsts, failure.details.signInAgain], [7_000_215, false]);
    assert.equal(state.kept!.refused, null);
  });

  it('gives up waiting for a process that refreshes for ever, to be tried again', async () => {
    const { vault, state } = createVault(ended());
    state.locked = true;
    const connect = createGraphFactory({
      logger: createLogger({ service: 'graph-client', level: 'silent' }),
      timeoutMs: 300,
    });
    const { code, retryable } = await failureOf(connect({ ...scene.credentials, delegated: vault }).countUsers());
    assert.deepEqual([code, retryable], ['graph.unavailable', true]);
  });
});
