import type { User } from '../../tenant/user.js';
import type { Html } from './html.js';
import { html } from './html.js';

const HUES = 6;

/** The first letters of the first and the last word; whole characters, in any script. */
export const toInitials = (name: string): string => {
  const words = name.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  const letter = (word: string | undefined) => /\p{L}/u.exec(word ?? '')?.[0] ?? '';
  return (letter(words[0]) + (words.length > 1 ? letter(words.at(-1)) : '')).toUpperCase() || '?';
};

/** A sign-in name that breaks before its domain, or before a part of that, where it has to. */
export const toName = ({ userPrincipalName }: Pick<User, 'userPrincipalName'>): Html => {
  const at = userPrincipalName.lastIndexOf('@');
  const parts = userPrincipalName.slice(at).split(/(?=\.)/);
  return html`${userPrincipalName.slice(0, at)}${parts.map((part) => html`<wbr />${part}`)}`;
};

export const toAvatar = ({ id, displayName }: User): Html =>
  html`<span class="avatar hue-${parseInt(id.slice(0, 6), 16) % HUES}" aria-hidden="true"
    >${toInitials(displayName)}</span
  >`;

/** Who is signed in, with the way to be somebody else. */
export const toPersonChip = (user: User, base: string): Html => html`
  <form class="chip" method="post" action="${base}/other">
    ${toAvatar(user)}<span class="who"
      ><b dir="auto">${user.displayName}</b><span class="upn" dir="auto">${toName(user)}</span></span
    >
    <button class="link" type="submit">Switch</button>
  </form>
`;
