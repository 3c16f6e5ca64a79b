import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { createSealer } from '@muster/store';
import { createFlows } from './flows.js';

const INTEGRATION = '11111111-1111-4111-8111-111111111111';

function setUp() {
  const used = new Set<string>();
  const clock = { at: new Date('2026-01-01T00:00:00.000Z') };
  const flows = createFlows({
    sealer: createSealer([randomBytes(32)]),
    once: { use: (id) => Promise.resolve(!used.has(id) && Boolean(used.add(id))) },
    publicUrl: 'https://muster.example.com',
    now: () => clock.at,
  });
  const begun = flows.begin({ kind: 'sign-in', integrationId: INTEGRATION, returnTo: '/people' });
  const setCookie = begun.toSetCookie({ nonce: 'the-nonce', codeVerifier: 'the-verifier' });
  return { flows, clock, begun, setCookie };
}
const browser = (...cookies: string[]) =>
  ({ get: () => cookies.map((cookie) => cookie.split(';')[0]).join('; ') }) as unknown as Request;

describe('a flow to Microsoft and back', () => {
  it('gives back what was kept, once', async () => {
    const { flows, begun, setCookie } = setUp();
    const flow = await flows.finish(browser('other=1', setCookie), begun.state);
    assert.deepEqual(
      [flow?.kind, flow?.integrationId, flow?.returnTo, flow?.nonce, flow?.codeVerifier],
      ['sign-in', INTEGRATION, '/people', 'the-nonce', 'the-verifier'],
    );
    assert.equal(await flows.finish(browser(setCookie), begun.state), null);
  });

  it('is of no use in another browser, nor with the cookie of another flow', async () => {
    const { flows, begun } = setUp();
    assert.equal(await flows.finish(browser(), begun.state), null);
    const other = flows.begin({ kind: 'sign-in', integrationId: INTEGRATION, returnTo: '/' });
    const value = other.toSetCookie({ nonce: 'n', codeVerifier: 'v' }).split('=').slice(1).join('=');
    assert.equal(await flows.finish(browser(`__Host-muster-flow-${begun.flowId}=${value}`), begun.state), null);
  });

  it('is over after ten minutes, and when its state was changed', async () => {
    const { flows, clock, begun, setCookie } = setUp();
    // Not at its end, where base64url has bits that say nothing.
    const middle = Math.floor(begun.state.length / 2);
    const other = begun.state[middle] === 'x' ? 'y' : 'x';
    const changed = `${begun.state.slice(0, middle)}${other}${begun.state.slice(middle + 1)}`;
    assert.equal(await flows.finish(browser(setCookie), changed), null);
    clock.at = new Date(clock.at.getTime() + 600_000);
    assert.equal(await flows.finish(browser(setCookie), begun.state), null);
  });

  it('shows nobody what it holds, and binds its cookie to this host', () => {
    const { begun, setCookie } = setUp();
    assert.ok(!/nonce|verifier|people/.test(setCookie + begun.state), setCookie);
    assert.match(setCookie, /^__Host-muster-flow-[\w-]{36}=/);
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=600'])
      assert.ok(setCookie.includes(`; ${attribute}`), setCookie);
    assert.ok(begun.state.length < 800, String(begun.state.length));
  });
});
