import assert from 'node:assert/strict';
import express from 'express';
import supertest from 'supertest';
import { Secret } from '@muster/config';
import type { SessionRecord, SessionSubject } from '@muster/store';
import type { Gate } from '../gate/create-gate.js';
import { toHash } from '../keys/hash.js';
import { toCookieSettings } from '../keys/session-cookie.js';
import { createSessions } from './sessions.js';

const NOBODYS = { kind: 'setup-link' } as SessionSubject;
const HOUR = 3_600_000;
const nobody = (): never => assert.fail('nobody is asked about this session');

/** Sessions of a service that was started with this hash; what they keep outlives it. */
const start = (records: Map<string, SessionRecord>, breakGlassHash: string | undefined) =>
  createSessions({
    store: {
      sessions: {
        insert: (record) => Promise.resolve(void records.set(record.sessionHash, record)),
        get: (sessionHash) => Promise.resolve(records.get(sessionHash) ?? null),
        touch: () => Promise.resolve(),
        remove: (sessionHash) => Promise.resolve(void records.delete(sessionHash)),
        removePerson: nobody,
      },
      integrations: { get: nobody, all: nobody, saved: nobody, insert: nobody, replace: nobody },
    },
    gate: { ask: nobody, roleOf: nobody } satisfies Gate,
    byKeyHash: nobody,
    breakGlassHash: breakGlassHash === undefined ? undefined : new Secret(breakGlassHash),
    cookie: toCookieSettings('http://localhost:4000'),
    periods: { idle: HOUR, life: HOUR },
    onEnd: () => undefined,
    now: () => new Date(),
  });

const toRecord = (subject: SessionSubject): SessionRecord => {
  const at = new Date().toISOString();
  const later = new Date(Date.now() + HOUR).toISOString();
  return { sessionHash: 's', subject, createdAt: at, seenAt: at, provedAt: at, expiresAt: later, endsAt: later };
};

describe('a break-glass session', () => {
  it('ends when the password is changed or taken away, as a key’s does with the key', async () => {
    const records = new Map<string, SessionRecord>();
    const subject: SessionSubject = { kind: 'break-glass', passwordHash: toHash('scrypt of the first') };
    const begin = async (): Promise<string> => {
      const app = express().get('/', async (request, response) => {
        await start(records, 'scrypt of the first').begin(request, response, subject);
        response.end();
      });
      await supertest(app).get('/');
      return [...records.keys()].at(-1) ?? '';
    };
    const look = (sessionHash: string, breakGlassHash: string | undefined) =>
      start(records, breakGlassHash).look(sessionHash);

    const kept = await begin();
    assert.equal((await look(kept, 'scrypt of the first'))?.actor, 'break-glass');
    assert.equal(await look(kept, 'scrypt of the second'), null);
    assert.equal(records.size, 0, 'for good');
    assert.equal(await look(await begin(), undefined), null);
    assert.doesNotMatch(JSON.stringify(await begin().then(() => [...records])), /scrypt of/);
  });

  it('lets in who has a setup link of its holder, until the password is changed', async () => {
    const maker = { kind: 'break-glass', passwordHash: toHash('scrypt of the first') } as const;
    const records = new Map([['s', toRecord({ kind: 'setup-link', maker })]]);
    assert.equal((await start(records, 'scrypt of the first').look('s'))?.actor, 'setup-link');
    assert.equal(await start(records, 'scrypt of the second').look('s'), null);
    assert.equal(records.size, 0, 'for good');
    assert.equal(await start(new Map([['s', toRecord(NOBODYS)]]), 'scrypt of the first').look('s'), null);
  });

  it('of a version that kept no hash is over', async () => {
    const records = new Map([['s', toRecord({ kind: 'break-glass' } as SessionSubject)]]);
    assert.equal(await start(records, 'scrypt of the first').look('s'), null);
  });
});
