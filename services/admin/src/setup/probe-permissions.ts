import { randomUUID } from 'node:crypto';
import type { IntegrationSettings, PermissionTable } from '@muster/contracts';
import {
  probeMembers,
  probeReport,
  probeSubscription,
  probeUsers,
  type Graph,
  type ProbeOutcome,
} from '@muster/graph-client';
import { toPermissionTable, type Probed, type Probes } from './domain/permission-table.js';

export type ProbePermissionsOptions = {
  /** Where Graph would reach the receiver; undefined: nothing is subscribed to, the token alone tells. */
  receiverUrl: string | undefined;
  now: () => Date;
};

/** Graph's least life of a subscription is 45 min; ours is deleted at once. */
const PROBE_LIFE_MS = 3_600_000;

/** Tries each right that the features need, for real: reads one page each, creates and deletes a subscription. */
export async function probePermissions(
  graph: Graph,
  settings: IntegrationSettings,
  { receiverUrl, now }: ProbePermissionsOptions,
): Promise<PermissionTable> {
  const { permissions: granted } = await graph.signIn();
  const { features, groupId } = settings;
  const probes: Probes = {};
  if (features.userSync) probes.users = toProbed(await probeUsers(graph));
  if (groupId !== null) probes.members = toProbed(await probeMembers(graph, groupId));
  if (features.mfaVerification) probes.report = toProbed(await probeReport(graph, granted));
  if (features.userSync && groupId !== null && receiverUrl !== undefined)
    probes.groupWatch = toProbed(await probeSubscription(graph, toWanted(groupId, receiverUrl, now())));
  const items = toPermissionTable(settings, { granted, probes });
  return { integrationId: settings.integrationId, probedAt: now().toISOString(), items };
}

const toProbed = (probe: ProbeOutcome): Probed => ({
  outcome: probe.outcome,
  why: probe.outcome === 'missing' ? probe.why : null,
});

/** The receiver answers its handshake and drops what it would bring: the client state is none of ours. */
const toWanted = (groupId: string, receiverUrl: string, now: Date) => ({
  entity: 'group' as const,
  resource: `/groups/${groupId}`,
  notificationUrl: `${receiverUrl}/graph/notifications`,
  lifecycleNotificationUrl: `${receiverUrl}/graph/lifecycle`,
  clientState: `probe-${randomUUID()}`,
  expiresAt: new Date(now.getTime() + PROBE_LIFE_MS).toISOString(),
});
