export * from './part.js';
export * from './now.js';
