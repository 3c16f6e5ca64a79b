import type { Integration } from '../domain/api-types.js';
import type { SetupValues } from '../domain/setup-values.js';
import type { Draft } from './draft.js';

/** What one button does about a finding: a place in Entra (`href`), or something that is done here. */
export type SetupAction = { kind: string; label: string; href: string | null };
export type Verdict = {
  field: string;
  state: 'ok' | 'problem' | 'remark' | 'unknown';
  text: string;
  cure: string | null;
  action: SetupAction | null;
};
export type Right = {
  permission: string;
  state: 'proved' | 'missing' | 'unknown';
  feature: string;
  needed?: boolean;
  why?: string | null;
  costs: string;
  cure?: string | null;
};
export type PermissionTable = { probedAt: string | null; items: Right[]; leastPrivilege: string[] };
export type CheckAnswer = { ok: boolean; verdicts: Verdict[]; rights: Right[]; checkedAt: string };

export type Trade = { title: string; good: string; bad: string; clickPath: string[] };
export type GuidePermission = {
  feature: string;
  title: string;
  permission: string;
  needed: boolean;
  why: string;
  clickPath: string[];
};
export type Guide = {
  appName: string;
  redirectUri: string;
  accountTypes: string;
  trade: { delegated: Trade; application: Trade };
  permissions: GuidePermission[];
  steps: { number: number; title: string; lines: { text: string; copy: string | null }[] }[];
  links: SetupAction[];
};

export type PreviewPerson = { userId: string; displayName: string | null; userPrincipalName: string | null };
export type Preview = {
  group: { groupId: string; displayName: string | null } | null;
  people: number | null;
  /** Null where nobody is read: MFA verification alone, without a group. */
  inScope: number | null;
  guests: number;
  disabled: number;
  gain: { count: number; sample: PreviewPerson[] };
  lose: { count: number; sample: PreviewPerson[] };
  firstSync: boolean;
  complete: boolean;
  notes: string[];
};

export type StepProps = {
  values: SetupValues;
  change: (next: Partial<SetupValues>) => void;
  guide: Guide;
  /** Null: not saved yet. */
  integration: Integration | null;
  verdicts: readonly Verdict[];
  /** Does what a verdict's button says, where that is done here. */
  act: (kind: string) => void;
};

/** What a step sent, and the integration as it is then. */
export type StepSaved = (sent: Partial<SetupValues>, after: Integration) => void;
/** A step that saves: upon which revision, and what else somebody saved meanwhile. */
export type SavingProps = StepProps & {
  draft: Pick<Draft, 'revision' | 'outdated' | 'catchUp'>;
  saved: StepSaved;
};
