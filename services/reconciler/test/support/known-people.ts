import type { IntegrationSettings } from '@muster/contracts';
import type { KnownPerson } from '@muster/store';

/** Seen in the chosen group or out of it when the person was, unless it says otherwise. */
export type Known = Omit<KnownPerson, 'membership'> & Partial<Pick<KnownPerson, 'membership'>>;

export function toKnownPeople(
  people: readonly Known[] | undefined,
  settings: readonly IntegrationSettings[],
  tenantId: string,
): KnownPerson[] {
  const groupId = settings.find((one) => one.tenantId === tenantId)?.groupId ?? null;
  return (people ?? []).map((one) => ({
    membership: groupId === null ? null : { groupId, observedAt: one.observedAt },
    ...one,
  }));
}
