import { html } from './html.js';
import { toPage } from './layout.js';

export type Trouble = {
  readonly number: number;
  readonly message: string;
  readonly trace: string;
  readonly correlation: string;
  readonly time: string;
  /** Where to choose another account, when that may help. */
  readonly otherAccount?: string | undefined;
};

const HEADINGS: Readonly<Record<number, string>> = {
  53003: 'You cannot sign in here now',
  50057: 'This account is disabled',
  50020: 'This account is not from here',
  50011: 'The way back is not registered',
};

/** A fault that must not be sent to an address nobody has vouched for, or that the person has to read. */
export const toTroublePage = (trouble: Trouble): string => {
  const { number, message, trace, correlation, time, otherAccount } = trouble;
  const body = html`
    <h1>${HEADINGS[number] ?? 'Sign-in did not work'}</h1>
    <p class="lead">${message.replace(/^AADSTS\d+: /, '')}</p>
    ${
      otherAccount !== undefined &&
      html`<form method="post" action="${otherAccount}/other">
        <div class="actions"><button class="main" type="submit">Use another account</button></div>
      </form>`
    }
    <dl class="ids">
      <div>
        <dt>Error</dt>
        <dd>AADSTS${number}</dd>
      </div>
      <div>
        <dt>Trace</dt>
        <dd>${trace}</dd>
      </div>
      <div>
        <dt>Correlation</dt>
        <dd>${correlation}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>${time}</dd>
      </div>
    </dl>
  `;
  return toPage({ title: HEADINGS[number] ?? 'Sign-in did not work', body });
};

export const toSignedOutPage = (): string =>
  toPage({
    title: 'Signed out',
    body: html`<h1>You are signed out</h1>
      <p class="lead">This browser is no longer signed in to any test directory. You may close the window.</p>`,
  });

/** `response_mode=form_post`: a script sends the form at once; without scripts a button does. */
export const toPostPage = (action: string, fields: Readonly<Record<string, string>>): string =>
  toPage({
    title: 'Going back',
    script: true,
    body: html`<h1>Going back to the app</h1>
      <form id="answer" method="post" action="${action}">
        ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <div class="actions"><button class="main" type="submit">Go on</button></div>
      </form>`,
  });
