import { toDaysLeft, plural } from '@muster/contracts';
import { isGuid } from './secret.js';
import type { Verdict } from './verdict.js';

/** What can be said of a typed value without asking Microsoft; null = nothing against it. */
export function toTypedVerdict(typed: {
  field: 'tenantId' | 'clientId' | 'groupId' | 'clientSecret';
  value: string;
}): Verdict | null {
  const { field, value } = typed;
  if (field === 'clientSecret') {
    if (!isGuid(value)) return null;
    return {
      field,
      state: 'problem',
      text: 'This is the secret’s id, not its value.',
      cure: 'Paste the Value, from the column beside the Secret ID; it is shown once, so make a new secret if it is gone.',
      action: 'open-secrets',
    };
  }
  if (isGuid(value)) return null;
  const { name, cure, action } = IDS[field];
  const text = `This is no ${name}: it looks like 00000000-0000-0000-0000-000000000000.`;
  return { field, state: 'problem', text, cure, action };
}

const IDS = {
  tenantId: {
    name: 'Directory (tenant) ID',
    cure: 'Copy the Directory (tenant) ID from the Overview of the app registration.',
    action: 'open-app',
  },
  clientId: {
    name: 'Application (client) ID',
    cure: 'Copy the Application (client) ID from the Overview of the app registration.',
    action: 'open-app',
  },
  groupId: {
    name: 'Object ID of a group',
    cure: 'Copy the Object ID from the Overview of the group in Entra.',
    action: 'open-groups',
  },
} as const;

/** The seed's rule: at least 365 days. */
export function toExpiryVerdict(expiresAt: string, now: Date): Verdict {
  const field = 'secretExpiresAt';
  const days = toDaysLeft(expiresAt, now);
  if (days < 0)
    return {
      ...{ field, state: 'problem', text: 'This date has passed: a secret that expired then is of no use.' },
      ...{ cure: 'Make a new client secret in Entra and enter its value and expiry.', action: 'open-secrets' },
    };
  if (days < 365)
    return {
      ...{ field, state: 'remark', text: `The secret expires in ${plural(days, 'day')}.` },
      cure: 'Choose at least 365 days (12 months) in Entra; you are warned 60, 30, 14, 7 and 1 days ahead.',
      action: 'open-secrets',
    };
  return { field, state: 'ok', text: `The secret expires in ${plural(days, 'day')}.` };
}
