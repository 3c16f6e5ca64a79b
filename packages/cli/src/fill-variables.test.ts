import assert from 'node:assert/strict';
import { fillVariables } from './fill-variables.js';

const env = { SECRET: 'hush: {a: 1}', EMPTY: '' };

describe('variables in a file', () => {
  it('are filled in wherever there is text; a value never becomes structure', () => {
    const file = {
      integrations: [{ clientSecret: '${SECRET}', name: 'A ${SECRET} B', groupId: null, includeGuests: true }],
    };
    assert.deepEqual(fillVariables(file, env), {
      integrations: [{ clientSecret: 'hush: {a: 1}', name: 'A hush: {a: 1} B', groupId: null, includeGuests: true }],
    });
  });

  it('that are not set, or empty, are named; a doubled sign stays', () => {
    assert.throws(() => fillVariables(['${MISSING}'], env), /\$\{MISSING\}.*not set/);
    assert.throws(() => fillVariables('${EMPTY}', env), /EMPTY/);
    assert.equal(fillVariables('$${SECRET} costs $5', env), '${SECRET} costs $5');
  });
});
