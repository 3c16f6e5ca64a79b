// Creates the topics on the brokers that the environment names, then ends (a step of docker-compose.yml).
import { kafkaFields, loadConfig } from '@muster/config';
import { z } from 'zod';
import { createTopics } from './stack/topics.js';

try {
  const config = loadConfig(z.object(kafkaFields()), process.env);
  await createTopics(config.KAFKA_BROKERS, config.KAFKA_TOPIC_PREFIX);
  console.log('the topics are there');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
