/** How synchronization may match accounts to cloud users (graph-facts 6; L:api/resources/onpremisesdirectorysynchronizationfeature). */
import type { MatchRules } from '../directory/gateway.ts';
import type { JsonObject } from '../directory/record.ts';
import { read } from './call.ts';
import type { Transport } from './client.ts';
import { collect } from './finding.ts';
import type { Lane } from './lane.ts';

export async function matchRules(lane: Lane, transport: Transport): Promise<MatchRules> {
  const call = read('/directory/onPremisesSynchronization', [], { $select: ['id', 'features'] });
  const [synchronization] = (await collect(lane, transport, call)) ?? [];
  const features = (synchronization?.features ?? {}) as JsonObject;
  return {
    hard: features.blockCloudObjectTakeoverThroughHardMatchEnabled !== true,
    soft: features.blockSoftMatchEnabled !== true && features.softMatchOnUpnEnabled !== false,
  };
}
