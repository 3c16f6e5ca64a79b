import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTemporaryLayout } from './temporary-layout.js';
import { isVenvMade, venvOf } from './venv.js';

describe('a virtual environment of Python', () => {
  const spec = { name: 'some-venv', packages: ['some==1'], version: 'some==1' };
  let temporary: ReturnType<typeof createTemporaryLayout>;
  beforeEach(() => {
    temporary = createTemporaryLayout();
    const folder = venvOf(temporary.layout, spec);
    mkdirSync(folder);
    writeFileSync(join(folder, '.complete'), `some==1 in ${folder}`);
  });
  afterEach(() => temporary.remove());

  it('is made once its stamp names what is in it', () => {
    assert.equal(isVenvMade(temporary.layout, spec), true);
    assert.equal(isVenvMade(temporary.layout, { ...spec, name: 'another' }), false);
  });

  it('is to be made anew when something else belongs in it', () => {
    assert.equal(isVenvMade(temporary.layout, { ...spec, version: 'some==2' }), false);
  });

  it('is to be made anew when its checkout was moved', () => {
    const moved = createTemporaryLayout();
    try {
      cpSync(venvOf(temporary.layout, spec), venvOf(moved.layout, spec), { recursive: true });
      assert.equal(isVenvMade(moved.layout, spec), false);
    } finally {
      moved.remove();
    }
  });
});
