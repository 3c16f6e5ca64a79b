import assert from 'node:assert/strict';
import express from 'express';
import supertest from 'supertest';
import type { IntegrationSettings } from '@muster/contracts';
import type { ApiKeyRecord } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { problemHandler } from '../http/problem.js';
import { createKeyRing, requirePrincipal, type KeyRing } from './authenticate.js';
import { toHash } from './hash.js';
import { createRateLimits } from './rate-limits.js';
import { toCookieSettings } from './session-cookie.js';

const record: ApiKeyRecord = {
  ...{ keyId: 'k', name: 'k', role: 'tenant-admin', integrationId: 'a', scopes: ['read'], hash: toHash('key-of-a') },
  ...{ createdAt: new Date(0).toISOString(), expiresAt: null, lastUsedAt: new Date().toISOString() },
};

describe('API keys', () => {
  const ring = (state: IntegrationSettings['state'] | null): KeyRing =>
    createKeyRing({
      apiKeys: {
        byHash: (hash) => Promise.resolve(hash === record.hash ? record : null),
        used: () => Promise.resolve(),
      },
      integrations: {
        get: () => Promise.resolve(state === null ? null : ({ integrationId: 'a', state } as IntegrationSettings)),
      },
      bootstrapKey: undefined,
      now: () => new Date(),
    });

  it('open nothing once the integration they were made for was removed', async () => {
    for (const state of ['draft', 'active', 'paused'] as const)
      assert.equal((await ring(state).byKey('key-of-a'))?.integrationId, 'a', state);
    assert.equal(await ring('removed').byKey('key-of-a'), null);
    assert.equal(await ring('removed').byHash(record.hash), null, 'nor by a session that a pasted key began');
    assert.equal(await ring(null).byKey('key-of-a'), null);
  });
});

describe('wrong keys', () => {
  const toAgent = () =>
    supertest(
      express()
        .use(
          requirePrincipal({
            keys: { byKey: () => Promise.resolve(null), byHash: () => Promise.resolve(null) },
            bySession: () => Promise.resolve(null),
            refused: createRateLimits().refused,
            publicUrl: 'http://localhost',
          }),
        )
        .use(problemHandler(createLogger({ service: 'admin', level: 'silent' }))),
    );

  it('are counted; who brings none may ask as often as a signed-out page does', async () => {
    const agent = toAgent();
    for (let tries = 0; tries < 40; tries += 1) await agent.get('/').expect(401);
    for (let tries = 0; tries < 30; tries += 1) await agent.get('/').set('Authorization', 'Bearer wrong').expect(401);
    await agent.get('/').set('Authorization', 'Bearer wrong').expect(429);
    await agent.get('/').expect(401);
  });

  it('a session that is over is not counted, and no late answer takes the next one’s cookie from the browser', async () => {
    const agent = toAgent();
    const stale = `${toCookieSettings('http://localhost').name}=${'a'.repeat(43)}`;
    for (let tries = 0; tries < 40; tries += 1) {
      const { headers } = await agent.get('/').set('Cookie', stale).expect(401);
      assert.equal(headers['set-cookie'], undefined);
    }
    await agent.get('/').set('Authorization', 'Bearer wrong').expect(401);
  });
});
