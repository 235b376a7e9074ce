/** Where an instance is asked after: the URLs that Azure hands out, and the input of a `durableClient` binding that holds them. */

export interface DurableUrls {
  /** The payload of a 202: `id` and one URL per operation. */
  forInstance(id: string): Record<string, string>;
  /** JSON of the binding's input; ids stand as `INSTANCEID`. */
  readonly clientInput: string;
}

/** `origin` such as `http://127.0.0.1:7071`; `key` opens the webhooks. */
export function durableUrls(origin: string, taskHub: string, key: string): DurableUrls {
  const base = `${origin}/runtime/webhooks/durabletask`;
  const query = `taskHub=${taskHub}&connection=Storage&code=${key}`;
  const forInstance = (id: string) => {
    const instance = `${base}/instances/${id}`;
    return {
      id,
      statusQueryGetUri: `${instance}?${query}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
      terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
      rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
      purgeHistoryDeleteUri: `${instance}?${query}`,
      restartPostUri: `${instance}/restart?${query}`,
      suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
      resumePostUri: `${instance}/resume?reason={text}&${query}`,
    };
  };
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]?${query}`;
  const clientInput = JSON.stringify({
    taskHubName: taskHub,
    creationUrls: { createNewInstancePostUri: create, createAndWaitOnNewInstancePostUri: create },
    managementUrls: forInstance('INSTANCEID'),
    baseUrl: base,
    requiredQueryStringParameters: query,
    rpcBaseUrl: `${origin}/durabletask/`,
  });
  return { forInstance, clientInput };
}
