/** What `pnpm test:int` and `pnpm test:e2e` put into the environment before node starts. */
export type TestServers = {
  readonly kafkaBrokers: string;
  readonly mongodbUri: string;
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  readonly caFile: string;
};

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(
    `${name} is not set; run the suite by "pnpm test:int [files]" or "pnpm test:e2e [files]", which start the servers`,
  );
}

/** The real servers of this run. */
export const testServers = (): TestServers => ({
  kafkaBrokers: required('KAFKA_BROKERS'),
  mongodbUri: required('MONGODB_URI'),
  tlsCertFile: required('TLS_CERT_FILE'),
  tlsKeyFile: required('TLS_KEY_FILE'),
  // Node reads it once, when it starts: a test cannot set it for itself.
  caFile: required('NODE_EXTRA_CA_CERTS'),
});

/** Mocha loads this file for int and e2e: a run without servers ends here, with the cure, not in fifty time-outs. */
export function mochaGlobalSetup(): void {
  testServers();
}
