import { useState } from 'preact/hooks';
import type { Integration } from '../domain/api-types.js';
import { EMPTY_SETUP, type SetupValues } from '../domain/setup-values.js';

/**
 * What is typed and not saved, by integration: kept while one goes from step to step. In memory only, for a client
 * secret has no business in the browser's storage.
 */
const drafts = new Map<string, Partial<SetupValues>>();

export const toValues = (integration: Integration): SetupValues => ({
  ...EMPTY_SETUP,
  name: integration.name,
  clientId: integration.clientId,
  tenantId: integration.tenantId,
  userSync: integration.features.userSync,
  mfaVerification: integration.features.mfaVerification,
  consent: integration.consent,
  limitByGroup: integration.groupId !== null,
  groupId: integration.groupId ?? '',
  includeGuests: integration.includeGuests,
});

export type Draft = {
  values: SetupValues;
  change: (next: Partial<SetupValues>) => void;
  /** What is saved counts from now on. */
  forget: () => void;
};

export function useDraft(key: string, integration: Integration | null): Draft {
  const [, setTurn] = useState(0);
  const again = (): void => setTurn((turn) => turn + 1);
  return {
    values: { ...(integration ? toValues(integration) : EMPTY_SETUP), ...drafts.get(key) },
    change: (next) => {
      drafts.set(key, { ...drafts.get(key), ...next });
      again();
    },
    forget: () => {
      drafts.delete(key);
      again();
    },
  };
}
