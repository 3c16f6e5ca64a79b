export * from './chromium.js';
export { eventually } from './eventually.js';
export type { Eventually } from './eventually.js';
export { testServers } from './infrastructure.js';
export type { TestServers } from './infrastructure.js';
export { createResources } from './resources.js';
export type { Resources } from './resources.js';
export { createBrowser, fetchSend } from './simulated-browser.js';
export type { Browser, Place, Send } from './simulated-browser.js';
