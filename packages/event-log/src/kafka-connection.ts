import type { Socket } from 'node:net';
import connection from 'kafkajs/src/network/connection.js';

/** The part of kafkajs 2.2.4's `src/network/connection.js` that is mended. */
export type KafkaConnection = {
  socket?: Socket;
  /** What has come of answers so far. */
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  isConnected: () => boolean;
  rejectRequests: (error: unknown) => void;
  connect: () => Promise<unknown>;
  disconnect: () => Promise<unknown>;
  send: (request: object) => Promise<unknown>;
};

/** An answer begins with its size. */
const SIZE_BYTES = 4;

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'KafkaJSRequestTimeoutError';

/**
 * kafkajs goes on with the same object when it connects anew, and keeps the half of an answer that a dying connection
 * left in it: all that comes by the new connection is then taken for the other half, and no request is ever answered,
 * however often the consumer restarts. Besides, it keeps a connection on which requests time out, such as a half-open
 * one, where Kafka's own client drops it. And it only ends a socket that did not get to speak in time: by TLS, to a peer
 * that takes connections and is silent, that one stays open for ever, and if the handshake comes late after all, kafkajs
 * takes the connection that it gave up for a good one. And several requests that find no connection open one each: all
 * but the last are forgotten, until the broker ends one of them as idle and kafkajs takes that for the end of the other.
 */
function mend(prototype: KafkaConnection): void {
  const { connect, disconnect, send } = prototype;
  const connecting = new WeakMap<KafkaConnection, Promise<unknown>>();
  async function connectOnce(this: KafkaConnection): Promise<unknown> {
    if (!this.isConnected()) {
      this.socket?.removeAllListeners('data');
      // Its end, which may come yet, would count as that of the next one.
      this.socket?.destroy();
      this.chunks = [];
      this.bytesBuffered = 0;
      this.bytesNeeded = SIZE_BYTES;
    }
    try {
      return await connect.call(this);
    } catch (error) {
      this.socket?.destroy();
      throw error;
    }
  }
  prototype.connect = function (this: KafkaConnection) {
    const begun = connecting.get(this) ?? connectOnce.call(this).finally(() => connecting.delete(this));
    connecting.set(this, begun);
    return begun;
  };
  prototype.send = async function (this: KafkaConnection, request: object) {
    const { socket } = this;
    try {
      return await send.call(this, request);
    } catch (error) {
      // Of the requests that wait side by side the first one does it for all.
      if (isTimeout(error) && socket && socket === this.socket && this.isConnected()) {
        const ended = disconnect.call(this);
        this.rejectRequests(error);
        await ended;
        socket.destroy();
      }
      throw error;
    }
  };
}

let mended = false;

/** Once for the process. The version is pinned exactly; the unit test fails if the shape changes. */
export function mendConnections(): void {
  if (mended) return;
  const { prototype } = connection as { prototype: KafkaConnection };
  for (const name of ['connect', 'disconnect', 'send', 'rejectRequests', 'isConnected'] as const)
    if (typeof prototype[name] !== 'function')
      throw new Error('kafkajs changed its connection: look again at kafka-connection.ts');
  mend(prototype);
  mended = true;
}
