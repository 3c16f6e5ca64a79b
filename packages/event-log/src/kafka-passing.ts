import { causesOf, isCutLogin } from './kafka-security.js';

/**
 * kafkajs gives up for good on these, wrapped where the consumer was in its group before. The first it calls everything
 * that hinders it while it seeks the coordinator: a broker that is still loading its groups, a connection that closes or
 * is half-open. The second is a connect that others have waited for, too.
 */
const PASSING = new Set(['KafkaJSGroupCoordinatorNotFound', 'KafkaJSLockTimeout']);

/** What ends a consumer of kafkajs, but not one of ours: it joins again. */
export const isPassing = (error: unknown): boolean =>
  [...causesOf(error)].some((cause) => PASSING.has(cause.name) || isCutLogin(cause));
