/** The licences of one object, by name and by where they come from (`assignedByGroup` empty: direct, graph-facts 3.3). */
import type { DirectoryRecord, Id, Json, JsonObject } from '../directory/record.ts';
import type { Describable, Related } from './describe.ts';

export async function licencesOf(
  reader: Describable,
  { body }: DirectoryRecord,
  groupNamed: (id: Id) => Promise<Related>,
): Promise<Related[]> {
  const assigned = objects(body.assignedLicenses);
  const states = objects(body.licenseAssignmentStates);
  const licences = states.length > 0 ? states : assigned;
  if (licences.length === 0) return [];
  const names = await skuNames(reader);
  return Promise.all(
    licences.map(async ({ skuId, disabledPlans, assignedByGroup, state }): Promise<Related> => {
      const id = String(skuId);
      return {
        id,
        type: 'subscribedSku',
        displayName: names.get(id) ?? null,
        skuId: id,
        ...(names.has(id) ? { skuPartNumber: names.get(id) } : {}),
        disabledPlans: Array.isArray(disabledPlans) ? disabledPlans : [],
        ...(typeof state === 'string' ? { state } : {}),
        ...(typeof assignedByGroup === 'string' ? { inheritedFrom: await groupNamed(assignedByGroup) } : {}),
      };
    }),
  );
}

async function skuNames(reader: Describable): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (!reader.has('subscribedSkus')) return names;
  for await (const { body } of reader.scan('subscribedSkus')) names.set(String(body.skuId), String(body.skuPartNumber));
  return names;
}

const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((entry): entry is JsonObject => typeof entry === 'object' && entry !== null) : [];
