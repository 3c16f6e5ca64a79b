export * from './fields.js';
export * from './kafka-fields.js';
export * from './load-config.js';
export * from './pem-file.js';
export * from './secret.js';
