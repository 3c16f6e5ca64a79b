import { mfaDocument, userDocument } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import { compareMfaWithTruth, compareWithTruth } from '../src/compare-with-truth.js';
import { waitingIn } from '../src/waiting-in.js';
import { allowRemovals } from './allow-removals.js';
import { findFalselyTold } from './falsely-told.js';
import { tenantsOf, type ChaosSystem } from './chaos-system.js';
import { keepEvidence } from './keep-evidence.js';
import { findLost, findLostStrangers, isUnderWay, readLedger } from './ledger.js';
import { digestOf, findUntold, type End } from './revision-chains.js';
import { readDocuments, watchDocuments } from './watch-documents.js';
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
  /** People of whom the feed told, however short, that they are gone or outside, and who never were. */
  readonly falselyTold: readonly string[];
  /** Put aside, and no poison. */
  readonly putAside: readonly string[];
  readonly brokenChains: readonly string[];
  readonly wentBack: readonly string[];
};

export type Oracle = {
  /** Waits, with no more changes, until nothing is wrong or time is up; then tells what it found. Says meanwhile what is not yet true. */
  readonly converge: (withinMs: number, say?: (line: string) => void) => Promise<Verdict>;
  readonly stop: () => Promise<void>;
};

const SAY_EVERY_MS = 20_000;

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

  const findWrong = async (): Promise<string[]> => {
    const wrong: string[] = [];
    for (const { name, tenant } of tenants)
      for (const compare of [compareWithTruth, compareMfaWithTruth])
        wrong.push(...(await compare(store, simulator, tenant)).map((sentence) => `in ${name}: ${sentence}`));
    return wrong;
  };
  const countPeople = async (): Promise<number> => {
    let people = 0;
    for (const { tenant } of tenants) people += (await simulator.truth(tenant.tenantId)).length;
    return people;
  };
  /** Also at its end: the last revision that was told of each document must be the one that it has. */
  const findBrokenChains = async (): Promise<string[]> => {
    const found = new Map<string, End>();
    for (const { tenant } of tenants)
      for await (const some of readDocuments(store, tenant.tenantId))
        for (const [key, one] of some) {
          const said = (key.startsWith('users/') ? userDocument : mfaDocument).parse(one);
          found.set(key, { revision: one.revision, digest: digestOf(said) });
        }
    return [...log.chains.broken(), ...findUntold(log.chains.ends(), found)];
  };
  const findAllFalselyTold = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const { tenantId } of tenants.map(({ tenant }) => tenant)) {
      const leavers = await simulator.call('GET', `/tenants/${tenantId}/leavers`);
      found.push(...findFalselyTold(log.chains.statuses(), { tenantId, leavers }));
    }
    return found;
  };
  const look = async (): Promise<Verdict> => {
    const deliveries = await readLedger(simulator);
    const underWay = deliveries.filter(isUnderWay);
    const caughtUp = await log.isCaughtUp();
    const waiting = await waitingIn(system);
    return {
      sent: deliveries.filter(({ sentAt }) => sentAt !== null).length,
      acknowledged: deliveries.filter(({ ackedAt }) => ackedAt !== null).length,
      people: await countPeople(),
      chains: log.chains.ends().size,
      lost: [...findLost(deliveries, log.notifications), ...findLostStrangers(chaos.strangers, log.strangers)],
      wrong: [
        ...(underWay.length > 0 ? [`${underWay.length} notifications are not yet taken`] : []),
        ...(caughtUp ? [] : ['the feed is still told']),
        ...(waiting > 0 ? [`${waiting} events wait for the projector`] : []),
        ...(await findWrong()),
      ],
      falselyTold: await findAllFalselyTold(),
      putAside: log.putAside,
      brokenChains: await findBrokenChains(),
      wentBack: documents.wentBack(),
    };
  };
  return {
    converge: async (withinMs, say = () => undefined) => {
      let nextAt = performance.now() + SAY_EVERY_MS;
      const isGood = async (): Promise<Verdict | false> => {
        await allowRemovals(chaos);
        const verdict = await look();
        if (isClean(verdict)) return verdict;
        const found = tell(verdict);
        if (performance.now() >= nextAt) {
          nextAt += SAY_EVERY_MS;
          say(`         not yet: ${found.length} things, such as ${found[0]}`);
        }
        throw new Error(found.slice(0, 10).join('\n'));
      };
      return eventually(isGood, { within: withinMs, every: 1_000 }).catch(async () => {
        const verdict = await look();
        if (!isClean(verdict)) console.error(`not converged: logs and figures are in ${await keepEvidence(chaos)}`);
        return verdict;
      });
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
