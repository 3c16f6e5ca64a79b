import { timingSafeEqual } from 'node:crypto';
import { isFailure, type CertificateSlot, type CredentialSlot, type IntegrationSettings } from '@muster/contracts';
import { within } from '@muster/runtime';
import { openSlot, type OpenProof, type Sealer } from '@muster/store';
import { parse } from '../http/parse.js';
import { Problem, toProblem } from '../http/problem.js';
import type { Principal } from '../keys/principal.js';
import { startIntegration } from '../sync/start-integration.js';
import type { Applied, WantedIntegration } from './apply-schemas.js';
import { insertIntegration, toDraft } from './create-integration.js';
import { toApplyChange, toStateStep } from './domain/apply-changes.js';
import { putSecret, toFreeSlot } from './domain/secret.js';
import { toEditWishes } from './domain/sync-wishes.js';
import { askMicrosoft, toGraph } from './graph-of-integration.js';
import { newIntegration } from './integration-schemas.js';
import { previewScope } from './preview-scope.js';
import { isUntried, requireProved } from './prove-credential.js';
import { saveIntegration } from './save-integration.js';
import type { TypedCertificate } from './read-certificate.js';
import { toCertificateSlot, toSecretSlot } from './seal-secret.js';
import type { SetupOptions } from './setup-options.js';

export type ApplyContext = SetupOptions & {
  principal: Principal;
  dryRun: boolean;
  /** Until when a dry run may ask Graph who gains and who loses, by `performance.now()`. */
  tellUntil: number;
};

/** Makes one integration as the file says; what it says already is left alone. Refusals are part of the answer. */
export async function applyIntegration(wanted: WantedIntegration, context: ApplyContext): Promise<Applied> {
  const { tenantId } = wanted;
  const all = await context.store.integrations.all();
  const before = all.find((settings) => settings.tenantId === tenantId && settings.state !== 'removed') ?? null;
  try {
    return before ? await edit(before, wanted, context) : await create(wanted, context);
  } catch (error) {
    const refusal = toRefusal(error);
    const details = (refusal.problems ?? []).map(({ field, problem, cure }) => `${field} ${problem}. ${cure}`);
    const problem = details.length === 0 ? refusal.detail : details.join(' ');
    return {
      tenantId,
      integrationId: before?.integrationId ?? null,
      outcome: 'refused',
      changes: [],
      problem,
      scope: null,
    };
  }
}

/** Microsoft's being away for one tenant is told with that one; what is wrong with Muster itself goes on upwards. */
function toRefusal(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isFailure(error) && error.retryable && /^(graph|token)\./.test(error.code)) return toProblem(error);
  throw error;
}

/** What its own routes ask for, it asks for here. */
function assertMayStep(from: IntegrationSettings['state'], to: WantedIntegration['state'], principal: Principal): void {
  if (toStateStep(from, to) !== null && !principal.scopes.includes('operate'))
    throw new Problem(403, 'Starting and pausing needs the scope operate; leave state out, or use another key.');
}

async function create({ state, ...wanted }: WantedIntegration, context: ApplyContext): Promise<Applied> {
  const { tenantId } = wanted;
  assertMayStep('draft', state, context.principal);
  const draft = toDraft(parse(newIntegration(context.now), wanted, 'integration'), context);
  const changes = [...Object.keys(wanted), ...(state === undefined ? [] : ['state'])];
  const result = { tenantId, outcome: 'created' as const, changes, problem: null, scope: null };
  if (context.dryRun) return { ...result, integrationId: null };
  await insertIntegration(context.store.integrations, draft);
  await step(draft, state, context);
  return { ...result, integrationId: draft.integrationId };
}

async function edit(before: IntegrationSettings, wanted: WantedIntegration, context: ApplyContext): Promise<Applied> {
  const { tenantId, cloud, state, clientSecret, secretExpiresAt, certificate, ...fields } = wanted;
  if (cloud !== undefined && cloud !== before.cloud)
    throw new Problem(
      409,
      `The cloud of an integration stays as it is (${before.cloud}); remove it and create it anew.`,
    );
  assertMayStep(before.state, state, context.principal);
  const change = toApplyChange(before, fields);
  const secret =
    clientSecret === undefined || secretExpiresAt === undefined
      ? null
      : toSecretChange(before, { clientSecret, secretExpiresAt }, context);
  const other = certificate === undefined ? null : toCertificateChange(before, certificate, context);
  const stateStep = toStateStep(before.state, state);
  const changes = [
    ...Object.keys(change),
    ...(secret ? ['clientSecret'] : []),
    ...(other ? ['certificate'] : []),
    ...(stateStep ? ['state'] : []),
  ];
  const { integrationId } = before;
  const outcome = changes.length === 0 ? 'unchanged' : 'changed';
  if (outcome === 'changed' && !context.dryRun)
    await carryOut(before, { change, credential: secret ?? other, state }, context);
  const told = context.dryRun ? await tellScope(before, change, context) : { problem: null, scope: null };
  return { tenantId, integrationId, outcome, changes, ...told };
}

