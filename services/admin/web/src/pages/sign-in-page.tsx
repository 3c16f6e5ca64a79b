import { useEffect, useRef, useState } from 'preact/hooks';
import type { TargetedSubmitEvent } from 'preact';
import { ApiError } from '../api/client.js';
import { isAbsent, useGet } from '../api/queries.js';
import { openSession } from '../api/session.js';
import { Card } from '../parts/basics.js';
import { ThemeSwitch } from '../parts/theme-switch.js';
import { Brand } from '../shell.js';

/** The way in: Microsoft for people, an API key for operators. */
export function SignInPage() {
  useEffect(() => {
    document.title = 'Sign in · Muster';
  }, []);
  return (
    <main class="gate-page stack" id="main">
      <Brand />
      <div>
        <h1>How true is your directory?</h1>
        <p class="soft">Sign in to see how far behind Muster’s picture of it is, and why.</p>
      </div>
      <MicrosoftSignIn />
      <KeySignIn />
      <div class="row">
        <ThemeSwitch />
      </div>
    </main>
  );
}

type SignInChoices = {
  items?: { integrationId: string; name: string }[];
  integrations?: { integrationId: string; name: string }[];
};

/** One link for each integration; each has its own tenant. */
function MicrosoftSignIn() {
  const choices = useGet<SignInChoices>('/sign-in');
  const items = choices.data?.items ?? choices.data?.integrations ?? [];
  if (items.length === 0 || isAbsent(choices.error)) return null;
  return (
    <Card title="With Microsoft">
      <ul class="stack-s">
        {items.map(({ integrationId, name }) => (
          <li key={integrationId}>
            <a class="button primary wide" href={`/sign-in/${integrationId}`}>
              Sign in to {name}
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function KeySignIn() {
  const [key, setKey] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setRefusal(null);
    try {
      await openSession(key.trim());
    } catch (error) {
      setRefusal(error instanceof ApiError ? error.detail : 'This did not work.');
      input.current?.focus();
    }
  };
  return (
    <Card title="With an API key">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for="key">API key</label>
          <input
            ref={input}
            id="key"
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            required
            value={key}
            aria-invalid={refusal !== null}
            aria-describedby={refusal === null ? 'key-help' : 'key-help key-error'}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
          {refusal !== null && (
            <p class="said problem" id="key-error" role="alert">
              {refusal}
            </p>
          )}
          <p class="help" id="key-help">
            The first one is <code>MUSTER_BOOTSTRAP_KEY</code>; the start script keeps it in{' '}
            <code>.muster/keys.json</code>.
          </p>
        </div>
        <button type="submit" class="button primary">
          Sign in
        </button>
      </form>
    </Card>
  );
}
