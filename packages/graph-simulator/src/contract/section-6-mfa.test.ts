import assert from 'node:assert/strict';
import { HOUR, MINUTE, REPORT, REPORT_FLAGS, SECOND, START, codeOf, createScene, messageOf } from '../../test/scene.js';

const NAMES = [
  'id',
  'userPrincipalName',
  'userDisplayName',
  'userType',
  ...REPORT_FLAGS,
  'methodsRegistered',
  'systemPreferredAuthenticationMethods',
  'userPreferredMethodForSecondaryAuthentication',
  'lastUpdatedDateTime',
];

describe('contract 6.1, userRegistrationDetails', () => {
  it('6.1 a row has all properties of the type, in a list and by user id', async () => {
    const { get } = await createScene();
    const [row] = (await get(REPORT)).body.value;
    assert.deepEqual(Object.keys(row!).sort(), [...NAMES].sort());
    const one = (await get(`${REPORT}/${row!.id}`)).body;
    assert.equal(one['userPrincipalName'], row!['userPrincipalName']);
  });

  it('6.1 userType is member or guest', async () => {
    const { get } = await createScene();
    const types = new Set((await get(`${REPORT}?$top=999`)).body.value.map((row) => row['userType']));
    assert.deepEqual(types, new Set(['member', 'guest']));
  });

  it('6.1 isMfaCapable is registered and allowed by policy', async () => {
    const { get, control, tenantId, person } = await createScene();
    const { id } = person();
    control.setMfa(tenantId, id, { methods: ['mobilePhone'], capable: false });
    const { body } = await get(`${REPORT}/${id}`);
    assert.deepEqual([body['isMfaRegistered'], body['isMfaCapable']], [true, false]);
  });

  it('6.1 methodsRegistered is an open set', async () => {
    const { get, control, tenantId, person } = await createScene();
    const { id } = person();
    control.setMfa(tenantId, id, { methods: ['somethingNew', 'temporaryAccessPass'] });
    assert.deepEqual((await get(`${REPORT}/${id}`)).body['methodsRegistered'], ['somethingNew', 'temporaryAccessPass']);
  });

  it('6.1 the preferred method of a person without one is none, or empty as in the example when a switch says so', async () => {
    const { get, control, tenantId, person } = await createScene();
    const { id } = person();
    control.setMfa(tenantId, id, { methods: [] });
    const preferred = async () => (await get(`${REPORT}/${id}`)).body['userPreferredMethodForSecondaryAuthentication'];
    assert.equal(await preferred(), 'none');
    control.setSettings({ switches: { emptyPreferredMethod: true } });
    assert.equal(await preferred(), '');
  });

  for (const [order, name, sign] of [
    ['userPrincipalName', 'userPrincipalName', 1],
    ['userDisplayName desc', 'userDisplayName', -1],
  ] as const)
    it(`6.1 $orderby=${order} orders over pages`, async () => {
      const { walk } = await createScene();
      const { rows } = await walk(`${REPORT}?$top=10&$orderby=${encodeURIComponent(order)}`);
      const names = rows.map((row) => String(row[name]));
      assert.deepEqual(
        names,
        [...names].sort((a, b) => sign * (a < b ? -1 : Number(a > b))),
      );
      assert.equal(new Set(rows.map(({ id }) => id)).size, 27);
    });

  it('6.1 $orderby on another property is refused', async () => {
    const { get } = await createScene();
    assert.equal((await get(`${REPORT}?$orderby=userType`)).status, 400);
  });

  it('6.1 $select and $top=999 work, [?] the default page size is a setting', async () => {
    const { get, walk, control } = await createScene();
    const { body } = await get(`${REPORT}?$select=id,isMfaRegistered&$top=999`);
    assert.deepEqual([body.value.length, Object.keys(body.value[0]!)], [27, ['id', 'isMfaRegistered']]);
    control.setSettings({ pageSizes: { report: 10 } });
    assert.deepEqual(
      (await walk(REPORT)).pages.map((page) => page.body.value.length),
      [10, 10, 7],
    );
  });

  it('6.1 disabled users are left out, soft-deleted users too', async () => {
    const { get, control, tenantId, truth, person } = await createScene();
    const disabled = truth().find(({ accountEnabled }) => !accountEnabled)!.id;
    const deleted = person().id;
    control.deleteUser(tenantId, deleted);
    const ids = (await get(`${REPORT}?$top=999`)).body.value.map(({ id }) => id);
    assert.ok(!ids.includes(disabled) && !ids.includes(deleted));
    assert.equal((await get(`${REPORT}/${disabled}`)).status, 404);
  });

  it('6.1 lastUpdatedDateTime is when the report was refreshed; the report lags', async () => {
    const scene = await createScene({ lifetimes: { reportDelay: 2 * HOUR } });
    const { id } = scene.person();
    scene.control.setMfa(scene.tenantId, id, { methods: ['fido2'] });
    const before = (await scene.get(`${REPORT}/${id}`)).body;
    assert.notDeepEqual(before['methodsRegistered'], ['fido2']);
    assert.equal(Date.parse(String(before['lastUpdatedDateTime'])), START - 2 * HOUR);
    await scene.pass(2 * HOUR, MINUTE);
    const after = (await scene.get(`${REPORT}/${id}`)).body;
    assert.deepEqual(after['methodsRegistered'], ['fido2']);
    assert.equal(Date.parse(String(after['lastUpdatedDateTime'])), START);
  });

  it('6.1 no change notification exists for MFA, and no delta function', async () => {
    const { subscribe, control, tenantId, person, pass, items, get } = await createScene();
    await subscribe();
    control.setMfa(tenantId, person().id, { methods: ['fido2'] });
    await pass(MINUTE, 1_000);
    assert.equal(items().length, 0);
    assert.equal((await subscribe({ resource: REPORT })).status, 400);
    assert.notEqual((await get(`${REPORT}/delta`)).status, 200);
  });
});

