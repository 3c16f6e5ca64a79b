import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, TargetedSubmitEvent } from 'preact';
import { ApiError } from '../api/client.js';
import { breakGlass, openSession, useSignInChoices, type SignInChoices } from '../api/session.js';
import { Card } from '../parts/basics.js';
import { ThemeSwitch } from '../parts/theme-switch.js';
import { Brand } from '../shell.js';

/** The way in: Microsoft for people, an API key for operators. */
export function SignInPage() {
  const { data: choices } = useSignInChoices();
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
      <MicrosoftSignIn choices={choices} />
      <SecretForm id="key" title="With an API key" label="API key" button="Sign in" enter={openSession}>
        The first one is <code>MUSTER_BOOTSTRAP_KEY</code>; the start script keeps it in <code>.muster/keys.json</code>.
      </SecretForm>
      {choices?.breakGlass === true && (
        <details>
          <summary>Break glass</summary>
          <SecretForm
            id="password"
            title="Break-glass admin"
            label="Password"
            button="Break the glass"
            enter={breakGlass}
          >
            For when Microsoft and every key are out of reach. Each use is written down and told to the operators.
          </SecretForm>
        </details>
      )}
      <div class="row">
        <ThemeSwitch />
      </div>
    </main>
  );
}

function MicrosoftSignIn({ choices }: { choices: SignInChoices | null | undefined }) {
  if (!choices) return null;
  return (
    <Card title="With Microsoft">
      <div class="stack-s">
        {choices.integrations.length > 0 && (
          <ul class="stack-s">
            {choices.integrations.map(({ integrationId, name, url }) => (
              <li key={integrationId}>
                <a class="button primary wide" href={url}>
                  Sign in to {name}
                </a>
              </li>
            ))}
          </ul>
        )}
        <p class="soft">
          {choices.integrations.length > 0 ? 'Of another organisation? ' : ''}Each organisation signs in at an address
          of its own, which your administrator gives you.
        </p>
      </div>
    </Card>
  );
}

type SecretFormProps = {
  id: string;
  title: string;
  label: string;
  button: string;
  enter: (text: string) => Promise<void>;
  children: ComponentChildren;
};

/** One secret that opens the door; a refusal is said and the field keeps the focus. */
function SecretForm({ id, title, label, button, enter, children }: SecretFormProps) {
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setRefusal(null);
    try {
      await enter(text.trim());
    } catch (error) {
      setRefusal(error instanceof ApiError ? error.detail : 'This did not work.');
      input.current?.focus();
    }
  };
  return (
    <Card title={title}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for={id}>{label}</label>
          <input
            ref={input}
            id={id}
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            required
            value={text}
            aria-invalid={refusal !== null}
            aria-describedby={`${id}-help ${id}-error`}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <div id={`${id}-error`}>
            {refusal !== null && (
              <p class="said problem" role="alert">
                {refusal}
              </p>
            )}
          </div>
          <p class="help" id={`${id}-help`}>
            {children}
          </p>
        </div>
        <button type="submit" class="button primary">
          {button}
        </button>
      </form>
    </Card>
  );
}
