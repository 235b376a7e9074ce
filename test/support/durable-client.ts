/** A durable client for unit tests: it remembers what was started and tells of it what a test says. */
import type { DurableClient } from 'durable-functions';

export interface ScriptedClient extends DurableClient {
  readonly started: { readonly flow: string; readonly instanceId: string; readonly input: unknown }[];
  /** Runtime status by instance id; what is not here is unknown to the engine. */
  readonly statuses: Map<string, string>;
  /** The engine does not answer. */
  down: boolean;
}

export function scriptedClient(): ScriptedClient {
  const client: Pick<ScriptedClient, 'started' | 'statuses' | 'down'> & Pick<DurableClient, 'startNew' | 'getStatus'> =
    {
      started: [],
      statuses: new Map(),
      down: false,
      async startNew(flow, options) {
        if (client.down) throw new Error('connect ECONNREFUSED');
        const instanceId = options?.instanceId ?? '';
        client.started.push({ flow, instanceId, input: options?.input });
        client.statuses.set(instanceId, 'Running');
        return instanceId;
      },
      async getStatus(instanceId) {
        if (client.down) throw new Error('connect ECONNREFUSED');
        const runtimeStatus = client.statuses.get(instanceId);
        // The words of durable-functions 3.5 for an instance that the engine does not know.
        if (runtimeStatus === undefined)
          throw new Error('DurableClient error: Durable Functions extension replied with HTTP 404 response.');
        return { runtimeStatus } as Awaited<ReturnType<DurableClient['getStatus']>>;
      },
    };
  return client as ScriptedClient;
}
