/** One direct member. The slot list keeps holes, so that a page of members neither skips nor repeats. */
export type Member = { readonly id: string; readonly type: 'user' | 'group' };

export type Group = {
  readonly id: string;
  readonly createdAt: number;
  displayName: string;
  description: string | null;
  readonly slots: (Member | undefined)[];
  /** Slot by member id. */
  readonly index: Map<string, number>;
  memberOf: readonly string[];
  /** Ids of the people who own it, in the order in which they were named. */
  owners: readonly string[];
  /** A Microsoft 365 group: deletion is soft. */
  readonly unified: boolean;
  deletedAt: number | null;
};

/** What an administrator can set on a group. */
export const GROUP_FIELDS = ['displayName', 'description'] as const;
export type GroupField = (typeof GROUP_FIELDS)[number];

export type GroupHead = Pick<Group, 'id' | 'createdAt' | 'displayName' | 'description'> &
  Partial<Pick<Group, 'unified' | 'owners' | 'deletedAt'>>;

export const createGroup = (group: GroupHead): Group => ({
  unified: false,
  owners: [],
  deletedAt: null,
  ...group,
  slots: [],
  index: new Map(),
  memberOf: [],
});
