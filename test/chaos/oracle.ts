import type { MfaDocument, UserDocument } from '@muster/contracts';
import { SERVICES } from '@muster/scripts';
import { eventually } from '@muster/test-support';
import { compareReport, compareRowsKept, compareUsers } from '../src/compare-with-truth.js';
import { waitingIn } from '../src/waiting-in.js';
import { allowRemovals } from './allow-removals.js';
import { findFalselyAdmitted, findFalselyTold } from './falsely-told.js';
import { tenantsOf, type ChaosSystem } from './chaos-system.js';
import { findLost, findLostStrangers, isUnderWay, readLedger, type Delivery } from './ledger.js';
import { findUntold, toEnd, type End } from './revision-chains.js';
import { readDocuments, toFeedKeys, watchDocuments } from './watch-documents.js';
import { watchLog } from './watch-log.js';

export type Verdict = {
  /** Posted by the simulator; acknowledged by a 2xx. */
  readonly sent: number;
  readonly acknowledged: number;
  /** People who were compared, and documents whose changes were followed on the feed. */
  readonly people: number;
  readonly chains: number;
  /** Each is a sentence; all must be empty. */
  readonly lost: readonly string[];
  readonly wrong: readonly string[];
  /** People of whom the feed told, however short, that they are gone or outside, more often than they were, or that they are there while they were deleted. */
  readonly falselyTold: readonly string[];
  /** Put aside, and no poison. */
  readonly putAside: readonly string[];
  readonly brokenChains: readonly string[];
  /** Repeats that came behind a newer revision: allowed, and told for who wants to know how often. */
  readonly toldBehind: number;
  readonly wentBack: readonly string[];
  /** Documents that were looked at for that, each time counted. */
  readonly looks: number;
  /** Documents that were looked at more than once. */
  readonly seenAgain: number;
};

export type Oracle = {
  /** Waits, with no more changes, until nothing is wrong or time is up; then tells what it found. Says meanwhile what is not yet true. */
  readonly converge: (withinMs: number, say?: (line: string) => void) => Promise<Verdict>;
  readonly stop: () => Promise<void>;
};

const SAY_EVERY_MS = 20_000;
/** Who reads besides the projector, and keeps where it is. */
const OTHER_GROUPS = [
  ['muster.subscription', 'lifecycle'],
  ['muster.admin.history', 'changes'],
] as const;

