import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSignIn, readSignInReturn, type DelegatedTokens, type TokenVault } from '@muster/graph-client';
import { createBrowser, fetchSend } from '@muster/test-support';
import type { SimulatedTenant } from './simulated-tenant.js';

export const BACK = 'http://localhost:4000/oauth2callback/microsoft';
export type Person = { id: string; userPrincipalName: string };

/** Signs the person in and consents, as through the pages; what acts on their behalf from then on. */
export async function consentAs(
  { credentials }: SimulatedTenant,
  { id, userPrincipalName }: Person,
  scopes: string[],
): Promise<TokenVault> {
  const signIn = createSignIn({ credentials, redirectUri: BACK });
  const begun = await signIn.begin({ scopes, state: randomUUID() });
  const browser = createBrowser(fetchSend);
  await browser.open(begun.url);
  await browser.choose(id, userPrincipalName);
  if (browser.place().text.includes('Permissions requested')) await browser.decide('accept');
  const { address, text } = browser.place();
  assert.ok(address.startsWith(BACK), text);
  const returned = readSignInReturn(Object.fromEntries(new URL(address).searchParams));
  assert.ok(returned?.kind === 'code', address);
  const { tokens } = await signIn.redeem({ code: returned.code, scopes, ...begun });
  return toVault(tokens);
}

/** Of one process, which refreshes by itself. */
function toVault(first: DelegatedTokens): TokenVault {
  let tokens = first;
  return {
    id: randomUUID(),
    read: () => Promise.resolve({ version: '1', tokens, refused: null }),
    save: (_, next) => {
      tokens = next;
      return Promise.resolve(true);
    },
    refuse: () => Promise.resolve(true),
    lock: () => Promise.resolve(() => Promise.resolve()),
  };
}
