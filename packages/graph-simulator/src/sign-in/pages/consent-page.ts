import type { Tenant } from '../../tenant/tenant.js';
import type { User } from '../../tenant/user.js';
import { describeRole, findPermission } from '../delegated-permissions.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { toPage } from './layout.js';
import { toPersonChip } from './people.js';

export type Asked = {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly needsAdmin: boolean;
};

export const toAsked = (scopes: readonly string[]): Asked[] =>
  scopes.map((name) => findPermission(name) ?? { name, title: name, text: '', needsAdmin: true });

export const toAskedRoles = (roles: readonly string[]): Asked[] =>
  roles.map((name) => ({ name, ...describeRole(name), needsAdmin: false }));

const toList = (asked: readonly Asked[]): Html =>
  html`<ul class="permissions">
    ${asked.map(
      ({ name, title, text, needsAdmin }) =>
        html`<li>
          <details>
            <summary><span class="what">${title}</span>${needsAdmin && html`<span class="badge">Admin</span>`}</summary>
            <p>${text} <code>${name}</code></p>
          </details>
        </li>`,
    )}
  </ul>`;

type Base = {
  readonly base: string;
  readonly app: { readonly displayName: string; readonly clientId: string };
  readonly tenant: Tenant;
  readonly user: User;
  readonly redirectUri: string;
};

const toOrigin = (address: string) => {
  const { origin, protocol } = new URL(address);
  return origin === 'null' ? protocol : origin;
};

const toReturn = ({ app, redirectUri }: Base) =>
  html`<p class="fine">
    Afterwards you go back to <b>${toOrigin(redirectUri)}</b>.<br />App id <code>${app.clientId}</code>
  </p>`;

export const toConsentPage = (page: Base & { asked: readonly Asked[]; mayGrantForAll: boolean }): string => {
  const { base, app, tenant, user, asked, mayGrantForAll } = page;
  const body = html`
    ${toPersonChip(user, base)}
    <h1>Permissions requested</h1>
    <p class="lead"><b>${app.displayName}</b> would like to:</p>
    ${toList(asked)}
    <form class="decision" method="post" action="${base}/consent">
      ${
        mayGrantForAll &&
        html`<label class="check"
          ><input type="checkbox" name="forAll" value="yes" /><span
            >Consent for everybody in <b>${tenant.name}</b>, so that nobody else is asked.</span
          ></label
        >`
      }
      ${toReturn(page)}
      <div class="actions">
        <button class="quiet" type="submit" name="decision" value="refuse">Refuse</button>
        <button class="main" type="submit" name="decision" value="accept">Accept</button>
      </div>
    </form>
  `;
  return toPage({ title: 'Permissions requested', tenant: tenant.name, body });
};

export const toAdminConsentPage = (page: Base & { roles: readonly Asked[]; scopes: readonly Asked[] }): string => {
  const { base, app, tenant, user, roles, scopes } = page;
  const section = (title: string, asked: readonly Asked[]) =>
    asked.length > 0 &&
    html`<h2>${title}</h2>
      ${toList(asked)}`;
  const body = html`
    ${toPersonChip(user, base)}
    <h1>Consent for the organisation</h1>
    <p class="lead"><b>${app.displayName}</b> asks for access to <b>${tenant.name}</b>. Nobody else will be asked.</p>
    ${section('By itself, at any time', roles)} ${section('In the name of whoever is signed in', scopes)}
    <form class="decision" method="post" action="${base}/consent">
      ${toReturn(page)}
      <div class="actions">
        <button class="quiet" type="submit" name="decision" value="refuse">Refuse</button>
        <button class="main" type="submit" name="decision" value="accept">Accept for everybody</button>
      </div>
    </form>
  `;
  return toPage({ title: 'Consent for the organisation', tenant: tenant.name, body });
};

/** Only an administrator could go on (90094); asking for it ends in 90095. */
export const toApprovalPage = (page: Base & { asked: readonly Asked[]; mayAsk: boolean }): string => {
  const { base, app, tenant, user, asked, mayAsk } = page;
  const body = html`
    ${toPersonChip(user, base)}
    <h1>An administrator must approve this</h1>
    <p class="lead">
      <b>${app.displayName}</b> needs permissions in <b>${tenant.name}</b> that only an administrator can grant.
    </p>
    ${toList(asked)}
    <form class="decision" method="post" action="${base}/consent">
      <p class="fine">Are you an administrator too? Switch to that account above.</p>
      <div class="actions">
        <button class="quiet" type="submit" name="decision" value="leave">Go back without it</button>
        ${mayAsk && html`<button class="main" type="submit" name="decision" value="ask">Ask for approval</button>`}
      </div>
      <p class="fine code">AADSTS90094</p>
    </form>
  `;
  return toPage({ title: 'Approval needed', tenant: tenant.name, body });
};
