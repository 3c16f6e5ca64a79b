export * from './create-tenant-graphs.js';
export * from './open-credentials.js';
export * from './token-vault.js';
