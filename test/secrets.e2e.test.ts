import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@muster/cli';
import { findLeaks, testServers, type Evidence, type KnownSecret } from '@muster/test-support';
import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { readCollections, readLogs, readTopics } from './src/evidence.js';
import { createSecretScene, OPERATOR, type SecretScene } from './src/secret-scene.js';

/** What is sealed at rest, and by which key: a fingerprint, no secret. */
const SEALED = /\bs1\.([0-9a-f]{12})\.[\w-]{16}\.[\w-]{22,}/g;
const SEALED_COLLECTIONS = ['integrations', 'tokenCaches', 'alertTargets'];

/** A shorter one may stand in a log by chance. */
const SHORTEST_NAME = 12;

/** A whole run of a small system with every kind of secret that there is; then everything that it left is read. */
describe('secrets, after everything was done once', () => {
  const brokers = testServers().kafkaBrokers.split(',');
  let scene: SecretScene;
  let evidence: Evidence[];
  let secrets: KnownSecret[];

  const collect = async (): Promise<Evidence[]> => {
    const { system } = scene;
    const { topics, evidence: messages } = await readTopics({ brokers, topicPrefix: system.topicPrefix });
    const { collections, evidence: documents } = await readCollections(system.mongodbUri);
    assert.ok(topics.length >= 6 && collections.length >= 15, `${topics.join(' ')} ${collections.join(' ')}`);
    return [...readLogs(system.logs), ...messages, ...documents, ...(await scene.answers())];
  };

  /** What people are called, by their documents. */
  const namesOf = (documents: readonly Evidence[]): KnownSecret[] =>
    documents
      .filter(({ where }) => where.startsWith('collection users '))
      .flatMap(({ text }) => {
        const { displayName, userPrincipalName, mail } = JSON.parse(text) as Record<string, string | null>;
        return [displayName, userPrincipalName, mail]
          .filter((value) => value !== null && value !== undefined)
          .filter((value) => value.length >= SHORTEST_NAME)
          .map((value) => ({ name: 'name', value }));
      });

  before(async () => {
    scene = await createSecretScene();
    await scene.connectDelegated();
    await scene.connectByCertificate();
    await scene.signInMember();
    await scene.tellAlerts();
    await scene.useKeys();
    await scene.forgeNotifications();
    await scene.readEverything();
  });
  after(() => scene.stop());

  it('a new sealing key takes over all that is sealed, by command', async () => {
    const origin = await scene.startAdminWithNewKey();
    const said: string[] = [];
    const code = await run(['keys', 'rotate'], {
      env: { MUSTER_URL: origin, MUSTER_API_KEY: scene.system.keys.MUSTER_BOOTSTRAP_KEY },
      cwd: '/',
      out: (line) => said.push(line),
      complain: (line) => said.push(line),
      readStdin: () => Promise.resolve(null),
    });
    assert.equal(code, 0, said.join('\n'));
    scene.hear('muster keys rotate', said.join('\n'));
    const { evidence: documents } = await readCollections(scene.system.mongodbUri);
    const sealed = documents.flatMap(({ where, text }) =>
      [...text.matchAll(SEALED)].map(([, keyId]) => ({ collection: where.split(' ')[1] ?? '', keyId })),
    );
    assert.deepEqual(
      [...new Set(sealed.map(({ collection }) => collection))].toSorted(),
      SEALED_COLLECTIONS.toSorted(),
    );
    assert.deepEqual([...new Set(sealed.map(({ keyId }) => keyId))], [scene.newKeyId]);
  });

  it('none is in a log, a topic, a collection or an answer', async () => {
    secrets = scene.secrets();
    const names = secrets.map(({ name }) => name);
    for (const name of ['client secret', 'access token', 'refresh token', 'clientState', 'session id', 'API key'])
      assert.ok(
        names.some((one) => one.includes(name)),
        `${name} was not used: ${names.join(', ')}`,
      );
    evidence = await collect();
    for (const kind of ['log', 'topic', 'collection', 'GET', 'POST'])
      assert.ok(
        evidence.some(({ where }) => where.startsWith(kind)),
        kind,
      );
    assert.deepEqual(findLeaks(secrets, evidence), []);
  });

  it('nor is in a log what any person is called', () => {
    const names = namesOf(evidence);
    assert.ok(names.length >= 20, `${names.length} names`);
    const logs = evidence.filter(({ where }) => where.startsWith('log '));
    assert.deepEqual(findLeaks([...names, { name: 'operator', value: OPERATOR }], logs), []);
    const [{ value } = { value: '' }] = names;
    assert.equal(findLeaks(names, [{ where: 'log planted', text: `failed for ${value}` }]).length > 0, true);
  });

  it('the search would have found them: one planted in each kind of place is', async () => {
    const { system } = scene;
    const secret = secrets.find(({ name }) => name.includes('client secret'))!.value;
    writeFileSync(join(system.logs, 'planted.log'), JSON.stringify({ msg: 'failed', cause: `x${secret}` }));
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    const value = Buffer.from(`{"clientSecret":"${secret}"}`).toString('base64');
    await producer.send({
      topic: `${system.topicPrefix}dead-letters`,
      messages: [
        { key: 'planted', value },
        { key: 'planted', value: '', headers: { authorization: secret } },
      ],
    });
    await producer.disconnect();
    const connection = await mongoose.createConnection(system.mongodbUri).asPromise();
    await connection.collection('planted').insertOne({ held: Buffer.from(secret) });
    await connection.close();
    scene.hear('GET /planted', encodeURIComponent(secret));
    const leaks = findLeaks(secrets, await collect());
    const places = leaks.map((leak) => / is in (log|topic|collection|GET) /.exec(leak)?.[1]);
    assert.deepEqual(places.toSorted(), ['GET', 'collection', 'log', 'topic', 'topic'], leaks.join('\n'));
  });
});
