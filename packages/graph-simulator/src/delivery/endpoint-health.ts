import type { DeliverySettings } from '../settings.js';

type Rules = Pick<DeliverySettings, 'healthWindow' | 'slowShare' | 'dropShare' | 'healthMinimum' | 'probes'>;

/** How an answer came: over the limit of a first attempt (3 s), over that of a retry (10 s). */
export type Pace = { readonly slow: boolean; readonly late: boolean };

export type HealthState = 'normal' | 'slow' | 'drop';

/** What to do with a notification now; `until` in ms since 1970. */
export type Verdict =
  | { readonly type: 'send' }
  | { readonly type: 'probe'; readonly of: HealthState }
  | { readonly type: 'hold'; readonly until: number }
  | { readonly type: 'discard' };

export type EndpointHealth = {
  readonly state: () => HealthState;
  readonly admit: (now: number) => Verdict;
  /** A probe was not sent after all: another one may be. */
  readonly giveBack: () => void;
  readonly record: (now: number, answer: Pace & { readonly probe: boolean }) => void;
};

/**
 * Contract 3.4. Slow: more than a tenth of the answers in ten minutes over 3 s; what is new waits ten minutes. Drop:
 * more than 15 % over 10 s; everything is discarded for ten minutes. Then a few notifications try the endpoint out.
 */
export const createEndpointHealth = (rules: Rules): EndpointHealth => {
  let answers: (Pace & { readonly at: number })[] = [];
  let state: HealthState = 'normal';
  let until = 0;
  let probesSent = 0;
  let probes: Pace[] = [];

  const share = (list: readonly Pace[], kind: keyof Pace) => list.filter((one) => one[kind]).length / list.length;
  const enter = (next: HealthState, now: number) => {
    state = next;
    until = now + rules.healthWindow;
    probesSent = 0;
    probes = [];
    // What led into a state must not lead into it again.
    answers = [];
  };
  const judge = (list: readonly Pace[]): HealthState => {
    if (share(list, 'late') > rules.dropShare) return 'drop';
    return share(list, 'slow') > rules.slowShare ? 'slow' : 'normal';
  };

  return {
    state: () => state,
    admit: (now) => {
      if (state === 'normal') return { type: 'send' };
      if (now >= until && probesSent < rules.probes) {
        probesSent += 1;
        return { type: 'probe', of: state };
      }
      if (state === 'drop') return { type: 'discard' };
      // Once the probes are out their answers decide; until then one looks again soon.
      return { type: 'hold', until: now < until ? until : now + 1_000 };
    },
    giveBack: () => {
      probesSent = Math.max(0, probesSent - 1);
    },
    record: (now, { probe, slow, late }) => {
      answers = [...answers.filter(({ at }) => now - at <= rules.healthWindow), { at: now, slow, late }];
      if (probe) {
        probes.push({ slow, late });
        if (probes.length < rules.probes) return;
        // A probe of a dropping endpoint may take as long as a retry: only being late counts.
        const verdict = state === 'drop' && share(probes, 'late') <= rules.dropShare ? 'normal' : judge(probes);
        enter(verdict, now);
        return;
      }
      if (answers.length < rules.healthMinimum) return;
      const verdict = judge(answers);
      if (verdict === 'drop' && state !== 'drop') enter('drop', now);
      else if (verdict === 'slow' && state === 'normal') enter('slow', now);
    },
  };
};
