import type { CloudName, CloudUrls } from '@muster/contracts';
import type { GraphFactory } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { Sealer, Store } from '@muster/store';
import type { TenantGraphs } from '@muster/tenant-access';
import type { Flows } from '../sign-in/flows.js';
import type { AskReconciler } from '../sync/ask-reconciler.js';

/** What the routes of the setup dialogue work with. */
export type SetupOptions = {
  store: Store;
  sealer: Sealer;
  /** With typed credentials, to prove them. */
  graphOf: GraphFactory;
  /** With what is stored: behind the guard that all services share. */
  graphFor: TenantGraphs['graphFor'];
  askReconciler: AskReconciler;
  defaultCloud: CloudName;
  customCloud: CloudUrls;
  publicUrl: string;
  /** Where Graph reaches the receiver; undefined: probes subscribe to nothing. */
  receiverUrl: string | undefined;
  flows: Flows;
  now: Now;
};
