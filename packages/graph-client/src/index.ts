export * from './aadsts.js';
export * from './create-graph-factory.js';
export * from './graph.js';
