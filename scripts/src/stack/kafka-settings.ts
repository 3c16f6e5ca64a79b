export const KAFKA_VERSION = '4.1.0';

/** Maven resolves the broker and everything that it needs to run. */
export const kafkaPom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>muster</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.24.3</version>
    </dependency>
  </dependencies>
</project>
`;

/** Warnings and errors to stdout, which is the log file of the child. */
export const kafkaLogging = `rootLogger.level=WARN
rootLogger.appenderRef.stdout.ref=stdout
appender.stdout.type=Console
appender.stdout.name=stdout
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=[%d] %p %m (%c)%n
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=INFO
`;

export type KafkaPlace = {
  readonly port: number;
  readonly controllerPort: number;
  /** What clients are told to connect to; another than `port` when a proxy stands between. */
  readonly advertisedPort: number;
  readonly dataFolder: string;
  /** Beside the plain listener, for tests. */
  readonly more?: MoreListeners | undefined;
};

export type MoreListeners = {
  /** By name, which is also the security protocol. */
  readonly ports: Readonly<Record<string, number>>;
  /** Kafka's own settings of them. */
  readonly properties: Readonly<Record<string, string>>;
};

/** In a file of properties a line ends the value. */
const toLine = (value: string | number | boolean): string =>
  String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** One KRaft node, broker and controller at once, reachable on loopback only. */
export function kafkaProperties({ port, controllerPort, advertisedPort, dataFolder, more }: KafkaPlace): string {
  const others = Object.entries(more?.ports ?? {}).map(([name, at]) => `,${name}://127.0.0.1:${at}`);
  const protocols = Object.keys(more?.ports ?? {}).map((name) => `,${name}:${name}`);
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${others.join('')}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}${others.join('')}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols.join('')}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataFolder,
    'auto.create.topics.enable': false,
    // A consumer that is alone need not wait for others to join.
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Each partition's preallocated index is 10 MB by default; forty partitions need not be 800 MB.
    'log.index.size.max.bytes': 1_048_576,
    'num.network.threads': 2,
    'num.io.threads': 4,
    ...more?.properties,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${toLine(value)}\n`)
    .join('');
}
