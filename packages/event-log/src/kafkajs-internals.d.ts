/** Modules of kafkajs 2.2.4 that it does not export and that are mended; each has its shape where it is mended. */
declare module 'kafkajs/src/network/connection.js' {
  const connection: { prototype: unknown };
  export = connection;
}
declare module 'kafkajs/src/network/requestQueue/index.js' {
  const requestQueue: { prototype: unknown };
  export = requestQueue;
}
