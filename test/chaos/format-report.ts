import { isClean, tell } from './oracle.js';
import { LEAST_STRIKES, PROOF_MINUTES, type ChaosReport } from './run-chaos.js';

export type Goal = { readonly what: string; readonly reached: string; readonly met: boolean };

const LEAST_CHANGES_PER_SECOND = 50;
const MOST_SECONDS_TO_CONVERGE = 360;

const toRate = ({ made, seconds }: ChaosReport['changes']): number => made / seconds;

/** What a run of half an hour or more must reach besides being right; of a shorter one nothing is asked. */
export function judgeGoals({ minutes, faults, changes, convergedAfterMs }: ChaosReport): Goal[] {
  if (minutes < PROOF_MINUTES) return [];
  const rare = Object.entries(faults).filter(([, count]) => count < LEAST_STRIKES);
  const seconds = convergedAfterMs / 1_000;
  return [
    {
      what: `each of ${Object.keys(faults).length} kinds of faults struck at least ${LEAST_STRIKES} times`,
      reached: rare.length === 0 ? 'all' : `fewer: ${rare.map(([row, count]) => `${row} (${count})`).join(', ')}`,
      met: rare.length === 0 && Object.keys(faults).length > 0,
    },
    {
      what: `at least ${LEAST_CHANGES_PER_SECOND} changes a second`,
      reached: toRate(changes).toFixed(1),
      met: toRate(changes) >= LEAST_CHANGES_PER_SECOND,
    },
    {
      what: `converged within ${MOST_SECONDS_TO_CONVERGE} s`,
      reached: `${seconds.toFixed(1)} s`,
      met: seconds <= MOST_SECONDS_TO_CONVERGE,
    },
  ];
}

/** A run in which nothing was taken or followed proves nothing. */
const hasLooked = ({ acknowledged, chains, seenAgain }: ChaosReport): boolean =>
  acknowledged > 0 && chains > 0 && seenAgain > 0;

export const isGood = (report: ChaosReport): boolean =>
  isClean(report) &&
  hasLooked(report) &&
  report.failedFaults.length === 0 &&
  report.unheard.length === 0 &&
  judgeGoals(report).every(({ met }) => met);

const SHOWN = 20;

/** A table for people; what is wrong stands below it in sentences. */
export function formatReport(report: ChaosReport): string {
  const { faults, strikes, changes } = report;
  const lastStrike = strikes.at(-1);
  const struckKinds = Object.entries(faults).filter(([, count]) => count > 0);
  const struck = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const rows: [string, string | number][] = [
    ['seed', report.seed],
    ['changes', `${changes.made} in ${changes.seconds} s, ${toRate(changes).toFixed(1)} a second`],
    ['faults injected', struck],
    ['  with Graph ill on top', strikes.filter(({ onTop }) => onTop !== null).length],
    ['the last one', lastStrike ? `${lastStrike.row}, ${lastStrike.endedAt - lastStrike.begunAt} s` : 'none'],
    ['kinds of them', `${struckKinds.length} of ${Object.keys(faults).length}`],
    ...struckKinds.sort(([a], [b]) => a.localeCompare(b)).map(([row, count]): [string, number] => [`  ${row}`, count]),
    ['faults whose own promise failed', report.failedFaults.length],
    ['notifications sent', report.sent],
    ['notifications acknowledged', report.acknowledged],
    ['people compared', report.people],
    ['documents followed on the feed', report.chains],
    ['lost', report.lost.length],
    ['wrong documents', report.wrong.length],
    ['people told as gone, or as there, who never were', report.falselyTold.length],
    ['put aside, and no poison', report.putAside.length],
    ['broken revision chains', report.brokenChains.length],
    ['  repeats behind a newer revision', report.toldBehind],
    ['looks at documents', `${report.looks}, at ${report.seenAgain} more than once`],
    ['documents that went back', report.wentBack.length],
    ['changes that no notification brought', report.unheard.length],
    ['services that ended of their own accord', report.ended.length],
    ['time to converge', `${(report.convergedAfterMs / 1000).toFixed(1)} s`],
    ...judgeGoals(report).map(({ what, reached, met }): [string, string] => [
      `goal: ${what}`,
      `${met ? 'met' : 'NOT MET'} (${reached})`,
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const trouble = [...report.failedFaults, ...tell(report), ...report.unheard, ...report.ended];
  const shown = trouble.slice(0, SHOWN);
  const more = trouble.length > SHOWN ? [`… and ${trouble.length - SHOWN} more`] : [];
  return [...table, ...(shown.length > 0 ? ['', ...shown, ...more] : [])].join('\n');
}
