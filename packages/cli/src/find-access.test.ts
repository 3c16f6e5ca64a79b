import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAccess } from './find-access.js';

const MUSTER_URL = 'https://muster.example';
const MUSTER_API_KEY = ' given ';

describe('findAccess', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'muster-cli-'));
    await mkdir(join(root, '.muster'));
    await mkdir(join(root, 'a', 'b'), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));
  const keep = (name: string, content: object) => writeFile(join(root, '.muster', name), JSON.stringify(content));
  const keepKey = () => keep('keys.json', { MUSTER_BOOTSTRAP_KEY: 'kept' });
  const keepAddress = () => keep('addresses.json', { adminUrl: 'http://localhost:4005', other: 1 });

  it('finds the key and the address of the running system, from a folder further down', async () => {
    await Promise.all([keepKey(), keepAddress()]);
    const access = { key: 'kept', origin: 'http://localhost:4005' };
    assert.deepEqual(await findAccess({}, join(root, 'a', 'b')), access);
  });

  it('prefers what is given, each by itself', async () => {
    await Promise.all([keepKey(), keepAddress()]);
    assert.deepEqual(await findAccess({ MUSTER_API_KEY, MUSTER_URL }, root), { key: 'given', origin: MUSTER_URL });
    assert.deepEqual(await findAccess({ MUSTER_API_KEY }, root), { key: 'given', origin: 'http://localhost:4005' });
    assert.deepEqual(await findAccess({ MUSTER_URL }, root), { key: 'kept', origin: MUSTER_URL });
    const elsewhere = join(root, 'a');
    await rm(join(root, '.muster'), { recursive: true });
    assert.deepEqual(await findAccess({ MUSTER_API_KEY }, elsewhere), {
      key: 'given',
      origin: 'http://localhost:4000',
    });
  });

  it('sends the kept key nowhere while the system does not run', async () => {
    await keepKey();
    await assert.rejects(findAccess({}, root), /Muster does not run here\. Start it with \.\/scripts\/start/);
  });

  it('says what to do when there is no key', async () => {
    await assert.rejects(findAccess({}, join(root, 'a')), /There is no API key\. Set MUSTER_API_KEY/);
  });

  it('a broken file is named, not passed over', async () => {
    await writeFile(join(root, '.muster', 'keys.json'), '{');
    await assert.rejects(findAccess({}, root), /keys\.json holds no MUSTER_BOOTSTRAP_KEY/);
    await keepKey();
    await keep('addresses.json', { adminUrl: 'nonsense' });
    await assert.rejects(findAccess({}, root), /addresses\.json holds no adminUrl/);
  });
});
