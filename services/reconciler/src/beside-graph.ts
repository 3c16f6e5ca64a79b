import type { Graph } from '@muster/graph-client';

/** Waits without keeping others waiting, once it takes long. */
export type Beside = <T>(wait: () => Promise<T>) => Promise<T>;

/** The same rows, each of which is waited for so. */
export async function* besideEach<T>(pages: AsyncIterable<T>, beside: Beside): AsyncGenerator<T> {
  const reading = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await beside(() => reading.next());
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    await reading.return?.();
  }
}

/** The same Graph for a full read: whoever waits for its answers, or for the budget, keeps no other read waiting. */
export function besideGraph(graph: Graph, beside: Beside): Graph {
  return {
    ...graph,
    readUsers: (userIds, options) => beside(() => graph.readUsers(userIds, options)),
    countUsers: () => beside(() => graph.countUsers()),
    readGroup: (groupId) => beside(() => graph.readGroup(groupId)),
    signIn: () => beside(() => graph.signIn()),
    userPages: (options) => besideEach(graph.userPages(options), beside),
    memberPages: (groupId) => besideEach(graph.memberPages(groupId), beside),
    mfaPages: (options) => besideEach(graph.mfaPages(options), beside),
    userDeltaPages: (options) => besideEach(graph.userDeltaPages(options), beside),
    groupDeltaPages: (options) => besideEach(graph.groupDeltaPages(options), beside),
  };
}
