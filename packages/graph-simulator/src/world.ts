import type { Clock } from './clock.js';
import type { Faults } from './faults.js';
import type { Ledger } from './delivery/ledger.js';
import type { Settings } from './settings.js';
import type { SignInState } from './sign-in/state.js';
import type { SigningKeys } from './sign-in/signing-keys.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';
import type { Tenant } from './tenant/tenant.js';

/** One period of running. What changed after the last save of a killed run is lost, and its delta tokens with it. */
export type Epoch = { readonly id: string; readonly lastVersions: Record<string, number> };

/** All that the simulator knows; each concern works on its part. */
export type World = {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly tenants: Map<string, Tenant>;
  readonly subscriptions: Subscriptions;
  readonly keys: SigningKeys;
  readonly signIn: SignInState;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly epoch: string;
  readonly earlierEpochs: Epoch[];
};
