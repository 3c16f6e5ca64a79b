import { isClean, tell } from './oracle.js';
import type { ChaosReport } from './run-chaos.js';

export const isGood = (report: ChaosReport): boolean => isClean(report) && report.failedFaults.length === 0;

const SHOWN = 20;

/** A table for people; what is wrong stands below it in sentences. */
export function formatReport(report: ChaosReport): string {
  const { faults, changes } = report;
  const struck = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const rows: [string, string | number][] = [
    ['seed', report.seed],
    ['changes', `${changes.made} in ${changes.seconds} s, ${(changes.made / changes.seconds).toFixed(1)} a second`],
    ['faults injected', struck],
    ...Object.entries(faults)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([row, count]): [string, number] => [`  ${row}`, count]),
    ['faults whose own promise failed', report.failedFaults.length],
    ['notifications sent', report.sent],
    ['notifications acknowledged', report.acknowledged],
    ['people compared', report.people],
    ['documents followed on the feed', report.chains],
    ['lost', report.lost.length],
    ['wrong documents', report.wrong.length],
    ['broken revision chains', report.brokenChains.length],
    ['documents that went back', report.wentBack.length],
    ['time to converge', `${(report.convergedAfterMs / 1000).toFixed(1)} s`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const trouble = [...report.failedFaults, ...tell(report)];
  const shown = trouble.slice(0, SHOWN);
  const more = trouble.length > SHOWN ? [`… and ${trouble.length - SHOWN} more`] : [];
  return [...table, ...(shown.length > 0 ? ['', ...shown, ...more] : [])].join('\n');
}
