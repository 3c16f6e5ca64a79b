import { createContext, type ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useContext, useEffect } from 'preact/hooks';
import { useGet } from '../api/queries.js';
import type { Session } from '../api/session.js';
import type { IntegrationStatus, Status } from '../domain/api-types.js';

const KEPT = 'muster-integration';

export type Scope = {
  session: Session;
  isOperator: boolean;
  status: ReturnType<typeof useGet<Status>>;
  /** The integration that pages are about: named by the address, kept from before, or the first. */
  chosen: IntegrationStatus | null;
  choose: (integrationId: string) => void;
};

const ScopeContext = createContext<Scope | null>(null);

/** Inside ScopeProvider only. */
export function useScope(): Scope {
  const scope = useContext(ScopeContext);
  if (!scope) throw new Error('useScope needs a ScopeProvider around it');
  return scope;
}

export function ScopeProvider({ session, children }: { session: Session; children: ComponentChildren }) {
  const { query, path, route } = useLocation();
  const status = useGet<Status>('/status', { every: 5_000 });
  const integrations = status.data?.integrations ?? [];
  const wanted = query.integration ?? sessionStorage.getItem(KEPT);
  const chosen =
    integrations.find(({ integrationId }) => integrationId === wanted) ??
    integrations.find(({ state }) => state === 'active') ??
    integrations[0] ??
    null;
  const chosenId = chosen?.integrationId;
  useEffect(() => {
    if (chosenId !== undefined) sessionStorage.setItem(KEPT, chosenId);
  }, [chosenId]);
  const scope: Scope = {
    session,
    isOperator: session.role !== 'tenant-admin',
    status,
    chosen,
    choose: (integrationId) => route(`${path}?integration=${integrationId}`),
  };
  return <ScopeContext.Provider value={scope}>{children}</ScopeContext.Provider>;
}

/** Which integration the page is about; nothing to choose with one. */
export function IntegrationPicker() {
  const { status, chosen, choose } = useScope();
  const integrations = status.data?.integrations ?? [];
  if (integrations.length < 2 || !chosen) return null;
  return (
    <div class="field">
      <label class="visually-hidden" for="integration">
        Integration
      </label>
      <select id="integration" value={chosen.integrationId} onChange={(event) => choose(event.currentTarget.value)}>
        {integrations.map(({ integrationId, name }) => (
          <option key={integrationId} value={integrationId}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
