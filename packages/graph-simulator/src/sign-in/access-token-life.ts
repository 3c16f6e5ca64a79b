import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { App } from '../tenant/app.js';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { policyOf } from './directory-roles.js';
import { FAULTS } from './entra-fault.js';

/** What a token-lifetime policy may say, in seconds: 10 minutes to 1 day (contract 8.4). */
export const POLICY_SECONDS = { min: 600, max: 86_400 } as const;

const claimsSchema = z.object({
  access_token: z.object({ xms_cc: z.object({ values: z.array(z.string()) }).optional() }).nullish(),
});

/** Whether the `claims` parameter says that the client can be told in the middle of a token's life to come again. */
export const readCaeAware = (claims: string | undefined): boolean => {
  if (!claims) return false;
  try {
    const { access_token: wanted } = claimsSchema.parse(JSON.parse(claims));
    return wanted?.xms_cc?.values.some((value) => value.toLowerCase() === 'cp1') ?? false;
  } catch {
    throw FAULTS.malformed("the 'claims' parameter is not a claims request in JSON.");
  }
};

/** In the token of a client that said so. */
export const toCapabilities = (caeAware: boolean) => (caeAware ? { xms_cc: ['cp1'] } : {});

const CAE_SHORTEST = 20 / 28;

/** Somewhere from `shortest` to `longest`, in ms, every value as likely as another. */
const draw = (shortest: number, longest: number) =>
  randomInt(Math.floor(shortest), Math.max(Math.floor(shortest) + 1, Math.floor(longest)));

export type Lived = { readonly tenant: Tenant; readonly app: App; readonly caeAware: boolean };

const setLife = (world: World, { tenant, app, caeAware }: Lived): number | null => {
  const { caeAccessToken } = world.settings.lifetimes;
  if (caeAware) return draw(caeAccessToken * CAE_SHORTEST, caeAccessToken);
  const seconds = app.accessTokenSeconds ?? policyOf(world.signIn, tenant.id).accessTokenSeconds;
  return seconds === null ? null : seconds * 1000;
};

/** Of a token that an app gets for itself, in ms. The policy of the app comes before that of the tenant. */
export const appTokenLife = (world: World, lived: Lived): number =>
  setLife(world, lived) ?? world.settings.lifetimes.accessToken;

/** In a person's name: without a policy from once to one and a half times the set life, 60 to 90 minutes. */
export const personTokenLife = (world: World, lived: Lived): number => {
  const { accessToken } = world.settings.lifetimes;
  return setLife(world, lived) ?? draw(accessToken, accessToken * 1.5);
};
