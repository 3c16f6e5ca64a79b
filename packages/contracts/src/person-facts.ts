/**
 * What the projector keeps beside a document to judge the next observation: a person's properties and membership are
 * seen by different reads, each with its own time: an older one of either must not undo a newer.
 */
export type UserFacts = {
  userObservedAt: string;
  membership: MembershipFacts | null;
  /** Since when only ids are kept of someone who is gone or out; such a person's properties are not filled in again. */
  purgedAt?: string;
  /** When the last read that a notification asked for began, also where what it saw waits for an admin. */
  notifiedAt?: string;
  /** When a change was last taken in that no notification had told; never before the read that came upon it began. */
  foundAt?: string;
};
/** That someone is in, and by which way, are told by different reads: each has its own time. */
export type MembershipFacts = {
  groupId: string;
  observedAt: string;
  inGroup: boolean;
  /** The read that told the way last, or that there was none; what it told: null = no way is known. */
  path: { observedAt: string; groupPath: string[] | null };
};
/** When the newest row was read; null while no report ever had one. */
export type MfaFacts = { rowObservedAt: string | null };
