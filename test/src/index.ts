export * from './compare-with-truth.js';
export * from './connect-tenant.js';
export * from './system.js';
