import assert from 'node:assert/strict';
import { plural } from './plural.js';

describe('plural', () => {
  it('one is one, all others are many, none too', () => {
    assert.equal(plural(1, 'person', 'people'), '1 person');
    assert.equal(plural(12_345, 'person', 'people'), '12,345 people');
    assert.equal(plural(0, 'event'), '0 events');
    assert.equal(plural(1, 'event waits', 'events wait'), '1 event waits');
  });
});
