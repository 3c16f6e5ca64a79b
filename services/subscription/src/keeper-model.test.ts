import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Failure, type IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import fc from 'fast-check';
import { createWorld, DAY, MINUTE, RECEIVER, toSettings, type World } from '../test/support/model-world.js';
import { histories, type Step } from '../test/support/steps.js';
import type { Keeper } from './keep-subscribed.js';

const ADDRESS = `${RECEIVER}/graph/notifications`;
const ELSEWHERE = 'https://other.example/hook';
const groupId = randomUUID();

class History {
  readonly world: World = createWorld();
  settings: IntegrationSettings = toSettings();
  keeper: Keeper;

  constructor() {
    this.world.save(this.settings);
    this.keeper = this.world.keeper();
  }

  get graph() {
    return this.world.graphOf(this.settings.tenantId);
  }

  change(fields: Partial<IntegrationSettings>): void {
    this.settings = { ...this.settings, ...fields, revision: this.settings.revision + 1 };
    this.world.save(this.settings);
  }

  async take(next: Step): Promise<void> {
    switch (next.kind) {
      case 'wait':
        this.world.clock.now += next.ms;
        return;
      case 'look':
        return this.keeper.lookAtAll({ inventory: next.inventory });
      case 'reauthorize':
        return this.reauthorize();
      case 'lose': {
        this.graph
          .live()
          .slice(0, 1)
          .forEach(({ subscriptionId }) => this.graph.lose(subscriptionId));
        return;
      }
      case 'group': {
        this.change({ groupId: next.chosen ? groupId : null });
        return;
      }
      case 'pause': {
        this.change({ state: next.paused ? 'paused' : 'active' });
        return;
      }
      case 'outage': {
        this.graph.refuse(next.away ? { code: 'graph.unavailable', status: 503, retryable: true } : null);
        return;
      }
      case 'drop': {
        this.graph.drop(next.answers);
        return;
      }
      case 'die':
        this.world.dieBehindPatches(next.writes);
        this.keeper = this.world.keeper();
        return;
      case 'rotate':
        this.world.rotateKey();
        this.keeper = this.world.keeper();
        return;
      case 'restart':
        this.keeper = this.world.keeper();
    }
  }

  async reauthorize(): Promise<void> {
    const { integrationId, tenantId } = this.settings;
    for (const { subscriptionId } of this.graph.live())
      await this.keeper
        .onLifecycle({
          version: 1,
          integrationId,
          tenantId,
          subscriptionId,
          lifecycleEvent: 'reauthorizationRequired',
          receivedAt: new Date(this.world.clock.now).toISOString(),
        })
        // The killed service; the event comes again.
        .catch((error: unknown) => assert.match(String(error), /killed/));
  }

  /** Nothing goes wrong any more, and the service looks as often as it does. */
  async settle(): Promise<void> {
    this.graph.refuse(null);
    this.graph.drop(0);
    this.world.dieBehindPatches(0);
    for (let quarter = 0; quarter < 3; quarter += 1) {
      this.world.clock.now += 15 * MINUTE + 1;
      await this.keeper.lookAtAll({ inventory: true });
    }
  }

  wanted(): string[] {
    return ['/users', ...(this.settings.groupId === null ? [] : [`/groups/${groupId}`])].sort();
  }
}

const history = async (steps: readonly Step[]): Promise<History> => {
  const told = new History();
  for (const next of steps) await told.take(next);
  return told;
};

