import assert from 'node:assert/strict';
import { REPORT, REPORT_FLAGS, codeOf, createScene } from '../../test/scene.js';

describe('contract 6.1, filters of userRegistrationDetails', () => {
  const filters: [string, (row: Record<string, unknown>) => boolean][] = [
    ['isMfaRegistered eq true', (row) => row['isMfaRegistered'] === true],
    [
      "methodsRegistered/any(m:m eq 'mobilePhone')",
      (row) => (row['methodsRegistered'] as string[]).includes('mobilePhone'),
    ],
    ["startsWith(userDisplayName,'a')", (row) => String(row['userDisplayName']).toLowerCase().startsWith('a')],
    ["startsWith(userPrincipalName,'m')", (row) => String(row['userPrincipalName']).toLowerCase().startsWith('m')],
  ];
  for (const [filter, fits] of filters)
    it(`6.1 $filter=${filter} gives those rows only`, async () => {
      const { get } = await createScene({ plan: { people: 200 } });
      const all = (await get(`${REPORT}?$top=999`)).body.value;
      const some = (await get(`${REPORT}?$top=999&$filter=${encodeURIComponent(filter)}`)).body.value;
      assert.deepEqual(
        some.map(({ id }) => id),
        all.filter(fits).map(({ id }) => id),
      );
      assert.ok(some.length > 0);
    });

  it('6.1 $filter compares both names and all booleans by eq, and asks both lists', async () => {
    const { get, control } = await createScene({ plan: { people: 60 } });
    control.setFaults({ throttling: false });
    const all = (await get(`${REPORT}?$top=999`)).body.value;
    const matching = async (filter: string) =>
      (await get(`${REPORT}?$top=999&$filter=${encodeURIComponent(filter)}`)).body.value.map(({ id }) => id);
    for (const name of ['userPrincipalName', 'userDisplayName']) {
      const value = String(all[5]![name]);
      assert.deepEqual(
        await matching(`${name} eq '${value.replaceAll("'", "''")}'`),
        all.filter((row) => row[name] === value).map(({ id }) => id),
      );
    }
    for (const name of REPORT_FLAGS)
      assert.deepEqual(
        await matching(`${name} eq false`),
        all.filter((row) => row[name] === false).map(({ id }) => id),
      );
    assert.deepEqual(
      await matching("systemPreferredAuthenticationMethods/any(m:m eq 'push')"),
      all
        .filter((row) => (row['systemPreferredAuthenticationMethods'] as string[]).includes('push'))
        .map(({ id }) => id),
    );
  });

  const foreignFilters = [
    'isMfaRegistered ne true',
    "id eq '00000000-0000-4000-8000-000000000000'",
    "startsWith(id,'a')",
    "userPrincipalName ne 'a'",
    "userPrincipalName in ('a','b')",
    "userType eq 'member'",
    "isMfaRegistered/any(m:m eq 'x')",
    "methodsRegistered eq 'mobilePhone'",
  ];
  for (const filter of foreignFilters)
    it(`6.1 $filter=${filter} is refused`, async () => {
      const { get } = await createScene();
      const answer = await get(`${REPORT}?$filter=${encodeURIComponent(filter)}`);
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'Request_UnsupportedQuery']);
    });
});
