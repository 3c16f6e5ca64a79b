export { createLayout } from './stack/layout.js';
export type { Layout } from './stack/layout.js';
export { createProgress, describeFailure } from './stack/progress.js';
export type { Progress } from './stack/progress.js';
export { createStack } from './stack/stack.js';
export type { Stack } from './stack/stack.js';
export { waitUntil } from './stack/wait-until.js';