const SCOPE = ['groupId', 'includeGuests', 'features'] as const satisfies (keyof IntegrationSettings)[];

/** Asks Graph with the credential that is in use. What cannot be told refuses nothing. */
async function tellScope(
  before: IntegrationSettings,
  change: Partial<IntegrationSettings>,
  context: ApplyContext,
): Promise<Pick<Applied, 'problem' | 'scope'>> {
  if (!SCOPE.some((field) => field in change)) return { problem: null, scope: null };
  const asked = { settings: before, wanted: { ...before, ...change }, store: context.store };
  try {
    const told = askMicrosoft(() => previewScope(toGraph(before, context), asked));
    const scope = await within(told, context.tellUntil - performance.now(), () => null);
    return { problem: scope ? null : `${UNTOLD} in time. Ask for this tenant by its preview.`, scope };
  } catch (error) {
    if (!(error instanceof Problem) && !isFailure(error)) throw error;
    return { problem: `${UNTOLD}: ${toProblem(error).detail}`, scope: null };
  }
}

const UNTOLD = 'Who gains and who loses cannot be told';

type SecretChange = { secrets: IntegrationSettings['secrets']; activeSlot: CredentialSlot };
type CertificateChange = { certificate: CertificateSlot; activeSlot: CredentialSlot };
type Work = {
  change: Partial<IntegrationSettings>;
  credential: SecretChange | CertificateChange | null;
  state: WantedIntegration['state'];
};

/** One write for the settings, so that nothing is half applied; a credential is tried before it is switched to. */
async function carryOut(
  before: IntegrationSettings,
  { change, credential, state }: Work,
  context: ApplyContext,
): Promise<void> {
  const { store, askReconciler, now, principal } = context;
  const next = { ...before, ...change, ...credential };
  if (next.activeSlot !== null && (credential || isUntried(before, next)))
    await requireProved(next, next.activeSlot, { ...context, refusal: 'Nothing was changed' });
  const { integrations } = store;
  const edited = { ...change, ...credential };
  const after =
    Object.keys(edited).length === 0
      ? before
      : await saveIntegration({ integrations, before, change: edited, ifMatch: null, now });
  await askReconciler(after, toEditWishes(before, after), principal);
  await step(after, state, context);
}

async function step(
  before: IntegrationSettings,
  state: WantedIntegration['state'],
  { store, askReconciler, now, principal }: ApplyContext,
): Promise<void> {
  const { integrations } = store;
  const to = toStateStep(before.state, state);
  if (to === 'start') await startIntegration(before, { integrations, askReconciler, now, principal, ifMatch: null });
  if (to === 'pause') await saveIntegration({ integrations, before, change: { state: 'paused' }, ifMatch: null, now });
}

/** Null = this very secret is in use already. One that lies in the other slot is switched to, not entered again. */
function toSecretChange(
  before: IntegrationSettings,
  typed: { clientSecret: string; secretExpiresAt: string },
  { sealer, now }: ApplyContext,
): SecretChange | null {
  const held = before.secrets.find(({ slot }) => holds(openIfPossible(before, slot, sealer), typed.clientSecret));
  const expiresAt = new Date(typed.secretExpiresAt).toISOString();
  if (held?.slot === before.activeSlot && held.expiresAt === expiresAt) return null;
  const slot = held?.slot ?? toFreeSlot(before);
  return { ...putSecret(before, toSecretSlot(before, slot, { typed, sealer, now: now() })), activeSlot: slot };
}

/** Null = this very certificate is in use already. */
function toCertificateChange(
  before: IntegrationSettings,
  typed: TypedCertificate,
  { sealer, now }: ApplyContext,
): CertificateChange | null {
  const certificate = toCertificateSlot(before, { typed, sealer, now: now() });
  const isHeld =
    before.certificate?.thumbprintSha256 === certificate.thumbprintSha256 &&
    openIfPossible(before, 'certificate', sealer) !== null;
  return isHeld && before.activeSlot === 'certificate' ? null : { certificate, activeSlot: 'certificate' };
}

/** What cannot be opened, its sealing key being lost, counts as not held: a file may bring it anew. */
function openIfPossible(settings: IntegrationSettings, slot: CredentialSlot, sealer: Sealer): OpenProof | null {
  try {
    return openSlot(settings, slot, sealer);
  } catch (error) {
    if (isFailure(error)) return null;
    throw error;
  }
}

function holds(proof: OpenProof | null, secret: string): boolean {
  if (!proof || !('clientSecret' in proof)) return false;
  const [left, right] = [Buffer.from(proof.clientSecret), Buffer.from(secret)];
  return left.length === right.length && timingSafeEqual(left, right);
}
