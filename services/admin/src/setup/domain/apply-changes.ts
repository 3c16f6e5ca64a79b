import type { IntegrationSettings } from '@muster/contracts';

/** What a file may say of an integration that is there; what it leaves out stays as it is. */
export type WantedSettings = { [K in (typeof FIELDS)[number]]?: IntegrationSettings[K] | undefined };

const FIELDS = ['name', 'clientId', 'groupId', 'features', 'includeGuests', 'consent'] as const;

/** Only what differs, so that the same file again changes nothing. */
export function toApplyChange(before: IntegrationSettings, wanted: WantedSettings): Partial<IntegrationSettings> {
  const change = FIELDS.filter((field) => wanted[field] !== undefined && !isSame(before[field], wanted[field])).map(
    (field) => [field, wanted[field]] as const,
  );
  return Object.fromEntries(change);
}

const isSame = (left: unknown, right: unknown): boolean =>
  typeof left === 'object' && left !== null && typeof right === 'object' && right !== null
    ? Object.entries(right).every(([key, value]) => (left as Record<string, unknown>)[key] === value)
    : left === right;

/** Where the state goes: null = nowhere. What runs is never made a draft again. */
export function toStateStep(
  state: IntegrationSettings['state'],
  wanted: 'active' | 'paused' | undefined,
): 'start' | 'pause' | null {
  if (wanted === undefined || wanted === state) return null;
  if (wanted === 'active') return 'start';
  return state === 'active' ? 'pause' : null;
}
