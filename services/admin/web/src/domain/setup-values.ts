import { plural } from './format.js';
import type { Tone } from './words.js';

/** What is typed into the setup dialogue. */
export type SetupValues = {
  name: string;
  clientId: string;
  tenantId: string;
  clientSecret: string;
  secretExpiresOn: string;
  /** With which the app proves itself at first. */
  credential: 'secret' | 'certificate';
  /** PEM, both. */
  certificate: string;
  privateKey: string;
  userSync: boolean;
  mfaVerification: boolean;
  consent: 'application' | 'delegated';
  limitByGroup: boolean;
  groupId: string;
  includeGuests: boolean;
};
export type SetupField = keyof SetupValues;
/** `field` said something: `problem` must be mended, `remark` may be regretted, `ok` is proved. */
export type Said = { state: 'ok' | 'problem' | 'remark'; text: string };

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MIN_SECRET_DAYS = 365;

export const isGuid = (text: string): boolean => GUID.test(text.trim());

export const EMPTY_SETUP: SetupValues = {
  name: '',
  clientId: '',
  tenantId: '',
  clientSecret: '',
  secretExpiresOn: '',
  credential: 'secret',
  certificate: '',
  privateKey: '',
  userSync: true,
  mfaVerification: true,
  consent: 'delegated',
  limitByGroup: false,
  groupId: '',
  includeGuests: true,
};

/** What can be seen without asking anybody. Empty fields say nothing: nobody is told off before typing. */
export function sayOfField(field: SetupField, values: SetupValues, now: Date): Said | null {
  const text = String(values[field]).trim();
  if (text === '') return null;
  switch (field) {
    case 'clientId':
      return sayOfId(text, 'the Application (client) ID', values.tenantId, 'the Directory (tenant) ID');
    case 'tenantId':
      return sayOfId(text, 'the Directory (tenant) ID', values.clientId, 'the Application (client) ID');
    case 'groupId':
      return isGuid(text)
        ? null
        : { state: 'problem', text: 'Not an Object ID: it looks like 1b2c3d4e-… with four dashes.' };
    case 'clientSecret':
      return sayOfSecret(text);
    case 'secretExpiresOn':
      return sayOfExpiry(text, now);
    case 'certificate':
      return sayOfPem(text, 'CERTIFICATE');
    case 'privateKey':
      return sayOfPem(text, 'PRIVATE KEY');
    default:
      return null;
  }
}

function sayOfId(text: string, name: string, other: string, otherName: string): Said | null {
  if (!isGuid(text))
    return { state: 'problem', text: `This is not ${name}: it looks like 1b2c3d4e-… with four dashes.` };
  if (text.toLowerCase() === other.trim().toLowerCase())
    return { state: 'problem', text: `This is the same as ${otherName}. Copy both from the app’s Overview.` };
  return null;
}

function sayOfSecret(text: string): Said | null {
  if (isGuid(text))
    return {
      state: 'problem',
      text: 'This is the Secret ID. Copy the Value, from the column beside it; if it is hidden by now, make a new secret.',
    };
  return text.length < 8 ? { state: 'problem', text: 'Too short for a client secret value.' } : null;
}

const sayOfPem = (text: string, what: string): Said | null =>
  text.includes(`${what}-----`)
    ? null
    : { state: 'problem', text: `Paste all of it, from -----BEGIN ${what}----- on.` };

function sayOfExpiry(text: string, now: Date): Said | null {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(at)) return { state: 'problem', text: 'Not a date.' };
  const days = Math.floor((at - now.getTime()) / 86_400_000) + 1;
  if (days <= 0) return { state: 'problem', text: 'This day has passed. Make a new client secret in Entra.' };
  if (days < MIN_SECRET_DAYS)
    return {
      state: 'remark',
      text: `Only ${plural(days, 'day')}. Choose at least 365 days (12 months): sync stops when it expires.`,
    };
  return { state: 'ok', text: `${plural(days, 'day')}: long enough.` };
}

const CREDENTIALS: Record<SetupValues['credential'], [SetupField, string][]> = {
  secret: [
    ['clientSecret', 'the client secret value'],
    ['secretExpiresOn', 'the date on which it expires'],
  ],
  certificate: [
    ['certificate', 'the certificate'],
    ['privateKey', 'its private key'],
  ],
};

/** What keeps the three values from being saved, in the order of the page. */
export function findMissing(values: SetupValues, secretIsKept: boolean, now: Date): string[] {
  const wanted: [SetupField, string][] = [
    ['name', 'a name'],
    ['clientId', 'the Application (client) ID'],
    ['tenantId', 'the Directory (tenant) ID'],
    ...(secretIsKept && values.clientSecret === '' ? [] : CREDENTIALS[values.credential]),
    ...(values.limitByGroup ? ([['groupId', 'the group’s Object ID']] as [SetupField, string][]) : []),
  ];
  const missing = wanted.flatMap(([field, name]) => {
    const isEmpty = String(values[field]).trim() === '';
    return isEmpty || sayOfField(field, values, now)?.state === 'problem' ? [name] : [];
  });
  return values.userSync || values.mfaVerification ? missing : [...missing, 'at least one feature'];
}

/** Where the people of one integration sign in; beside the redirect URI, which names Muster's public address. */
export const toSignInAddress = (redirectUri: string, integrationId: string): string =>
  new URL(`../sign-in/${integrationId}`, redirectUri).href;

/** The day's end, as people mean "expires on". */
export const toExpiryInstant = (day: string): string => `${day}T23:59:59Z`;

export const toneOf = (said: Said | null): Tone =>
  said === null ? 'calm' : { ok: 'good' as const, problem: 'bad' as const, remark: 'warn' as const }[said.state];
