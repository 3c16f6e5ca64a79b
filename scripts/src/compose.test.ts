import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeConfig } from '@muster/config';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadServiceSchema, SERVICES } from './service-schemas.js';
import { createLayout } from './stack/layout.js';

const condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);
const composed = z.object({
  image: z.string().optional(),
  build: z.object({ args: z.object({ SERVICE: z.string() }) }).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  depends_on: z.record(z.string(), z.object({ condition })).default({}),
  healthcheck: z.object({ disable: z.boolean().optional(), test: z.array(z.string()).optional() }).optional(),
  read_only: z.boolean().optional(),
  user: z.string().optional(),
  security_opt: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
});
const composeFile = z.object({
  services: z.record(z.string(), composed),
  volumes: z.record(z.string(), z.unknown()),
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() }).nullable()),
});

const { root } = createLayout();
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const { services, volumes, networks } = composeFile.parse(parse(text, { merge: true }));
const built = Object.entries(services).filter(([, service]) => service.build);

describe('docker-compose.yml', () => {
  it('waits only for services that are there and whose state can be known', () => {
    for (const [name, { depends_on }] of Object.entries(services)) {
      for (const [other, { condition: wanted }] of Object.entries(depends_on)) {
        const service = services[other];
        assert.ok(service, `${name} waits for ${other}, which is not there`);
        const isOnce = service.healthcheck?.disable === true;
        assert.equal(
          wanted,
          isOnce ? 'service_completed_successfully' : 'service_healthy',
          `${name} waits for ${other}`,
        );
      }
    }
  });

  it('runs every process without rights that it does not need', () => {
    assert.equal(built.length, SERVICES.length + 3);
    for (const [name, service] of Object.entries(services)) {
      assert.equal(service.read_only, true, name);
      assert.deepEqual(service.cap_drop, ['ALL'], name);
      const writable =
        name === 'kafka' ? ['/tmp', '/opt/kafka/config:mode=1777', '/opt/kafka/logs:mode=1777'] : ['/tmp'];
      assert.deepEqual(service.tmpfs, writable, name);
    }
    // Nothing in the file takes the image's own user back.
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
    assert.match(dockerfile, /^USER node$(?![\s\S]*^(?:FROM|USER) )/m);
    for (const [name, { user }] of Object.entries(services)) {
      const expected = { kafka: 'appuser', mongo: 'mongodb' }[name];
      assert.equal(user, expected, `${name} runs as ${user ?? "the image's user"}`);
    }
    for (const [name, service] of Object.entries(services)) {
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
      for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:/, `${name} is open to the network`);
    }
  });

  it('mounts only volumes that are declared', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const volume of service.volumes) assert.ok((volume.split(':')[0] ?? '') in volumes, `${name}: ${volume}`);
    }
  });

  it('lets only who needs it reach the database or the broker, neither of which asks for a login', () => {
    const on = (network: string): string[] =>
      Object.entries(services).flatMap(([name, service]) => (service.networks.includes(network) ? [name] : []));
    const withDatabase = ['mongo', ...SERVICES.filter((name) => name !== 'receiver')];
    assert.deepEqual(on('database').sort(), withDatabase.sort());
    assert.deepEqual(on('log').sort(), ['create-topics', 'kafka', ...SERVICES].sort());
    for (const network of ['database', 'log']) assert.equal(networks[network]?.internal, true, network);
    for (const [name, service] of Object.entries(services)) {
      if (service.networks.length === 0) assert.equal(service.network_mode, 'none', `${name} is on the usual network`);
      for (const network of service.networks) assert.ok(network in networks, `${name}: ${network}`);
      const others = Object.keys(service.depends_on).filter((other) => services[other]?.network_mode !== 'none');
      for (const other of others) {
        const isOnce = services[other]?.healthcheck?.disable === true;
        const meets = services[other]?.networks.some((network) => service.networks.includes(network));
        assert.ok(isOnce || meets, `${name} cannot reach ${other}`);
      }
    }
  });

  it('gives the private key to the servers that it is of', () => {
    const holders = Object.entries(services).filter(([, service]) =>
      service.volumes.some((volume) => volume.startsWith('tls:')),
    );
    assert.deepEqual(holders.map(([name]) => name).sort(), ['create-certificates', 'receiver', 'simulator']);
    for (const [name, { environment, volumes: mounted }] of Object.entries(services)) {
      const trusted = environment['NODE_EXTRA_CA_CERTS'];
      if (trusted !== undefined)
        assert.deepEqual([trusted, mounted.includes('trust:/trust:ro')], ['/trust/ca.pem', true], name);
    }
  });

  for (const service of SERVICES) {
    it(`gives ${service} every variable that it needs, and none that it does not know`, async () => {
      const { environment = {} } = services[service] ?? {};
      const fields = describeConfig(await loadServiceSchema(root, service));
      const known = new Set([...fields.map(({ name }) => name), 'NODE_EXTRA_CA_CERTS']);
      const needed = fields.filter(({ required }) => required).map(({ name }) => name);
      assert.deepEqual(
        needed.filter((name) => !(name in environment)),
        [],
        'missing',
      );
      assert.deepEqual(
        Object.keys(environment).filter((name) => !known.has(name)),
        [],
        'unknown',
      );
    });
  }

  it('holds no secret: every key comes from .env, and its absence is told', () => {
    for (const [name, { environment }] of Object.entries(services)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (/KEY(S)?$/.test(variable)) assert.match(String(value), /^\$\{[A-Z_]+:\?[^}]+\}$/, `${name}: ${variable}`);
      }
    }
  });
});
