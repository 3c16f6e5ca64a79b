import assert from 'node:assert/strict';
import { html } from './html.js';
import { toInitials, toName } from './people.js';

describe('people on a page', () => {
  it('have a sign-in name that breaks before its domain and between the parts of it, never inside a word', () => {
    const name = toName({ userPrincipalName: 'anh.dang@contoso.onmicrosoft.example' });
    const expected = 'anh.dang<wbr />@contoso<wbr />.onmicrosoft<wbr />.example';
    assert.equal(html`${name}`.text, expected);
  });

  it('have the first letters of the first and the last word, in any script', () => {
    const names = ['Ada King Lovelace', '김서연', 'Đặng Ánh', '42', "d'Arc"];
    assert.deepEqual(names.map(toInitials), ['AL', '김', 'ĐÁ', '?', 'D']);
  });
});
