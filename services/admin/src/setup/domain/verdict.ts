import type { SetupActionKind } from '@muster/contracts';

/** What a finding speaks about; the fields of the dialogue first. */
export const VERDICT_FIELDS = [
  'tenantId',
  'clientId',
  'clientSecret',
  'secretExpiresAt',
  'certificate',
  'permissions',
  'users',
  'groupId',
  'mfaReport',
] as const;
export type VerdictField = (typeof VERDICT_FIELDS)[number];
export const VERDICT_STATES = ['ok', 'problem', 'remark', 'unknown'] as const;

/** One thing that was proved, or not: one sentence, what to do, one button. */
export type Verdict = {
  field: VerdictField;
  state: (typeof VERDICT_STATES)[number];
  text: string;
  cure?: string;
  action?: SetupActionKind;
};

/** Remarks do no harm; what could not be found out is not proved. */
export const isReady = (verdicts: readonly Verdict[]): boolean =>
  verdicts.every(({ state }) => state === 'ok' || state === 'remark');
