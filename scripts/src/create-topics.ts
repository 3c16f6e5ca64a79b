// Creates the topics on the brokers that the environment names, then ends (a step of docker-compose.yml).
import { kafkaSchema, loadConfig, toKafka } from '@muster/config';
import { createTopics } from './stack/topics.js';

try {
  await createTopics(toKafka(loadConfig(kafkaSchema, process.env)));
  console.log('the topics are there');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
