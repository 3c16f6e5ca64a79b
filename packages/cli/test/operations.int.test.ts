import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  snapshotRecord,
  subscriptionRecord,
  sweepRecord,
  syncRequest,
  type PersonRead,
  type PlanRecord,
  type SyncRequest,
} from '@muster/contracts';
import { createKafkaEventLog, type EventLog } from '@muster/event-log';
import { connectStore, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, eventually, patiently, testServers, toUserDocument } from '@muster/test-support';
import { startAdminProcess, type AdminProcess, type Typed } from './admin-process.js';

const TENANT = '33333333-3333-4333-8333-333333333333';
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** What a reconciler and a projector would have written is put into the database. */
describe('operations at the terminal, against a running admin service', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('cli operations', mongodbUri);
  let admin: AdminProcess;
  let store: Store;
  let log: EventLog;
  let id = '';

  before(async function () {
    this.timeout(60_000);
    admin = await startAdminProcess(kafkaBrokers, resources);
    const logger = createLogger({ service: 'cli-test', level: 'silent' });
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger }));
    resources.onRemove(() => store.close());
    const topicPrefix = resources.prefix;
    log = createKafkaEventLog({ brokers: kafkaBrokers.split(','), clientId: 'cli-test', topicPrefix, logger });
    resources.onRemove(() => log.close());
    await eventually(admin.isReady, { within: 50_000, every: 100, what: 'admin is ready' });
    const create = ['integrations', 'create', '--name', 'Contoso', '--tenant-id', TENANT, '--client-id', TENANT];
    const created = await admin.type([...create, '--secret-expires', '2099-01-31'], { stdin: 'the-secret-value\n' });
    id = /draft: (\S+)/.exec(created.out)?.[1] ?? '';
    assert.equal((await admin.type(['integrations', 'start', id])).code, 0);
  });
  after(async function () {
    this.timeout(60_000);
    assert.equal(await admin.stop(), 0);
    await resources.remove();
  });

  /** What a command that has to succeed prints. */
  const say = async (...argv: string[]): Promise<string> => {
    const { code, out, complaints }: Typed = await admin.type(argv);
    assert.deepEqual([code, complaints], [0, ''], argv.join(' '));
    return out;
  };
  const refused = async (...argv: string[]): Promise<string> => {
    const { code, out, complaints } = await admin.type(argv);
    assert.deepEqual([code, out], [1, ''], argv.join(' '));
    return complaints;
  };
  /** Oldest first. */
  const requests = async (): Promise<SyncRequest[]> =>
    (await log.readNewest('requests', 100))
      .map(({ value }) => syncRequest.parse(JSON.parse(String(value))))
      .toReversed();

  it('rebuild asks for full reads of what is on, and runs tells how they go', async () => {
    assert.equal(await say('runs', id), 'Nothing was read in full yet.');
    assert.equal(await say('rebuild', id), `${id}: reads of users and mfa asked for; muster runs ${id}`);
    const asked = (await requests()).flatMap((one) =>
      'reason' in one && /rebuild/.test(one.reason) ? [one.type] : [],
    );
    assert.deepEqual(asked.toSorted(), ['mfa', 'users']);
    const run = {
      ...{ integrationId: id, tenantId: TENANT, reason: 'rebuild of the documents', pages: 3, rows: 2_500 },
      ...{ expectedRows: 2_500, nextLink: null, resumed: false, failure: null, projected: {}, publishedAt: null },
    };
    for (const [kind, state] of [
      ['users', 'complete'],
      ['mfa', 'failed'],
    ] as const)
      await store.snapshots.insert(
        snapshotRecord.parse({
          ...{ ...run, snapshotId: randomUUID(), kind, state, startedAt: at(0), finishedAt: at(2) },
          drift: state === 'complete' ? { added: 4, changed: 5, removed: 6 } : null,
          failure: state === 'failed' ? { code: 'graph.no-licence', message: 'no licence' } : null,
        }),
      );
    const [, ...lines] = (await say('runs', id)).split('\n');
    assert.equal(lines.length, 2);
    const users = await say('runs', id, '--kind', 'users', '--limit', '5');
    assert.match(users, /2026-01-01T00:00:00 +users +complete in 2 min +2500 +4\/5\/6 +rebuild of the documents$/);
    assert.match(await say('runs', id, '--kind', 'mfa'), /mfa +failed in 2 min \(graph\.no-licence\)/);
    assert.match(await refused('rebuild', randomUUID()), /no integration with this id/);
  });

  it('lag tells the whole way and both shares of it, slice by slice', async () => {
    assert.match(await say('lag', id), /^Nothing was measured/);
    const now = new Date();
    const steps = { graph: 900, kafka: 5, ours: 120, total: 1_020 } as const;
    for (const [step, ms] of Object.entries(steps) as [keyof typeof steps, number][])
      await store.lag.add(Array.from({ length: 7 }, () => ({ integrationId: id, step, ms, at: now })));
    const since = new Date(now.getTime() - 600_000).toISOString();
    const [head, line, ...more] = (await say('lag', id, '--since', since, '--step', '5m')).split('\n');
    assert.match(head ?? '', /from \(5m\) .*total p50.*graph p50.*ours p50.*count/);
    assert.match(line ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d( +[\d.]+ m?s){9} +7$/);
    assert.deepEqual(more, []);
    assert.match(await refused('lag', id, '--since', 'yesterday'), /since /);
  });

  it('subscriptions tell what each watch is at, its end, renewal and failure', async () => {
    assert.match(await say('subscriptions', id), /^No subscription yet/);
    const subscription = {
      ...{ integrationId: id, tenantId: TENANT, entity: 'user', resource: '/users', subscriptionId: randomUUID() },
      ...{ status: 'live', notificationUrl: 'https://muster.test/graph', signedWith: null, failure: null },
      ...{ createdAt: at(0), renewedAt: at(1), expiresAt: at(60) },
    };
    await store.subscriptions.save(
      subscriptionRecord.parse({
        ...subscription,
        events: [{ at: at(1), times: 1, kind: 'renew', reason: 'it was due', failure: null }],
      }),
    );
    await store.subscriptions.save(
      subscriptionRecord.parse({
        ...{ ...subscription, entity: 'group', resource: '/groups/g', subscriptionId: null, status: 'refused' },
        ...{ createdAt: null, renewedAt: null, expiresAt: null },
        failure: { code: 'graph.forbidden', message: 'Group.Read.All is missing.', at: at(2), count: 3 },
      }),
    );
    await store.lag.heard([{ integrationId: id, resource: '/users', receivedAt: at(5) }]);
    const told = await say('subscriptions', id);
    assert.match(told, new RegExp(`^/users +live +${at(60)} +${at(1)} +${at(5)} +–$`, 'm'));
    assert.match(
      told,
      /^\/groups\/g +refused +– +not yet +none yet +graph\.forbidden: Group\.Read\.All is missing\.$/m,
    );
    assert.match(await say('subscriptions', id, '--json'), /"reason": "it was due"/);
    assert.match(await refused('subscriptions', randomUUID()), /no integration with this id/);
  });

  it('coverage tells what notifications and sweeps covered, where neither did, and what was lost', async () => {
    assert.match(await say('coverage', id), /^Nothing is recorded in this time/);
    const sweep = {
      ...{ integrationId: id, tenantId: TENANT, rows: 5, suspects: [], judgedAt: at(20) },
      ...{ announced: 99, found: 0, lost: 0, worstDelayMs: 0 },
    };
    for (const [from, to, state, rest] of [
      [0, 3, 'covered', {}],
      [3, 6, 'covered', {}],
      [6, 12, 'by-sweep', { found: 2, lost: 2, worstDelayMs: 90_000 }],
      [12, 15, 'blind', { announced: 1, found: 4, judgedAt: null }],
    ] as const)
      await store.coverage.save(
        sweepRecord.parse({ ...sweep, sweepId: randomUUID(), from: at(from), to: at(to), state, ...rest }),
      );
    const [, ...lines] = (await say('coverage', id, '--since', at(0))).split('\n');
    assert.match(lines[0] ?? '', new RegExp(`^${at(0)} +${at(6)} +6 min +covered +2$`));
    assert.deepEqual(lines.slice(3), [
      'In all: covered 6 min, by sweep alone 6 min, blind 3 min.',
      '298 changes announced, 2 lost (0.667 %), found at most 2 min late. 4 changes that a sweep found not judged yet.',
    ]);
    assert.match(await refused('coverage', id, '--since', 'yesterday'), /since /);
  });

  it('alerts tell what fires by the rules that run, and on demand what is over', async function () {
    this.timeout(60_000);
    await store.plans.save({
      ...{ planId: randomUUID(), integrationId: id, tenantId: TENANT, groupId: null, reason: 'too many at once' },
      ...{ inScope: 400, state: 'waiting', createdAt: at(5), updatedAt: at(5), decidedAt: null, decidedBy: null },
      candidates: [{ userId: randomUUID(), why: 'left-group', state: 'waiting' }],
    });
    await store.alerts.save({
      ...{ alertId: `quarantine/${id}`, rule: 'quarantine', integrationId: id, state: 'resolved', level: 'problem' },
      ...{ text: 'Calls were held back.', since: at(0), firedAt: at(0), resolvedAt: new Date().toISOString() },
      ...{ step: 0, untold: [], revision: 1 },
    });
    const told = await eventually(
      async () => {
        const out = await say('alerts');
        assert.match(out, new RegExp(`^problem +plan-waits +firing +${id} `, 'm'));
        assert.doesNotMatch(out, /nobody watches/);
        return out;
      },
      { within: 50_000, every: 250, what: 'the rule fires' },
    );
    assert.match(told, /^What to do about plan-waits: http\S+#plan-waits$/m);
    assert.doesNotMatch(told, /quarantine/);
    assert.match(await say('alerts', '--all'), /^problem +quarantine +resolved .* Calls were held back\.$/m);
    const rules = await say('alerts', 'rules');
    assert.match(rules, /^plan-waits +problem +at once +firing +Removals wait/m);
    assert.match(rules, /^quarantine +problem +after 2 min +quiet /m);
    assert.match(rules, /^Only Prometheus can tell/m);
  });

  it('users explain says why, and users sync has the person read first', async () => {
    const document = toUserDocument({ tenantId: TENANT, displayName: 'Ada' });
    const { userId } = document;
    const key = `${TENANT}/${userId}`;
    await store.users.write([
      {
        ...{ kind: 'insert', id: key, document },
        pending: {
          ...{ specversion: '1.0', id: `users/${key}/1`, source: `/tenants/${TENANT}`, subject: userId },
          ...{ time: document.changedAt, datacontenttype: 'application/json', type: 'muster.user.created' },
          data: { revision: 1, changed: [], document },
        },
      },
    ]);
    assert.match(await say('users', 'explain', userId), /^In scope: no group is chosen[^]*revision 1/);
    assert.match(await refused('users', 'explain', 'ada'), /userId .*GUID/);

    const synced = say('users', 'sync', userId);
    const request = await eventually(
      async () => (await requests()).find((one) => one.type === 'person' && one.userId === userId),
      { within: 10_000, what: 'the read is asked for' },
    );
    const read: PersonRead = {
      ...{ integrationId: id, tenantId: TENANT, userId, requestedAt: request.requestedAt, requestedBy: 'operator' },
      ...{ readAt: new Date().toISOString(), found: 'unknown', accountEnabled: null, userType: null, inGroup: null },
      ...{ groupPath: [], mfa: null, failure: { code: 'graph.throttled', message: 'Graph asks for a pause.' } },
    };
    await store.personReads.save(read);
    assert.match(await synced, /The read that was asked for .* ago failed: Graph asks for a pause\./);
    const told = JSON.parse(await say('users', 'explain', userId, '--integration', id, '--json')) as {
      read: { requestedAt: string };
    };
    assert.equal(told.read.requestedAt, request.requestedAt);
  });

  it('a plan is answered for whom somebody saw; without that nothing is done, and it says how many it is about', async () => {
    const [seen, later] = [at(10), at(20)];
    const plan: PlanRecord = {
      ...{ planId: randomUUID(), integrationId: id, tenantId: TENANT, groupId: null, reason: 'too many at once' },
      ...{ inScope: 400, state: 'waiting', createdAt: at(5), updatedAt: seen, decidedAt: null, decidedBy: null },
      candidates: Array.from({ length: 10 }, () => ({ userId: randomUUID(), why: 'left-group', state: 'waiting' })),
    };
    const { planId } = plan;
    const answers = async () => (await requests()).flatMap((one) => (one.type === 'plan' ? [one] : []));
    await store.plans.save(plan);
    assert.match(await say('plans', 'list', '--integration', id), new RegExp(`${planId} +waiting .*${seen} +10 `));
    const people = await say('plans', 'people', planId, '--state', 'waiting', '--limit', '4');
    assert.match(people, new RegExp(`More: --cursor \\S+\\nTo answer for all \\d+ who wait: --seen-at ${seen}$`));
    const cursor = /--cursor (\S+)/.exec(people)?.[1] ?? '';
    assert.doesNotMatch(await say('plans', 'people', planId, '--limit', '4', '--cursor', cursor), /seen-at/);

    const more = Array.from({ length: 340 }, () => ({
      ...{ userId: randomUUID(), why: 'left-group' as const, state: 'waiting' as const, waitsSince: later },
    }));
    await store.plans.save({ ...plan, updatedAt: later, candidates: [...plan.candidates, ...more] });
    for (const verb of ['allow', 'refuse']) {
      const complaint = await refused('plans', verb, planId);
      assert.match(complaint, new RegExp(`Nothing was done\\. ${planId} is about 350 people as of ${later}\\.`));
      assert.match(complaint, new RegExp(`muster plans ${verb} ${planId} --seen-at ${later}$`));
    }
    assert.deepEqual(await answers(), []);

    const allowed = await say('plans', 'allow', planId, '--seen-at', seen);
    assert.match(allowed, new RegExp(`allowed for those of 350 people who waited at ${seen}`));
    const [one] = plan.candidates;
    assert.match(await say('plans', 'refuse', planId, one!.userId), /refused for 1 person/);
    assert.deepEqual(
      (await answers()).map(({ allowed: yes, seenAt, userIds }) => [yes, seenAt, userIds]),
      [
        [true, seen, undefined],
        [false, later, [one!.userId]],
      ],
    );
    assert.match(await refused('plans', 'allow', randomUUID()), /no plan with this id/);
  });

  it('a dead letter is sent again by the place that the list gives', async () => {
    const publisher = log.publisher();
    await publisher.start();
    const bytes = Buffer.from('{ "no": "event" }');
    const value = {
      ...{ version: 1, reason: { code: 'event.not-json', message: 'is not JSON' }, at: at(0) },
      origin: { topic: 'graph.notifications', partition: 0, offset: '1', key: 'letter/1' },
      value: bytes.toString('base64'),
    };
    await publisher.publish([{ topic: 'deadLetters', key: 'letter/1', value: value }]);
    await publisher.stop();
    const place = /^(\d+\/\d+) /m.exec(await say('dead-letters'))?.[1] ?? '';
    assert.equal(await say('dead-letters', 'replay', place), `${place} is on graph.notifications again.`);
    const [again] = await log.readNewest('notifications', 1);
    assert.deepEqual([again?.key, again?.value], ['letter/1', bytes]);
    assert.match(await say('dead-letters', 'list'), /letter\/1 .*\d{4}-\d\d-\d\dT\S+$/m);
    assert.match(await refused('dead-letters', 'replay', '0/999999'), /no dead letter/);
    assert.match(await refused('dead-letters', 'replay', '7'), /not a place.*muster dead-letters/);
  });
});
