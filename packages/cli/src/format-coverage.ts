import { formatCount, plural } from '@muster/contracts';
import type { CoverageAnswer } from './answers.js';
import { formatMs, formatTable } from './format-table.js';

type Interval = CoverageAnswer['intervals'][number];

const STATES: [state: string, name: string][] = [
  ['covered', 'covered'],
  ['by-sweep', 'by sweep alone'],
  ['blind', 'blind'],
];

export function formatCoverage({ intervals, loss }: CoverageAnswer): string {
  if (intervals.length === 0) return 'Nothing is recorded in this time: no sweep has ended.';
  const table = formatTable(
    [
      { head: 'FROM' },
      { head: 'TO' },
      { head: 'FOR', right: true },
      { head: 'STATE' },
      { head: 'SWEEPS', right: true },
    ],
    intervals.map((one) => [one.from, one.to, formatMs(toMs(one)), one.state, one.sweeps]),
  );
  const sums = STATES.map(([state, name]) => {
    const ms = intervals.filter((one) => one.state === state).reduce((sum, one) => sum + toMs(one), 0);
    return `${name} ${ms === 0 ? 'never' : formatMs(ms)}`;
  });
  return `${table}\nIn all: ${sums.join(', ')}.\n${formatLoss(loss)}`;
}

const toMs = ({ from, to }: Interval): number => Date.parse(to) - Date.parse(from);

function formatLoss({ announced, lost, share, worstDelayMs, open }: CoverageAnswer['loss']): string {
  const unjudged = open === 0 ? '' : ` ${plural(open, 'change')} that a sweep found not judged yet.`;
  if (share === null) return `No change was announced, none lost.${unjudged}`;
  const worst = lost === 0 ? '' : `, found at most ${formatMs(worstDelayMs)} late`;
  // Three digits of it, however small: a loss is never told as 0 %.
  const percent = Number((share * 100).toPrecision(3));
  return `${plural(announced, 'change')} announced, ${formatCount(lost)} lost (${percent} %)${worst}.${unjudged}`;
}
