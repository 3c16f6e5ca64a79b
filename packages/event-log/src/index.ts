export * from './decode.js';
export * from './event-log.js';
export * from './kafka-event-log.js';
export { quietRequestQueue } from './kafka-request-queue.js';
export * from './topics-part.js';
