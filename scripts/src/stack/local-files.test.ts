import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadCertificates } from './certificates.js';
import { loadKeys } from './keys.js';
import { requestJson } from './request-json.js';
import { createTemporaryLayout } from './temporary-layout.js';

const DAY = 86_400_000;

describe('local certificates', () => {
  let temporary: ReturnType<typeof createTemporaryLayout>;
  beforeEach(() => (temporary = createTemporaryLayout()));
  afterEach(() => temporary.remove());

  it('serve https on localhost and 127.0.0.1 for who trusts the authority, and nobody else', async () => {
    const { caFile, certFile, keyFile } = await loadCertificates(temporary.layout.tls, { now: new Date() });
    const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (_, response) => {
      response.end('"hello"');
    });
    await new Promise<void>((settle) => server.listen(0, settle));
    const { port } = server.address() as AddressInfo;
    const ca = readFileSync(caFile, 'utf8');
    for (const host of ['localhost', '127.0.0.1']) {
      assert.deepEqual(await requestJson(`https://${host}:${port}/`, { ca }), { status: 200, body: 'hello' });
    }
    await assert.rejects(requestJson(`https://localhost:${port}/`), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await new Promise((settle) => server.close(settle));
  });

  it('are kept until a month before their end, then renewed; the key is the owner’s only', async () => {
    const now = new Date();
    const { certFile, keyFile } = await loadCertificates(temporary.layout.tls, { now });
    const first = readFileSync(certFile, 'utf8');
    await loadCertificates(temporary.layout.tls, { now: new Date(now.getTime() + 366 * DAY) });
    assert.equal(readFileSync(certFile, 'utf8'), first);
    await loadCertificates(temporary.layout.tls, { now: new Date(now.getTime() + 368 * DAY) });
    assert.notEqual(readFileSync(certFile, 'utf8'), first);
    assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  });
});

describe('local keys', () => {
  let temporary: ReturnType<typeof createTemporaryLayout>;
  beforeEach(() => (temporary = createTemporaryLayout()));
  afterEach(() => temporary.remove());

  it('are made once, kept, and readable by their owner only', () => {
    const { keysFile } = temporary.layout;
    const keys = loadKeys(keysFile);
    assert.equal(Buffer.from(keys.MUSTER_KEYS, 'base64').length, 32);
    assert.notEqual(keys.MUSTER_KEYS, keys.CLIENT_STATE_KEYS);
    assert.deepEqual(loadKeys(keysFile), keys);
    assert.equal(statSync(keysFile).mode & 0o777, 0o600);
  });

  it('are never made anew over a file that cannot be read', () => {
    const { keysFile } = temporary.layout;
    writeFileSync(keysFile, '{');
    assert.throws(() => loadKeys(keysFile), /cannot be read as keys/);
    assert.equal(readFileSync(keysFile, 'utf8'), '{');
  });
});
