/** An instance as the platform's status endpoint tells it. */
import { encodeHistory } from './codec.ts';
import { hasEnded, type Instance } from './history.ts';

/** Input and output are decoded; times are whole seconds, as in Azure. An ended instance has lost its history here. */
export function statusOf(instance: Instance, query: URLSearchParams): Record<string, unknown> {
  const parsed = (json: string | undefined) => (json === undefined ? null : (JSON.parse(json) as unknown));
  const status = {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: isOff(query, 'showInput') ? null : parsed(instance.input),
    customStatus: parsed(instance.customStatus),
    output: hasEnded(instance.status) ? parsed(instance.output) : null,
    createdTime: wholeSeconds(instance.createdAt),
    lastUpdatedTime: wholeSeconds(instance.updatedAt),
  };
  return query.get('showHistory')?.toLowerCase() === 'true'
    ? { ...status, historyEvents: encodeHistory(instance) }
    : status;
}

const isOff = (query: URLSearchParams, name: string) => query.get(name)?.toLowerCase() === 'false';
const wholeSeconds = (at: string) => `${at.slice(0, 19)}Z`;

export interface InstanceFilter {
  readonly statuses: readonly string[];
  readonly from: number;
  readonly to: number;
}

export function filterOf(query: URLSearchParams): InstanceFilter {
  const time = (name: string, otherwise: number) => {
    const value = Date.parse(query.get(name) ?? '');
    return Number.isNaN(value) ? otherwise : value;
  };
  return {
    statuses: (query.get('runtimeStatus') ?? '').toLowerCase().split(',').filter(Boolean),
    from: time('createdTimeFrom', Number.NEGATIVE_INFINITY),
    to: time('createdTimeTo', Number.POSITIVE_INFINITY),
  };
}

export function fits(instance: Instance, { statuses, from, to }: InstanceFilter): boolean {
  const created = Date.parse(instance.createdAt);
  return (
    created >= from && created <= to && (statuses.length === 0 || statuses.includes(instance.status.toLowerCase()))
  );
}
