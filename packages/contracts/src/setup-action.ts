import { z } from 'zod';

/** What one button does about a finding; each kind has its label, and a place in the setup dialogue or in Entra. */
export const SETUP_ACTIONS = {
  'edit-tenant': 'Correct the tenant ID',
  'edit-client': 'Correct the client ID',
  'enter-secret': 'Enter a new secret',
  'edit-expiry': 'Correct the expiry date',
  'edit-group': 'Choose another group',
  'edit-features': 'Change the features',
  consent: 'Sign in and consent',
  'sign-in': 'Sign in again',
  'check-again': 'Check again',
  'open-app': 'Open the app in Entra',
  'open-authentication': 'Open Authentication in Entra',
  'open-secrets': 'Open Certificates & secrets in Entra',
  'open-permissions': 'Open API permissions in Entra',
  'open-enterprise-app': 'Open the enterprise application in Entra',
  'open-roles': 'Open Roles and administrators in Entra',
  'open-groups': 'Open Groups in Entra',
  'open-conditional-access': 'Open Conditional Access in Entra',
} as const;

export const setupActionKind = z.enum(Object.keys(SETUP_ACTIONS) as [SetupActionKind, ...SetupActionKind[]]);
export type SetupActionKind = keyof typeof SETUP_ACTIONS;
