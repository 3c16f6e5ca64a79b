import type { AlertEvent, AlertLevel } from '@muster/contracts';

/** What a target is told. No names of people, no secrets. */
export type AlertMessage = {
  /** The same in each try. */
  id: string;
  type: `muster.alert.${AlertEvent}`;
  at: string;
  data: {
    rule: string;
    title: string;
    level: AlertLevel;
    text: string;
    integrationId: string | null;
    integrationName: string | null;
    since: string;
    /** What to do about it. */
    runbook: string;
  };
};

/** Tells one target; rejects with an Untold, whose message may be shown. */
export type Tell = (message: AlertMessage) => Promise<void>;

/** Why a message did not arrive, in our own words: what the other side said is not repeated. */
export class Untold extends Error {
  override readonly name = 'Untold';
}

/** Where it is said what to do about an alert: at admin's own page unless another address is set. */
export const toRunbookLink =
  (runbookUrl: string | undefined, publicUrl: string) =>
  (rule: string): string =>
    `${runbookUrl ?? `${publicUrl}/runbook`}#${rule}`;
