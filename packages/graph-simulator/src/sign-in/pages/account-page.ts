import type { Choice, Choices } from '../accounts.js';
import { PAGE } from '../accounts.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { toPage } from './layout.js';
import { toAvatar, toName } from './people.js';

const toBadges = ({ user, isAdmin, isBlocked }: Choice) => [
  isAdmin && html`<span class="badge accent">Administrator</span>`,
  user.userType === 'Guest' && html`<span class="badge">Guest</span>`,
  !user.accountEnabled && html`<span class="badge warn">Disabled</span>`,
  isBlocked && html`<span class="badge warn">Blocked</span>`,
];

const toRow = (choice: Choice, { base, shared }: { base: string; shared: boolean }) => {
  const { user, tenant } = choice;
  return html`<li>
    <form method="post" action="${base}/account">
      <input type="hidden" name="tenant" value="${tenant.id}" />
      <button class="person" type="submit" name="user" value="${user.id}">
        ${toAvatar(user)}
        <span class="who"
          ><span class="named"><b dir="auto">${user.displayName}</b>${toBadges(choice)}</span
          ><span class="upn" dir="auto">${toName(user)}${shared && html` · ${tenant.name}`}</span></span
        >
      </button>
    </form>
  </li>`;
};

export type AccountPage = Choices & {
  /** Address of this flow. */
  readonly base: string;
  readonly app: string;
  readonly tenant: string | null;
  readonly search: string;
  readonly from: number;
  readonly forAdmin: boolean;
};

const toMore = ({ base, search, from, next }: AccountPage): Html => {
  const link = (start: number) => `${base}?search=${encodeURIComponent(search)}&from=${start}`;
  return html`<nav class="pager" aria-label="Pages of people">
    ${from > 0 ? html`<a href="${link(Math.max(0, from - PAGE))}" rel="prev">← Back</a>` : html`<span></span>`}
    ${next !== null && html`<a href="${link(next)}" rel="next">More people →</a>`}
  </nav>`;
};

/** Search works by plain form, so the page needs no script. */
export const toAccountPage = (page: AccountPage): string => {
  const { base, app, tenant, search, choices, people, forAdmin } = page;
  const body = html`
    <h1>Choose an account</h1>
    <p class="lead">
      ${forAdmin ? html`An administrator decides about <b>${app}</b>.` : html`to go on to <b>${app}</b>`}
    </p>
    <form class="search" method="get" action="${base}" role="search">
      <label class="hidden" for="search">Search ${people} people by name or sign-in name</label>
      <input
        id="search"
        name="search"
        type="search"
        value="${search}"
        placeholder="Search ${people.toLocaleString('en')} people"
        autocomplete="off"
        spellcheck="false"
      />
      <button class="quiet" type="submit">Search</button>
    </form>
    ${
      choices.length === 0
        ? html`<p class="empty">Nobody here matches “<bdi>${search}</bdi>”. <a href="${base}">Show everybody</a></p>`
        : html`<ul class="people">
            ${choices.map((choice) => toRow(choice, { base, shared: tenant === null }))}
          </ul>`
    }
    ${toMore(page)}
  `;
  return toPage({ title: 'Choose an account', tenant: tenant ?? 'Any organisation', body });
};
