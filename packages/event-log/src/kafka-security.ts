import type { KafkaConfig, SASLOptions } from 'kafkajs';

/** How Kafka is spoken to; neither: in the clear, and nobody says who he is. */
export type KafkaSecurity = {
  /** PEM texts. `ca`: nobody else is believed; `cert` and `key`: who we are, where Kafka asks for it. */
  tls?: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | undefined;
  login?: { mechanism: Mechanism; username: string; password: string } | undefined;
};
type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

/** kafkajs puts its authenticator into what it is given: each client gets objects of its own. */
export const toClientSecurity = ({ tls, login }: KafkaSecurity): Pick<KafkaConfig, 'ssl' | 'sasl'> => ({
  // What is not set is left out: Node takes an empty `ca` for nobody.
  ...(tls && { ssl: Object.fromEntries(Object.entries(tls).filter(([, pem]) => pem !== undefined)) }),
  ...(login && { sasl: { ...login } as SASLOptions }),
});

/** What OpenSSL and Node say of a certificate that they do not believe. */
const UNTRUSTED =
  /^(SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_|CERTIFICATE_|INVALID_(CA|PURPOSE)|ERR_TLS_CERT)/;

/** kafkajs wraps what it gave up on. */
export function* causesOf(error: unknown): Generator<Error & { code?: unknown }> {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) yield at;
}

/**
 * kafkajs calls every end of a login a refusal, and keeps of the cause nothing but its words. These are its own, of a
 * broker that is silent or gone; what the broker itself says stands in the same place.
 */
const CUT =
  /^SASL (PLAIN|SCRAM SHA\d+) authentication failed: (Request SaslAuthenticate\([^)]*\) timed out|Closed connection|Connection timeout|Connection error: .*|Not connected)$/s;
export const isCutLogin = ({ name, message }: Error): boolean =>
  name === 'KafkaJSSASLAuthenticationError' && CUT.test(message);

/** Which setting to look at, where Kafka and we do not agree who may speak; else undefined. */
export function toCure(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    const { name, code, message } = cause;
    if (name === 'KafkaJSSASLAuthenticationError' && !isCutLogin(cause))
      return 'Kafka refuses the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD';
    if (typeof code === 'string' && UNTRUSTED.test(code))
      return 'the certificate of Kafka is not believed: check KAFKA_CA_FILE and the names in KAFKA_BROKERS';
    if (message.includes('before secure TLS connection was established') || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
      return 'nobody speaks TLS there: check KAFKA_TLS and the port in KAFKA_BROKERS';
  }
  return undefined;
}
