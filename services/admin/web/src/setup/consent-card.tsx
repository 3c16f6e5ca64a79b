import { useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import { post } from '../api/client.js';
import { useGet } from '../api/queries.js';
import type { Integration } from '../domain/api-types.js';
import { ActionButton, useAction, type Action } from '../parts/actions.js';
import { Card, Failed, Loading, Message } from '../parts/basics.js';

/** To Microsoft, and back to this page. */
export function useConsent(integrationId: string | null, returnTo?: string): Action {
  return useAction(async () => {
    const { url } = await post<{ url: string }>(
      `/integrations/${integrationId ?? ''}/consent`,
      returnTo === undefined ? {} : { returnTo },
    );
    location.assign(url);
    // The browser leaves: the button stays as it is until it has, or until one comes back by the browser's own button.
    await new Promise((resolve) => addEventListener('pageshow', resolve, { once: true }));
  });
}

export type ConsentCardProps = {
  /** Null: not saved yet. */
  integration: Integration | null;
  /** What is typed is not what is saved: it must be, before Microsoft is asked for it. */
  isChanged?: boolean;
  /** Where one comes back to; step 4 of the dialogue when left out. */
  returnTo?: string;
};

export function ConsentCard({ integration, isChanged = false, returnTo }: ConsentCardProps) {
  const go = useConsent(integration?.integrationId ?? null, returnTo);
  return (
    <Card title="Sign in and consent" id="consent">
      <div class="stack-s">
        <ConsentOutcome />
        <p class="soft">
          {integration?.consent === 'application'
            ? 'Sign in as an administrator and consent once, for the whole tenant. You come back here.'
            : 'Sign in with the account on whose behalf Muster reads, and consent. You come back here.'}
        </p>
        {!integration && <p class="soft">Save first.</p>}
        {integration && isChanged && <p class="soft">Save the changes first, so that Microsoft asks for them.</p>}
        {integration && !isChanged && (
          <p>
            <ActionButton action={go} kind="primary" busy="Going to Microsoft …">
              Sign in and consent
            </ActionButton>
          </p>
        )}
        {go.error && <Failed error={go.error} />}
      </div>
    </Card>
  );
}

/** What the way through Microsoft came to, by the address that one comes back with: one sentence, one button below. */
function ConsentOutcome() {
  const { consent, consentProblem } = useLocation().query;
  // A code, looked up here: words in an address are anybody's.
  const isCode = /^[\w.-]{1,100}$/.test(consentProblem ?? '');
  const why = useGet<{ text: string; cure: string }>(isCode ? `/setup/refusals/${consentProblem ?? ''}` : null);
  const box = useRef<HTMLDivElement>(null);
  // Whoever comes back wants to know first what it came to.
  useEffect(() => box.current?.focus(), [consent]);
  if (consent === undefined) return null;
  return (
    <div ref={box} tabIndex={-1}>
      {consent === 'granted' ? (
        <Message level="good" title="Consented.">
          Each permission is tried out now.
        </Message>
      ) : why.isLoading ? (
        <Loading lines={1} />
      ) : (
        <Message level="problem" title="Not consented.">
          {why.data ? `${why.data.text} ${why.data.cure}` : 'Microsoft did not say why.'}
        </Message>
      )}
    </div>
  );
}
