import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKey } from './find-key.js';

describe('findKey', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'muster-cli-'));
    await mkdir(join(root, '.muster'));
    await mkdir(join(root, 'a', 'b'), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));

  it('finds the key that the start script keeps, from a folder further down', async () => {
    await writeFile(join(root, '.muster', 'keys.json'), JSON.stringify({ MUSTER_BOOTSTRAP_KEY: 'kept' }));
    assert.equal(await findKey({}, join(root, 'a', 'b')), 'kept');
  });

  it('prefers MUSTER_API_KEY', async () => {
    await writeFile(join(root, '.muster', 'keys.json'), JSON.stringify({ MUSTER_BOOTSTRAP_KEY: 'kept' }));
    assert.equal(await findKey({ MUSTER_API_KEY: ' given ' }, root), 'given');
  });

  it('says what to do when there is none', async () => {
    await assert.rejects(findKey({}, join(root, 'a')), /There is no API key\. Set MUSTER_API_KEY/);
  });

  it('a broken keys file is named, not passed over', async () => {
    await writeFile(join(root, '.muster', 'keys.json'), '{');
    await assert.rejects(findKey({}, root), /keys\.json holds no MUSTER_BOOTSTRAP_KEY/);
  });
});
