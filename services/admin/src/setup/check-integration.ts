import type { IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import {
  toGroupCheck,
  toPermissionsCheck,
  toRightVerdicts,
  toSignInChecks,
  type CheckName,
  type CheckVerdict,
  type GroupFacts,
  type RightVerdict,
} from './domain/check-verdicts.js';
import { explainFailure } from './explain-failure.js';

/** A check answers while somebody waits: a huge group is counted as "at least". */
const MAX_GROUP_PAGES = 40;

export type CheckResult = { ok: boolean; checks: CheckVerdict[]; rights: RightVerdict[] };

/** Proves things for real, against the tenant. Nothing is written there or here. */
export async function checkIntegration(graph: Graph, settings: IntegrationSettings): Promise<CheckResult> {
  const signIn = await attempt(() => graph.signIn());
  if (signIn.refused) return { ok: false, checks: toSignInChecks(signIn.refused), rights: [] };
  const rights = toRightVerdicts(signIn.value.permissions, settings);
  const { groupId, features } = settings;
  const reads = await Promise.all([
    ...(features.userSync ? [check('users', () => readOnePerson(graph))] : []),
    ...(groupId === null ? [] : [check('group', async () => toGroupCheck(await countGroup(graph, groupId)))]),
    ...(features.mfaVerification ? [check('mfa-report', () => readOneReportRow(graph))] : []),
  ]);
  const checks = [...toSignInChecks(null), toPermissionsCheck(rights), ...reads];
  return { ok: checks.every(({ ok }) => ok), checks, rights };
}

async function readOnePerson(graph: Graph): Promise<CheckVerdict> {
  for await (const page of graph.userPages({ pageSize: 1 })) {
    if (page.rows.length > 0) return { name: 'users', ok: true, detail: 'People of the tenant can be read.' };
    if (page.nextLink === null) break;
  }
  return {
    name: 'users',
    ok: false,
    detail: 'The tenant shows no people.',
    cure: 'Check that this is the tenant you mean; a new one has at least its first administrator.',
  };
}

async function readOneReportRow(graph: Graph): Promise<CheckVerdict> {
  for await (const _page of graph.mfaPages({ pageSize: 1 })) break;
  return { name: 'mfa-report', ok: true, detail: 'The MFA report can be read.' };
}

/** People in the group and in the groups below it, each counted once; cycles and diamonds do no harm. */
export async function countGroup(graph: Graph, groupId: string): Promise<GroupFacts> {
  const group = await graph.readGroup(groupId);
  if (!group) return null;
  const people = new Set<string>();
  const groups = new Set([groupId]);
  let pages = 0;
  for (const nested of groups) {
    for await (const { rows } of graph.memberPages(nested)) {
      for (const { id, kind } of rows) (kind === 'user' ? people : groups).add(id);
      pages += 1;
      if (pages >= MAX_GROUP_PAGES) return toFacts(group.displayName, people, groups, false);
    }
  }
  return toFacts(group.displayName, people, groups, true);
}

const toFacts = (
  displayName: string | null,
  people: ReadonlySet<string>,
  groups: ReadonlySet<string>,
  complete: boolean,
): GroupFacts => ({ displayName, people: people.size, nestedGroups: groups.size - 1, complete });

type Attempt<T> = { refused: ReturnType<typeof explainFailure> } | { refused: null; value: T };

async function attempt<T>(run: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { refused: null, value: await run() };
  } catch (error) {
    return { refused: explainFailure(error) };
  }
}

async function check(name: CheckName, run: () => Promise<CheckVerdict>): Promise<CheckVerdict> {
  const tried = await attempt(run);
  return tried.refused === null
    ? tried.value
    : { name, ok: false, detail: tried.refused.detail, cure: tried.refused.cure };
}
