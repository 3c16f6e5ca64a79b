export * from './aadsts.js';
export * from './create-graph-factory.js';
export * from './discover-tenant.js';
export * from './graph.js';
export type { SignedInPerson } from './id-token.js';
export * from './msal-sign-in.js';
export * from './read-sign-in-return.js';
export * from './sign-in.js';
export * from './token-vault.js';
