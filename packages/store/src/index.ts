export * from './access-store.js';
export * from './connect-mongo.js';
export * from './hold-lease.js';
export * from './open-proof.js';
export * from './people-filter.js';
export * from './reconciler-store.js';
export * from './seal.js';
export * from './store.js';
