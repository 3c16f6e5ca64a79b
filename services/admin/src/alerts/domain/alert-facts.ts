import type { CredentialSlot } from '@muster/contracts';
import type { LateChanges } from './late-changes.js';

/** What of the status the rules look at. */
export type AlertFacts = {
  integrations: readonly IntegrationFacts[];
  pipeline: {
    canaries: { partitions: number; seen: readonly { ageMs: number }[] };
    /** Null: Kafka does not answer. */
    projector: { waiting: number; oldestMs: number } | null;
    /** Dead letters that nobody has replayed; null: Kafka does not answer. */
    deadLettersOpen: number | null;
  };
  /** Of the last hour. */
  breakGlass: { used: readonly { at: string; address: string | null }[]; refused: number };
};
export type IntegrationFacts = {
  integrationId: string;
  name: string;
  state: 'draft' | 'active' | 'paused' | 'removed';
  features: { userSync: boolean; mfaVerification: boolean };
  credential: { slot: CredentialSlot; expiresAt: string } | null;
  subscriptions: readonly {
    resource: string;
    entity: 'user' | 'group';
    status: string;
    expiresAt: string | null;
    failure: { message: string } | null;
  }[];
  quarantined: readonly { service: string; since: string; failure: { code: string; message: string } | null }[];
  /** Last complete full reads. */
  completed: Record<'users' | 'mfa', CompletedRead | null>;
  startedAt: string | null;
  /** When the last pause ended; null: there was none. */
  resumedAt: string | null;
  plansWaiting: number;
  /** Changes of the last half hour that a sweep found and no notification had announced. */
  lostRecently: number;
  /** Notifications measured in the last 15 minutes. */
  measured: number;
  /** From receiver to feed: p99 of the last 15 minutes, ms; the last hour's is asked for only where that is late. */
  ours: { p99: number | null; lastHour: LateChanges | null };
};
export type CompletedRead = {
  startedAt: string;
  rows: number;
  drift: { added: number; changed: number; removed: number } | null;
};
/** How often full reads run, ms. */
export type Periods = { usersEveryMs: number; mfaEveryMs: number };
