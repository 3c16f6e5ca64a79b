import { html, type Html } from './html.js';
import { layout } from './layout.js';

export const signInPage = (refusal: string | null): string =>
  layout({
    title: 'Sign in · Muster',
    main: html`<section class="gate">
      <h1>How true is your directory?</h1>
      <p class="lead">Muster’s status is open to those who hold an API key.</p>
      <form method="post" action="/session" class="gate-form">
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="current-password"
          spellcheck="false"
          required
          autofocus
          aria-describedby="key-help${refusal && ' key-error'}"
          ${refusal && html`aria-invalid="true"`}
        />
        ${refusal && html`<p class="field-error" id="key-error" role="alert">${refusal}</p>`}
        <p class="help" id="key-help">
          The first one is <code>MUSTER_BOOTSTRAP_KEY</code>; the start script shows it and keeps it in
          <code>.muster/keys.json</code>.
        </p>
        <button type="submit" class="primary">Show status</button>
      </form>
    </section>`,
  });

export type Trouble = { heading: string; text: string; cure: string };

/** Tries again by itself: what is missing may come back. */
export const troublePage = ({ heading, text, cure }: Trouble): string =>
  layout({
    title: `${heading} · Muster`,
    refresh: true,
    main: html`<section class="gate" role="alert">
      <h1>${heading}</h1>
      <p class="lead">${text}</p>
      <p>${cure}</p>
      <p class="help">This page tries again every 5 seconds.</p>
    </section>`,
  });

export const emptyState = (): Html =>
  html`<section class="empty">
    <h2>No tenant is connected yet</h2>
    <p>
      Connect the first one: register an app in Entra, then enter its ids and its client secret. Nothing runs until you
      start it.
    </p>
    <ol class="steps">
      <li>
        <span>Create it as a draft; its secret comes from a file or a pipe, never as an argument.</span>
        <code
          >pnpm muster integrations create --name "My company" --tenant-id … --client-id … --secret-expires 2028-01-31
          &lt; secret.txt</code
        >
      </li>
      <li><span>Prove that it works.</span><code>pnpm muster integrations check ID</code></li>
      <li><span>Start it.</span><code>pnpm muster integrations start ID</code></li>
    </ol>
  </section>`;
