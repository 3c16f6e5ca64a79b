import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { brokers, secretText } from './fields.js';
import { pemFile } from './pem-file.js';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** How Kafka is reached; a schema that has them also has `.superRefine(checkKafka)`. */
export const kafkaFields = () => ({
  KAFKA_BROKERS: brokers().describe('Kafka brokers, host:port with commas between.'),
  KAFKA_TOPIC_PREFIX: z
    .string()
    .max(60)
    .default('')
    .describe('Put before every topic and group name; for tests side by side.'),
  KAFKA_TLS: z
    .enum(['true', 'false'], { error: 'is neither true nor false' })
    .default('false')
    .transform((text) => text === 'true')
    .describe('true: Kafka is spoken to by TLS only, and its certificate is verified.'),
  KAFKA_CA_FILE: pemFile('certificate')
    .optional()
    .describe('PEM certificates of the only authorities that Kafka is believed by; without it those of Node.'),
  KAFKA_CERT_FILE: pemFile('certificate')
    .optional()
    .describe('PEM certificate of this service, where Kafka asks for one; with KAFKA_KEY_FILE.'),
  KAFKA_KEY_FILE: pemFile('key').optional().describe('PEM key that belongs to KAFKA_CERT_FILE.'),
  KAFKA_SASL_MECHANISM: z
    .enum(MECHANISMS, { error: `is none of ${MECHANISMS.join(', ')}` })
    .optional()
    .describe('How this service logs in to Kafka: plain, scram-sha-256 or scram-sha-512; needs KAFKA_TLS=true.'),
  KAFKA_SASL_USERNAME: z.string().optional().describe('Name with which this service logs in to Kafka.'),
  KAFKA_SASL_PASSWORD: secretText(8).optional().describe('Password that belongs to KAFKA_SASL_USERNAME.'),
});

export type KafkaConfig = z.infer<z.ZodObject<ReturnType<typeof kafkaFields>>>;
type Check = { message: string; field: keyof KafkaConfig; isBad: (config: KafkaConfig) => boolean };

const isSet = (value: unknown): boolean => value !== undefined;
const needsTls = (field: 'KAFKA_CA_FILE' | 'KAFKA_CERT_FILE' | 'KAFKA_KEY_FILE'): Check => ({
  field,
  isBad: (config) => isSet(config[field]) && !config.KAFKA_TLS,
  message: 'is of no use without TLS; set KAFKA_TLS=true or remove it',
});
const needs = (field: keyof KafkaConfig, other: keyof KafkaConfig): Check => ({
  field,
  isBad: (config) => isSet(config[field]) && !isSet(config[other]),
  message: `needs ${other}, which is not set; set both or neither`,
});

const CHECKS: readonly Check[] = [
  needsTls('KAFKA_CA_FILE'),
  needsTls('KAFKA_CERT_FILE'),
  needsTls('KAFKA_KEY_FILE'),
  needs('KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'),
  needs('KAFKA_KEY_FILE', 'KAFKA_CERT_FILE'),
  {
    field: 'KAFKA_KEY_FILE',
    isBad: ({ KAFKA_CERT_FILE: cert, KAFKA_KEY_FILE: key }) =>
      cert !== undefined &&
      key !== undefined &&
      !new X509Certificate(cert.reveal()).checkPrivateKey(createPrivateKey(key.reveal())),
    message: 'holds another key than that of KAFKA_CERT_FILE; name the two that were made together',
  },
  needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'),
  needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_PASSWORD'),
  needs('KAFKA_SASL_USERNAME', 'KAFKA_SASL_MECHANISM'),
  needs('KAFKA_SASL_PASSWORD', 'KAFKA_SASL_MECHANISM'),
  {
    field: 'KAFKA_SASL_MECHANISM',
    // PLAIN would show the password to the network, SCRAM what guesses are tried against, both all that is read after.
    isBad: (config) => isSet(config.KAFKA_SASL_MECHANISM) && !config.KAFKA_TLS,
    message: 'would log in without TLS, readable on the network; set KAFKA_TLS=true and name a TLS listener',
  },
];

/** What no field can tell by itself. */
export function checkKafka(config: KafkaConfig, context: z.core.$RefinementCtx): void {
  for (const { field, isBad, message } of CHECKS)
    if (isBad(config)) context.addIssue({ code: 'custom', path: [field], message });
}

/** Of kafkaFields alone, for what needs nothing else. */
export const kafkaSchema = z.object(kafkaFields()).superRefine(checkKafka);

/** What opens the event log: all of it, so that nobody takes the brokers and leaves the login. */
export function toKafka(config: KafkaConfig) {
  const { KAFKA_CA_FILE: ca, KAFKA_CERT_FILE: cert, KAFKA_KEY_FILE: key } = config;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  return {
    brokers: config.KAFKA_BROKERS,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    tls: config.KAFKA_TLS ? { ca: ca?.reveal(), cert: cert?.reveal(), key: key?.reveal() } : undefined,
    login: mechanism && username && password ? { mechanism, username, password: password.reveal() } : undefined,
  };
}