describe('contract 6.2, rights and licence', () => {
  it('6.2 AuditLog.Read.All is the only permission; Reports.Read.All does not open it', async () => {
    const { get } = await createScene({ plan: { permissions: ['Reports.Read.All', 'Directory.Read.All'] } });
    assert.equal((await get(REPORT)).status, 403);
  });

  for (const licence of ['P1', 'P2'] as const)
    it(`6.2 with licence ${licence} the report opens`, async () => {
      const { get } = await createScene({ plan: { licence } });
      assert.equal((await get(REPORT)).status, 200);
    });

  it('6.2 without licence: 403 Authentication_RequestFromNonPremiumTenantOrB2CTenant', async () => {
    const { get } = await createScene({ plan: { licence: 'none' } });
    const answer = await get(REPORT);
    assert.deepEqual(
      [answer.status, codeOf(answer), messageOf(answer)],
      [
        403,
        'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
        "Tenant is not a B2C tenant and doesn't have premium license",
      ],
    );
  });

  it('6.2 the same 403 strikes a licensed tenant at random when a fault says so', async () => {
    const { get, control } = await createScene();
    const code = 'Authentication_RequestFromNonPremiumTenantOrB2CTenant';
    control.setFaults({
      throttling: false,
      seed: 4,
      rules: [{ type: 'error', status: 403, code, path: '/reports/', share: 0.5 }],
    });
    const statuses = [];
    for (let call = 0; call < 20; call += 1) statuses.push((await get(REPORT)).status);
    assert.deepEqual(new Set(statuses), new Set([200, 403]));
  });

  it('6.2 delegated it needs one of four directory roles besides', async () => {
    const { get, delegate, truth, control, tenantId, person, pass } = await createScene({ plan: { people: 40 } });
    const people = truth().filter(({ userType }) => userType === 'Member');
    const plain = people.at(-1)!.id;
    await delegate(plain, ['AuditLog.Read.All']);
    assert.equal((await get(REPORT)).status, 403);
    for (const [role, expected] of [
      ['Global Administrator', 403],
      ['Reports Reader', 200],
      ['Security Reader', 200],
      ['Security Administrator', 200],
      ['Global Reader', 200],
    ] as const) {
      control.setPerson(tenantId, plain, { roles: [role] });
      await delegate(plain, ['AuditLog.Read.All', `role-of-${role.replace(' ', '-')}`]);
      assert.equal((await get(`${REPORT}/${person().id}`)).status, expected, role);
      await pass(10 * SECOND);
    }
  });

  it('6.2 usersRegisteredByMethod and usersRegisteredByFeature count the report, in the name of a person only', async () => {
    const { get, delegate, truth, control, tenantId } = await createScene({ plan: { people: 40 } });
    const path = (name: string) =>
      `/reports/authenticationMethods/${name}(includedUserTypes='all',includedUserRoles='all')`;
    assert.equal((await get(path('usersRegisteredByMethod'))).status, 403);
    const { id } = truth()[0]!;
    control.setPerson(tenantId, id, { roles: ['Reports Reader'] });
    await delegate(id, ['AuditLog.Read.All']);
    const reported = truth().flatMap(({ mfa }) => mfa ?? []);
    const byMethod = (await get(path('usersRegisteredByMethod'))).body;
    const [first] = byMethod['userRegistrationMethodCounts'] as { authenticationMethod: string; userCount: number }[];
    assert.equal(byMethod['totalUserCount'], reported.length);
    assert.equal(
      first!.userCount,
      reported.filter(({ methods }) => methods.includes(first!.authenticationMethod)).length,
    );
    const features = (await get(path('usersRegisteredByFeature'))).body['userRegistrationFeatureCounts'] as object[];
    assert.deepEqual(features.at(-1), {
      feature: 'mfaCapable',
      userCount: reported.filter(({ isMfaCapable }) => isMfaCapable).length,
    });
    assert.equal((await get(path('usersRegisteredByMoon'))).status, 400);
  });

  for (const report of [
    'credentialUserRegistrationDetails',
    'userCredentialUsageDetails',
    "getCredentialUsageSummary(period='D30')",
    'getCredentialUserRegistrationCount',
  ])
    it(`6.2 the old beta report ${report} is gone: 410 with Reports.Read.All, 403 without`, async () => {
      const { get, control, tenantId, tenant, signIn } = await createScene();
      const old = async () => {
        const answer = await get(`https://simulator.invalid/beta/reports/${report}`);
        return [answer.status, codeOf(answer)];
      };
      assert.deepEqual(await old(), [403, 'Authorization_RequestDenied']);
      control.updateApp(tenantId, tenant.clientId, { granted: ['Reports.Read.All'] });
      await signIn();
      assert.deepEqual(await old(), [410, 'Gone']);
    });

  it('6.2 the methods of one person are a call each, with UserAuthenticationMethod.Read.All', async () => {
    const { get, control, tenantId, tenant, person, signIn } = await createScene();
    const { id } = person();
    control.setMfa(tenantId, id, { methods: ['mobilePhone', 'fido2'] });
    const path = `/users/${id}/authentication/methods`;
    assert.equal((await get(path)).status, 403);
    control.updateApp(tenantId, tenant.clientId, { granted: ['UserAuthenticationMethod.Read.All'] });
    await signIn();
    assert.deepEqual(
      (await get(path)).body.value.map((row) => row['@odata.type']),
      ['password', 'phone', 'fido2'].map((name) => `#microsoft.graph.${name}AuthenticationMethod`),
    );
  });

  it('6.2 a B2C tenant gets the same 403', async () => {
    const { get } = await createScene({ plan: { kind: 'b2c' } });
    assert.equal(codeOf(await get(REPORT)), 'Authentication_RequestFromNonPremiumTenantOrB2CTenant');
  });
});
