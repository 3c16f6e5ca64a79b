import { parseArgs } from 'node:util';

export const PARTS = ['receiver', 'projector', 'reconciler', 'system', 'scale', 'freshness'] as const;
export type Part = (typeof PARTS)[number];

/** Every size and duration of a run; the tiny form shows that it works and judges nothing. */
export type Options = {
  parts: readonly Part[];
  /** Rows to run; empty = all of the parts. */
  rows: readonly string[];
  tiny: boolean;
  /** Pairs A B in each row; rows whose samples take minutes ask `fewSamples`. */
  samples: number;
  /** By --samples: holds for every row then. */
  samplesGiven: boolean;
  /** Of each sample of a load. */
  seconds: number;
  connections: number;
  /** Messages of a projector sample. */
  messages: number;
  /** People of the tenant that is reconciled; 100,000 is what R8 is meant for, and takes SecantusDB ten minutes. */
  people: number;
  /** Queued notifications, ten for each person; R11 is meant for 100,000. */
  queued: number;
  /** People of the largest tenant (S1); --people says it too. */
  million: number;
  /** Integrations side by side, of 200 people each. */
  integrations: number;
  /** Tenant sizes whose memory is compared. */
  sizes: readonly number[];
  /** Seconds of idling. */
  idleSeconds: number;
  /** No row begins later than so many minutes after the first. */
  minutes: number;
  /** A row is given up after so many minutes; null = after its own limit, which is meant for the usual sizes. */
  limitMinutes: number | null;
  /** Node's --cpu-prof for the programs under test, into this folder. */
  profile: string | null;
};

const USUAL = {
  samples: 5,
  seconds: 3,
  connections: 50,
  messages: 3_000,
  queued: 12_000,
  people: 10_000,
  million: 1_000_000,
  integrations: 300,
  sizes: [10_000, 100_000, 1_000_000],
  idleSeconds: 30,
};
const TINY: typeof USUAL = {
  samples: 1,
  seconds: 1,
  connections: 10,
  messages: 300,
  queued: 1_200,
  people: 1_000,
  million: 2_000,
  integrations: 10,
  sizes: [500, 1_000],
  idleSeconds: 2,
};

/** All rows at their usual sizes need less on a machine that does nothing else. */
const MINUTES = 40;

const isPart = (name: string): name is Part => PARTS.some((part) => part === name);

/** Throws a readable error for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      tiny: { type: 'boolean', default: false },
      samples: text,
      seconds: text,
      connections: text,
      messages: text,
      people: text,
      queued: text,
      million: text,
      integrations: text,
      sizes: text,
      'idle-seconds': text,
      minutes: text,
      'limit-minutes': text,
      profile: text,
    },
  });
  const usual = values.tiny ? TINY : USUAL;
  const rows = positionals.filter((name) => /^[FRS]\d+$/.test(name));
  const unknown = positionals.find((name) => !isPart(name) && !rows.includes(name));
  if (unknown !== undefined)
    throw new Error(`${unknown} is neither a row (R1, S1, F1) nor a part: ${PARTS.join(', ')}`);
  const parts = positionals.filter(isPart);
  return {
    parts: parts.length > 0 || rows.length > 0 ? parts : PARTS,
    rows,
    tiny: values.tiny,
    samples: toCount('samples', values.samples, usual.samples),
    samplesGiven: values.samples !== undefined,
    seconds: toCount('seconds', values.seconds, usual.seconds),
    connections: toCount('connections', values.connections, usual.connections),
    messages: toCount('messages', values.messages, usual.messages),
    queued: toCount('queued', values.queued, usual.queued),
    people: toCount('people', values.people, usual.people),
    million: toCount('million', values.million ?? values.people, usual.million),
    integrations: toCount('integrations', values.integrations, usual.integrations),
    sizes: values.sizes?.split(',').map((size) => toCount('sizes', size, 0)) ?? usual.sizes,
    idleSeconds: toCount('idle-seconds', values['idle-seconds'], usual.idleSeconds),
    minutes: toCount('minutes', values.minutes, MINUTES),
    limitMinutes:
      values['limit-minutes'] === undefined ? null : toCount('limit-minutes', values['limit-minutes'], MINUTES),
    profile: values.profile ?? null,
  };
}

/** Of a row whose samples take long: `usual` of them at most, unless --samples says how many. */
export const fewSamples = (
  { samples, samplesGiven }: Pick<Options, 'samples' | 'samplesGiven'>,
  usual: number,
): number => (samplesGiven ? samples : Math.min(samples, usual));

/** By its id; or with its part, unless it takes too long for that. */
export const isChosen = (
  { id, onlyByName = false }: { id: string; onlyByName?: boolean },
  part: string,
  { rows, parts, tiny }: Pick<Options, 'rows' | 'parts' | 'tiny'>,
): boolean => rows.includes(id) || (parts.some((name) => name === part) && (tiny || !onlyByName));

/** A row that was asked for and that there is not. */
export const findStranger = (rows: readonly string[], known: readonly { id: string }[]): string | undefined =>
  rows.find((name) => known.every(({ id }) => id !== name));

function toCount(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`--${name} is ${text}; give a whole number above 0`);
}
