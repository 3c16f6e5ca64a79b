import { Failure, isFailure, type DeltaToken, type TreeGroup } from '@muster/contracts';
import type { DeltaPage } from '@muster/graph-client';
import { readGroupTree, type ReadTree } from './read-group-tree.js';
import type { Run } from './run.js';

export type Taken = { token: DeltaToken; takenAt: string };

/** What Graph takes in one `$filter` of a delta query. */
const GROUPS_PER_TOKEN = 50;
/** A tree that changes each time it is read is left for later. */
const ATTEMPTS = 4;

async function takeToken(run: Run, groupIds: string[], open: () => AsyncIterable<DeltaPage<unknown>>): Promise<Taken> {
  return run.tries(async () => {
    let takenAt: string | undefined;
    for await (const page of open()) {
      takenAt ??= page.observedAt;
      if (page.deltaLink !== null) return { token: { deltaLink: page.deltaLink, groupIds }, takenAt };
    }
    throw new Failure('graph.malformed', 'Graph gave no delta token.', { retryable: true });
  });
}

/** A token for all changes of people from now on. */
export const takeUsersToken = (run: Run): Promise<Taken> =>
  takeToken(run, [], () => run.graph().userDeltaPages({ latest: true }));

export type TakenTree = { tokens: DeltaToken[]; tree: ReadTree };

/**
 * Tokens for all changes of the chosen group's tree from now on, then the tree: read after its tokens were taken, so
 * that no change falls between. Without the right to follow groups the tokens are missing.
 */
export async function takeGroupTokens(run: Run, chosen: string, known: readonly string[]): Promise<TakenTree> {
  let groupIds = [...new Set([chosen, ...known])];
  for (let attempt = 1; ; attempt += 1) {
    const tokens = await tokensOf(run, groupIds);
    const tree = await readGroupTree(run, chosen);
    const found = [...tree.groupPaths.keys()];
    const isWhole = found.every((groupId) => groupIds.includes(groupId));
    if (isWhole || tokens === null) return { tokens: tokens ?? [], tree };
    if (attempt === ATTEMPTS)
      throw new Failure('group.moving', 'The tree of groups changed each time it was read.', { retryable: true });
    groupIds = [...new Set([...groupIds, ...found])];
  }
}

async function tokensOf(run: Run, groupIds: readonly string[]): Promise<DeltaToken[] | null> {
  try {
    const tokens: DeltaToken[] = [];
    for (let from = 0; from < groupIds.length; from += GROUPS_PER_TOKEN) {
      const some = groupIds.slice(from, from + GROUPS_PER_TOKEN);
      const { token } = await takeToken(run, some, () => run.graph().groupDeltaPages({ groupIds: some, latest: true }));
      tokens.push(token);
    }
    return tokens;
  } catch (error) {
    if (!isFailure(error) || error.code !== 'graph.forbidden') throw error;
    run.logger.warn({ err: error }, 'groups cannot be followed by delta');
    return null;
  }
}

export const toTreeGroups = ({ groupPaths, names }: ReadTree): TreeGroup[] =>
  [...groupPaths].map(([groupId, groupPath]) => ({
    groupId,
    displayName: names.get(groupId) ?? null,
    groupPath: [...groupPath],
  }));