describe('the keeper of subscriptions, whatever happens', () => {
  it('ends with what is wanted at Graph, and with records that say so', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (list) => {
        const told = await history(list);
        await told.settle();
        const live = told.graph.live();
        assert.deepEqual(live.map(({ resource }) => resource).sort(), told.wanted());
        const records = [...told.world.records.values()];
        assert.deepEqual(
          records.map(({ subscriptionId, status, failure, signedWith }) => ({
            subscriptionId,
            status,
            failure,
            signedWith,
          })),
          records.map(({ resource }) => {
            const held = live.find((one) => one.resource === resource);
            const signedWith = told.world.signedWith();
            return { subscriptionId: held?.subscriptionId, status: 'live', failure: null, signedWith };
          }),
        );
        assert.equal(records.length, live.length);
      }),
      { numRuns: 300 },
    );
  });

  it('never patches one subscription twice, or soon after its creation, within 10 min', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (list) => {
        const { graph } = await history(list);
        const touched = new Map<string, number>();
        for (const { kind, subscriptionId, at } of graph.calls) {
          const before = touched.get(subscriptionId);
          if (kind === 'patch' && before !== undefined) assert.ok(at - before >= 10 * MINUTE, `${at - before} ms`);
          touched.set(subscriptionId, at);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('asks for a sweep after every creation', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (list) => {
        const { graph, world } = await history(list);
        const created = graph.calls.filter(({ kind }) => kind === 'create').length;
        const sweeps = world.published.filter(({ topic }) => topic === 'requests').length;
        // More of them where an outage may have left a gap, too.
        assert.ok(sweeps >= created, `${sweeps} for ${created}`);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the keeper of subscriptions', () => {
  it('renews a quiet subscription once in about half of its life, and at no other time', async () => {
    const told = new History();
    const days: number[] = [];
    for (let minute = 0; minute < 56 * 24; minute += 1) {
      await told.keeper.lookAtAll();
      told.world.clock.now += 60 * MINUTE;
    }
    const { calls } = told.graph;
    for (const [index, call] of calls.entries()) if (index > 0) days.push((call.at - calls[index - 1]!.at) / DAY);
    assert.deepEqual([...new Set(calls.map(({ kind }) => kind))], ['create', 'patch']);
    for (const gap of days) assert.ok(gap >= 0.45 * 28 && gap <= 0.55 * 28 + 0.1, `${gap} days`);
  });

  it('leaves a slot that another program holds, says so, and takes it once it is free', async () => {
    const told = new History();
    const expiresAt = new Date(told.world.clock.now + 20 * DAY).toISOString();
    const other = told.graph.hold({ resource: '/users', notificationUrl: ELSEWHERE, expiresAt });
    await told.keeper.lookAtAll({ inventory: true });
    assert.deepEqual(
      [...told.world.records.values()].map(({ status }) => status),
      ['slot-taken'],
    );
    await told.settle();
    assert.deepEqual(told.graph.live(), [other]);
    told.graph.lose(other.subscriptionId);
    await told.settle();
    assert.deepEqual(
      told.graph.live().map(({ notificationUrl }) => notificationUrl),
      [ADDRESS],
    );
  });

  it('replaces one of ours that it has no record of: nobody knows what that was signed with', async () => {
    const told = new History();
    const expiresAt = new Date(told.world.clock.now + 20 * DAY).toISOString();
    const lost = told.graph.hold({ resource: '/users', notificationUrl: ADDRESS, expiresAt });
    await told.keeper.lookAtAll();
    const [held, ...more] = told.graph.live();
    assert.deepEqual(more, []);
    assert.notEqual(held?.subscriptionId, lost.subscriptionId);
  });

  it('unsubscribes a removed integration and forgets it; a paused one stays subscribed', async () => {
    const told = new History();
    await told.keeper.lookAtAll();
    told.change({ state: 'paused' });
    await told.keeper.lookAtNew();
    assert.equal(told.graph.live().length, 1);
    told.change({ state: 'removed' });
    await told.keeper.lookAtNew();
    assert.deepEqual([told.graph.live(), told.world.records.size], [[], 0]);
  });

  it('goes on with the users where the group is refused, and asks for that again slowly', async () => {
    const told = new History();
    told.change({ groupId });
    const { graph } = told.graph;
    let asked = 0;
    const createSubscription: Graph['createSubscription'] = (wanted) => {
      if (wanted.entity === 'user') return graph.createSubscription(wanted);
      asked += 1;
      return Promise.reject(new Failure('graph.forbidden', 'no right', { retryable: false, details: { status: 403 } }));
    };
    const keeper = told.world.keeper({ graphFor: () => ({ ...graph, createSubscription }) as Graph });
    for (let minute = 0; minute < 60; minute += 1) {
      await keeper.lookAtAll();
      told.world.clock.now += MINUTE;
    }
    const byResource = [...told.world.records.values()].map(({ entity, status }) => `${entity} ${status}`).sort();
    assert.deepEqual(byResource, ['group refused', 'user live']);
    assert.equal(asked, 4);
  });

  it('takes a lease only for a look that has something to do', async () => {
    const { world, graph } = new History();
    let acquired = 0;
    const acquire: typeof world.store.leases.acquire = (...lease) => {
      acquired += 1;
      return world.store.leases.acquire(...lease);
    };
    const keeper = world.keeper({ store: { ...world.store, leases: { ...world.store.leases, acquire } } });
    for (let day = 0; day < 60; day += 1) {
      await keeper.lookAtAll();
      world.clock.now += DAY;
    }
    assert.ok(graph.calls.length > 3, 'one creation and some renewals');
    assert.equal(acquired, graph.calls.length);
  });

  it('does the work once with several copies', async () => {
    const told = new History();
    const copies = [told.keeper, told.world.keeper(), told.world.keeper()];
    await Promise.all(copies.map((copy) => copy.lookAtNew()));
    await Promise.all(copies.map((copy) => copy.lookAtAll({ inventory: true })));
    assert.deepEqual(
      told.graph.calls.map(({ kind }) => kind),
      ['create'],
    );
  });
});
