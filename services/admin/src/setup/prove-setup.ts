import type { CloudUrls, DirectoryUser, IntegrationSettings } from '@muster/contracts';
import { discoverTenant, type Graph, type GraphFactory } from '@muster/graph-client';
import type { OpenProof } from '@muster/store';
import {
  toAppVerdicts,
  toAwaitingConsent,
  toGroupVerdict,
  toPermissionsVerdict,
  toRefused,
  toSignInVerdicts,
  type GroupFacts,
} from './domain/check-verdicts.js';
import { toRightVerdicts, type RightVerdict } from './domain/rights.js';
import { toExpiryVerdict, toTypedVerdict } from './domain/typed-verdicts.js';
import type { Verdict, VerdictField } from './domain/verdict.js';
import { attempt } from './explain-failure.js';

/** A check answers while somebody waits: a huge group is counted as "at least". */
const MAX_GROUP_PAGES = 40;
/** No secret: asked with it, Entra says whether it knows the app. */
const NO_SECRET = 'muster-asks-whether-this-app-is-known';

/** What is typed so far, or stored. */
export type SetupValues = {
  tenantId: string | null;
  clientId: string | null;
  proof: OpenProof | null;
  expiresAt: string | null;
  groupId: string | null;
  features: IntegrationSettings['features'];
};
export type ProveOptions = {
  graphOf: GraphFactory;
  urls: CloudUrls;
  now: Date;
  /** Who reads on behalf of the admin who consented, in place of the app itself. Null: nobody consented yet. */
  readAs?: (() => Graph) | null | undefined;
};
export type Proved = { verdicts: Verdict[]; rights: RightVerdict[] };

/** Proves things for real, against the tenant, as far as what is typed allows. Nothing is written there or here. */
export async function proveSetup(values: SetupValues, options: ProveOptions): Promise<Proved> {
  const { tenantId, clientId, groupId, expiresAt } = values;
  const typed = [
    typedVerdict('tenantId', tenantId),
    typedVerdict('clientId', clientId),
    typedVerdict('groupId', groupId),
    typedVerdict('clientSecret', secretOf(values.proof)),
  ].filter((verdict) => verdict !== null);
  const expiry = expiresAt === null ? [] : [toExpiryVerdict(expiresAt, options.now)];
  const wrong = new Set(typed.map(({ field }) => field));
  if (tenantId === null || wrong.has('tenantId')) return { verdicts: [...typed, ...expiry], rights: [] };
  const usable = {
    ...values,
    tenantId,
    clientId: wrong.has('clientId') ? null : clientId,
    groupId: wrong.has('groupId') ? null : groupId,
    proof: wrong.has('clientSecret') ? null : values.proof,
  };
  const { verdicts, rights } = await proveAtMicrosoft(usable, options);
  // What a typed value is known to be wrong in, is not also said to be missing.
  const kept = verdicts.filter(({ field }) => !wrong.has(field));
  return { verdicts: [...typed, ...kept, ...expiry], rights };
}

const typedVerdict = (field: Parameters<typeof toTypedVerdict>[0]['field'], value: string | null): Verdict | null =>
  value === null ? null : toTypedVerdict({ field, value });

const secretOf = (proof: OpenProof | null): string | null =>
  proof && 'clientSecret' in proof ? proof.clientSecret : null;

async function proveAtMicrosoft(
  values: SetupValues & { tenantId: string },
  { graphOf, urls, readAs }: ProveOptions,
): Promise<Proved> {
  const { tenantId, clientId, proof } = values;
  const tenant = await attempt(() => discoverTenant({ loginUrl: urls.loginUrl, tenantId }));
  if (tenant.refused) return { verdicts: [toRefused('tenantId', tenant.refused)], rights: [] };
  if (clientId === null)
    return { verdicts: [{ field: 'tenantId', state: 'ok', text: 'The tenant is there.' }], rights: [] };
  const graph = graphOf({ tenantId, clientId, ...(proof ?? { clientSecret: NO_SECRET }), ...urls });
  const signIn = await attempt(() => graph.signIn());
  if (proof === null) return { verdicts: toAppVerdicts(signIn.refused), rights: [] };
  const credential = 'clientSecret' in proof ? 'clientSecret' : 'certificate';
  const signedIn = toSignInVerdicts(signIn.refused, credential);
  if (signIn.refused) return { verdicts: signedIn, rights: [] };
  if (readAs) {
    // What is kept may be sealed with a key that is lost.
    const reader = await attempt(() => Promise.resolve().then(readAs));
    if (reader.refused) return { verdicts: [...signedIn, toRefused('permissions', reader.refused)], rights: [] };
    return proveOnBehalf(reader.value, values, signedIn);
  }
  const reads = await proveReads(graph, values, readAs === null ? [] : signIn.value.permissions);
  return { ...reads, verdicts: [...signedIn, ...reads.verdicts] };
}

