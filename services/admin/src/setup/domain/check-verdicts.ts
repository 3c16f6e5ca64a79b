import { plural, type SetupActionKind } from '@muster/contracts';
import type { RightVerdict } from './rights.js';
import type { Verdict, VerdictField } from './verdict.js';

/** What Microsoft refused, in our words. */
export type Refusal = { aadsts: number | null; text: string; cure: string; action: SetupActionKind };

export const toRefused = (field: VerdictField, { text, cure, action }: Refusal): Verdict => ({
  ...{ field, state: 'problem', text, cure, action },
});

/** Which of the typed values a refused sign-in speaks about; null = about none of them. */
const ABOUT: Readonly<Record<number, 'tenantId' | 'clientId' | 'credential'>> = {
  90002: 'tenantId',
  900023: 'tenantId',
  700016: 'clientId',
  7000229: 'clientId',
  7000112: 'clientId',
  7000215: 'credential',
  7000222: 'credential',
  7000218: 'credential',
  700027: 'credential',
};

export type CredentialField = 'clientSecret' | 'certificate';
const TENANT_OK: Verdict = { field: 'tenantId', state: 'ok', text: 'The tenant is there.' };
const CLIENT_OK: Verdict = { field: 'clientId', state: 'ok', text: 'The tenant knows the app.' };

/** The tenant is looked up, the app next, its credential last: a refusal of a later one proves the earlier ones. */
export function toSignInVerdicts(refusal: Refusal | null, credential: CredentialField): Verdict[] {
  if (refusal === null) {
    const name = credential === 'certificate' ? 'certificate' : 'client secret';
    return [TENANT_OK, CLIENT_OK, { field: credential, state: 'ok', text: `The ${name} works.` }];
  }
  const about = refusal.aadsts === null ? undefined : ABOUT[refusal.aadsts];
  switch (about) {
    case 'tenantId':
      return [toRefused('tenantId', refusal)];
    case 'clientId':
      return [TENANT_OK, toRefused('clientId', refusal)];
    case 'credential':
      return [TENANT_OK, CLIENT_OK, toRefused(credential, refusal)];
    case undefined:
      return [TENANT_OK, { ...toRefused('clientId', refusal), state: refusal.aadsts === null ? 'unknown' : 'problem' }];
  }
}

/** A secret that is not there cannot be right: "wrong secret" is what proves the app. */
export function toAppVerdicts(refusal: Refusal | null): Verdict[] {
  const verdicts = toSignInVerdicts(refusal, 'clientSecret').filter(({ field }) => field !== 'clientSecret');
  const cure = 'Copy the Value of a client secret, or register a certificate.';
  const missing: Verdict = { field: 'clientSecret', state: 'unknown', text: 'No client secret yet.', cure };
  return [...verdicts, { ...missing, action: 'enter-secret' }];
}

export function toPermissionsVerdict(rights: readonly RightVerdict[]): Verdict {
  const field = 'permissions';
  const missing = rights.filter(({ state, needed }) => needed && state === 'missing');
  if (missing.length === 0)
    return { field, state: 'ok', text: 'Every right that the chosen features need is granted.' };
  return {
    ...{
      field,
      state: 'problem',
      text: `Missing: ${[...new Set(missing.map(({ permission }) => permission))].join(', ')}.`,
    },
    cure: 'Add what is missing under API permissions, then sign in and consent (or press Grant admin consent there).',
    action: 'consent',
  };
}

/** Before consent there is nothing to read with. */
export const toAwaitingConsent = (field: VerdictField): Verdict => ({
  ...{ field, state: 'unknown', text: 'Known once you have signed in and consented.' },
  ...{ cure: 'Sign in and consent, then check again.', action: 'consent' },
});

export type GroupFacts = {
  displayName: string | null;
  people: number;
  guests: number;
  disabled: number;
  nestedGroups: number;
  /** False: the reading stopped at a limit, there are more. */
  complete: boolean;
} | null;

export function toGroupVerdict(group: GroupFacts): Verdict {
  const field = 'groupId';
  if (group === null)
    return {
      ...{ field, state: 'problem', text: 'There is no group with this id in the tenant.' },
      cure: 'Copy the Object ID of the group in Entra, Groups; leave it empty for everyone.',
      action: 'open-groups',
    };
  const name = group.displayName === null ? 'The group' : `“${group.displayName}”`;
  const count = `${group.complete ? '' : 'at least '}${plural(group.people, 'person', 'people')}`;
  const nested = group.nestedGroups === 0 ? '' : `, ${plural(group.nestedGroups, 'nested group')} included`;
  const special = [
    ...(group.guests === 0 ? [] : [plural(group.guests, 'guest')]),
    ...(group.disabled === 0 ? [] : [`${group.disabled} disabled`]),
  ];
  const text = `${name} holds ${count}${nested}${special.length === 0 ? '' : `; ${special.join(', ')}`}.`;
  if (group.people > 0 || !group.complete) return { field, state: 'ok', text };
  const cure = 'Add people to the group in Entra; with nobody in it, nobody is in scope.';
  return { field, state: 'problem', text, cure, action: 'open-groups' };
}
