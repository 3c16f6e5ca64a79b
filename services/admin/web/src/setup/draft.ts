import { useState } from 'preact/hooks';
import type { Integration } from '../domain/api-types.js';
import { changeDraft, isOutdated, settleDraft, type DraftState } from '../domain/draft-state.js';
import { EMPTY_SETUP, type SetupValues } from '../domain/setup-values.js';

/**
 * What is typed and not saved, by integration: kept while one goes from step to step. In memory only, for a client
 * secret has no business in the browser's storage; and no longer than the session.
 */
const drafts = new Map<string, DraftState>();

/** Whoever signs in next in this window finds nothing of what was typed. */
export const forgetDrafts = (): void => drafts.clear();

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
  /** The revision that it is typed upon, for If-Match; null: not saved yet. */
  revision: number | null;
  /** Somebody else saved since: saving must wait until that was seen. */
  outdated: boolean;
  /** What is typed counts upon what is saved now. */
  catchUp: () => void;
  /** These values were saved, maybe under their first id: only what else is typed stays. */
  settle: (sent: Partial<SetupValues>, saved: Pick<Integration, 'integrationId' | 'revision'>) => void;
};

export function useDraft(key: string, integration: Integration | null): Draft {
  const [, setTurn] = useState(0);
  const draft = drafts.get(key);
  const current = integration?.revision ?? null;
  const keep = (next: DraftState | undefined): void => {
    if (next) drafts.set(key, next);
    else drafts.delete(key);
    setTurn((turn) => turn + 1);
  };
  return {
    values: { ...(integration ? toValues(integration) : EMPTY_SETUP), ...draft?.changes },
    change: (next) => keep(changeDraft(drafts.get(key), next, current)),
    revision: draft ? draft.revision : current,
    outdated: isOutdated(draft, current),
    catchUp: () => keep(draft && { ...draft, revision: current }),
    settle: (sent, { integrationId, revision }) => {
      const typed = drafts.get(key);
      const left = typed && settleDraft(typed, sent, revision);
      keep(undefined);
      if (left) drafts.set(integrationId, left);
    },
  };
}