/** Looks on from the outside: the simulator's truth and ledger, the topics, the documents. */
export async function createOracle(chaos: ChaosSystem): Promise<Oracle> {
  const { system } = chaos;
  const { simulator, store } = system;
  const tenants = Object.entries(tenantsOf(chaos)).map(([name, { tenant }]) => ({ name, tenant }));
  const log = await watchLog(system.eventLog);
  const documents = watchDocuments(
    store,
    tenants.map(({ tenant }) => tenant.tenantId),
  );

  /** All documents are read once for all questions. */
  const compareAll = async (): Promise<Pick<Verdict, 'people' | 'wrong' | 'brokenChains'>> => {
    let people = 0;
    const wrong: string[] = [];
    const ends = new Map<string, End>();
    for (const { name, tenant } of tenants) {
      const users = new Map<string, UserDocument>();
      const mfa = new Map<string, MfaDocument>();
      for await (const some of readDocuments(store, tenant.tenantId)) {
        for (const [key, one] of some.users) users.set(key, one);
        for (const [key, one] of some.mfa) mfa.set(key, one);
        for (const [key, one] of toFeedKeys(some)) ends.set(key, toEnd(one));
      }
      const truth = await simulator.truth(tenant.tenantId);
      people += truth.length;
      const found = [
        ...compareUsers(truth, tenant, users),
        ...compareReport(truth, tenant, mfa),
        ...compareRowsKept(truth, tenant, { users, mfa }),
      ];
      wrong.push(...found.map((sentence) => `in ${name}: ${sentence}`));
    }
    // Also at its end: the last revision that was told of each document must be the one that it has.
    return { people, wrong, brokenChains: [...log.chains.broken(), ...findUntold(log.chains.ends(), ends)] };
  };
  const findAllFalselyTold = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const { tenantId } of tenants.map(({ tenant }) => tenant)) {
      const leavers = await simulator.call('GET', `/tenants/${tenantId}/leavers`);
      found.push(...findFalselyTold(log.chains.departures(), { tenantId, leavers }));
      found.push(...findFalselyAdmitted(log.chains.admissions(), { tenantId, leavers }));
    }
    return found;
  };
  let deliveries: readonly Delivery[] = [];
  const findUnderWay = async (): Promise<string[]> => {
    deliveries = await readLedger(simulator, deliveries);
    const untaken = deliveries.filter(isUnderWay).length;
    const isCaughtUp = await log.isCaughtUp();
    const waiting = await waitingIn(system);
    const isReady = await Promise.all(SERVICES.map((service) => system.isReady(service)));
    const behind = await Promise.all(OTHER_GROUPS.map(([group, topic]) => system.eventLog.lag(group, [topic])));
    const unread = behind.flat().reduce((sum, { lag }) => sum + lag, 0);
    return [
      ...SERVICES.filter((_service, index) => !isReady[index]).map((service) => `${service} is not ready`),
      ...(unread > 0 ? [`${unread} events wait for ${OTHER_GROUPS.map(([group]) => group).join(' and ')}`] : []),
      ...(untaken > 0 ? [`${untaken} notifications are not yet taken`] : []),
      ...(isCaughtUp ? [] : ['the feed is still told']),
      ...(waiting > 0 ? [`${waiting} events wait for the projector`] : []),
    ];
  };
  const look = async (underWay: readonly string[]): Promise<Verdict> => {
    const { people, wrong, brokenChains } = await compareAll();
    return {
      sent: deliveries.filter(({ sentAt }) => sentAt !== null).length,
      acknowledged: deliveries.filter(({ ackedAt }) => ackedAt !== null).length,
      people,
      chains: log.chains.ends().size,
      lost: [
        ...findLost(deliveries, log.notifications, chaos.lifecycle),
        ...findLostStrangers(chaos.strangers, log.strangers),
      ],
      wrong: [...underWay, ...wrong],
      falselyTold: await findAllFalselyTold(),
      putAside: log.putAside,
      brokenChains,
      toldBehind: log.chains.toldBehind(),
      wentBack: documents.wentBack(),
      looks: documents.looks(),
      seenAgain: documents.seenAgain(),
    };
  };
  return {
    converge: async (withinMs, say = () => undefined) => {
      let nextAt = performance.now() + SAY_EVERY_MS;
      const isGood = async (): Promise<Verdict> => {
        await allowRemovals(chaos);
        // Everything is compared only when nothing is under way: it costs the database what the projector needs of it.
        const underWay = await findUnderWay();
        const verdict = underWay.length === 0 ? await look(underWay) : null;
        if (verdict && isClean(verdict)) return verdict;
        const found = verdict ? tell(verdict) : underWay;
        if (performance.now() >= nextAt) {
          nextAt += SAY_EVERY_MS;
          say(`         not yet: ${found.length} things, such as ${found[0]}`);
        }
        throw new Error(found.slice(0, 10).join('\n'));
      };
      return eventually(isGood, { within: withinMs, every: 1_000 }).catch(async () => look(await findUnderWay()));
    },
    stop: async () => {
      await documents.stop();
      await log.stop();
    },
  };
}

/** Everything that is wrong, in sentences. */
export const tell = ({ lost, wrong, falselyTold, putAside, brokenChains, wentBack }: Verdict): string[] => [
  ...lost,
  ...wrong,
  ...falselyTold,
  ...putAside,
  ...brokenChains,
  ...wentBack,
];
export const isClean = (verdict: Verdict): boolean => tell(verdict).length === 0;