async function proveOnBehalf(graph: Graph, values: SetupValues, signedIn: Verdict[]): Promise<Proved> {
  const consent = await attempt(() => graph.signIn());
  const granted = consent.refused ? [] : consent.value.permissions;
  const { verdicts, rights } = await proveReads(graph, values, granted);
  const said = verdicts.map((verdict) =>
    consent.refused && verdict.field === 'permissions' ? toRefused('permissions', consent.refused) : verdict,
  );
  return { verdicts: [...signedIn, ...said], rights };
}

/** What the rights in the token are good for. */
export async function proveReads(
  graph: Graph,
  { features, groupId }: Pick<SetupValues, 'features' | 'groupId'>,
  permissions: readonly string[],
): Promise<Proved> {
  const rights = toRightVerdicts(permissions, { features, groupId });
  const fields: VerdictField[] = [
    ...(features.userSync ? ['users' as const] : []),
    ...(groupId === null ? [] : ['groupId' as const]),
    ...(features.mfaVerification ? ['mfaReport' as const] : []),
  ];
  if (permissions.length === 0)
    return { verdicts: [toAwaitingConsent('permissions'), ...fields.map(toAwaitingConsent)], rights };
  const reads: Partial<Record<VerdictField, () => Promise<Verdict>>> = {
    users: () => readOnePerson(graph),
    groupId: async () => toGroupVerdict(groupId === null ? null : await readGroupFacts(graph, groupId)),
    mfaReport: () => readOneReportRow(graph),
  };
  const verdicts = await Promise.all(fields.map((field) => proveRead(field, reads[field])));
  return { verdicts: [toPermissionsVerdict(rights), ...verdicts], rights };
}

async function proveRead(field: VerdictField, read: (() => Promise<Verdict>) | undefined): Promise<Verdict> {
  if (!read) throw new Error(`nothing reads ${field}`);
  const tried = await attempt(read);
  return tried.refused ? toRefused(field, tried.refused) : tried.value;
}

async function readOnePerson(graph: Graph): Promise<Verdict> {
  for await (const page of graph.userPages({ pageSize: 1 })) {
    if (page.rows.length > 0) return { field: 'users', state: 'ok', text: 'People of the tenant can be read.' };
    if (page.nextLink === null) break;
  }
  const cure = 'Check that this is the tenant you mean; a new one has at least its first administrator.';
  return { field: 'users', state: 'problem', text: 'The tenant shows no people.', cure, action: 'edit-tenant' };
}

async function readOneReportRow(graph: Graph): Promise<Verdict> {
  for await (const _page of graph.mfaPages({ pageSize: 1 })) break;
  return { field: 'mfaReport', state: 'ok', text: 'The MFA report can be read.' };
}

/** People in the group and in the groups below it, each counted once; cycles and diamonds do no harm. */
export async function readGroupFacts(graph: Graph, groupId: string): Promise<GroupFacts> {
  const group = await graph.readGroup(groupId);
  if (!group) return null;
  const nestedGroups = await graph.countNestedGroups(groupId);
  const counts = { people: 0, guests: 0, disabled: 0 };
  const facts = { displayName: group.displayName, nestedGroups };
  let pages = 0;
  for await (const { rows, nextLink } of graph.groupPeoplePages(groupId)) {
    for (const person of rows) countPerson(counts, person);
    pages += 1;
    if (pages >= MAX_GROUP_PAGES) return { ...facts, ...counts, complete: nextLink === null };
  }
  return { ...facts, ...counts, complete: true };
}

function countPerson(counts: { people: number; guests: number; disabled: number }, person: DirectoryUser): void {
  counts.people += 1;
  if (person.userType?.toLowerCase() === 'guest') counts.guests += 1;
  if (person.accountEnabled === false) counts.disabled += 1;
}
