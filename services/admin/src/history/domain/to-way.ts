import type { ChangeWay, ObservationSource } from '@muster/contracts';

/** In the order of the way. `happened` is by Graph's clock, `told` by Kafka's, the others by ours. */
export const WAY_STEPS = ['happened', 'notified', 'taken', 'read', 'written', 'told'] as const;
export type WayStep = (typeof WAY_STEPS)[number];
export type Way = {
  /** Null: not known, or of no read at all. */
  source: ObservationSource | null;
  /** `ms`: since the step before; clocks of two machines differ, so never less than nothing. Null at the first. */
  steps: { step: WayStep; at: string; ms: number | null }[];
};

type Change = { observedAt: string; changedAt: string; feedAt: string; way?: ChangeWay };

/** What is known of a change's way through the pipeline. Who was read by another service was read before it was taken. */
export function toWay({ observedAt, changedAt, feedAt, way }: Change): Way {
  const taken = ['taken', way?.takenAt] as const;
  const read = ['read', way?.readAt ?? observedAt] as const;
  const stamps: (readonly [WayStep, string | undefined])[] = [
    ['happened', way?.eventTime],
    ['notified', way?.receivedAt],
    ...(way?.readAt === undefined ? [read, taken] : [taken, read]),
    ['written', changedAt],
    ['told', feedAt],
  ];
  const steps: Way['steps'] = [];
  for (const [step, at] of stamps) {
    if (at === undefined) continue;
    const before = steps.at(-1)?.at;
    const ms = before === undefined ? null : Math.max(0, Date.parse(at) - Date.parse(before));
    steps.push({ step, at, ms });
  }
  return { source: way?.source ?? null, steps };
}
