import type { TopicRole } from '@muster/contracts';
import type { TopicNames } from './kafka-topic-names.js';

export type Assignment = ReadonlyMap<TopicRole, readonly number[]>;

/** Where a consumer stands in its group. Each join is a new generation; what was begun in an older one is not ours. */
export function createMembership() {
  let generation = 0;
  let assignment: Assignment = new Map();
  let loss: { error: unknown } | undefined;
  return {
    joined: (given: Assignment): void => {
      generation += 1;
      assignment = given;
      loss = undefined;
    },
    /** The first sign of a rebalance. kafkajs re-joins when it gets this error, and not before. */
    lost: (error: unknown): void => {
      loss ??= { error };
    },
    left: (): void => {
      generation += 1;
      assignment = new Map();
    },
    loss: () => loss,
    generation: () => generation,
    assignment: () => assignment,
  };
}
export type Membership = ReturnType<typeof createMembership>;

export const toAssignment = (members: Record<string, number[]>, names: TopicNames): Assignment =>
  new Map(
    Object.entries(members).flatMap(([name, partitions]) => {
      const role = names.toRole(name);
      return role ? [[role, [...partitions].sort((a, b) => a - b)] as const] : [];
    }),
  );
