import { TOPICS, type TopicRole } from '@muster/contracts';

export type TopicNames = {
  toName: (role: TopicRole) => string;
  /** Undefined for a topic that is not ours. */
  toRole: (name: string) => TopicRole | undefined;
  toGroup: (groupId: string) => string;
};

export const ROLES = Object.keys(TOPICS) as TopicRole[];

/** The prefix goes before topics and groups alike, so that systems share a cluster. */
export function createTopicNames(prefix: string): TopicNames {
  const toName = (role: TopicRole): string => prefix + TOPICS[role].name;
  const roles = new Map(ROLES.map((role) => [toName(role), role]));
  return { toName, toRole: (name) => roles.get(name), toGroup: (groupId) => prefix + groupId };
}
