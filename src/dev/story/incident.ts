/** What goes wrong at Contoso: one careless cleanup script, told as Graph calls of an administrator beside the product. */
import type { Clients, Json } from './clients.ts';

export interface Victim {
  readonly name: string;
  readonly userPrincipalName: string;
  /** What the person who reads the story is told about their loss. */
  readonly fate: string;
}

const victim = (name: string, fate: string): Victim => ({
  name,
  userPrincipalName: `${name.toLowerCase().replace(' ', '.')}@contoso.com`,
  fate,
});

export const mara = victim('Mara Lindqvist', 'deleted, still in the recycle bin');
export const tomas = victim('Tomas Okafor', 'deleted for good');
export const ines = victim('Ines Moreau', 'synced from on-premises, deleted for good');
export const hanna = victim('Hanna Solberg', 'still there, but damaged');

export const victims: readonly Victim[] = [mara, tomas, ines, hanna];

export interface Deed {
  readonly told: string;
  do(): Promise<void>;
}

/** The deeds of the incident, in order; `ids` are those of before it. */
export function incident({ graph, all }: Clients, ids: ReadonlyMap<Victim, string>): readonly Deed[] {
  const purge = async (who: Victim): Promise<void> => {
    await graph('DELETE', `/users/${ids.get(who)}`);
    await graph('DELETE', `/directory/deletedItems/${ids.get(who)}`);
  };
  return [
    {
      told: `${mara.name} is deleted. She lies in the recycle bin.`,
      do: () => graph('DELETE', `/users/${ids.get(mara)}`),
    },
    {
      told: `${tomas.name} is deleted, and the bin is emptied after him. His object id is gone for ever.`,
      do: () => purge(tomas),
    },
    {
      told: `${ines.name}, whose account comes from the on-premises directory, goes the same way.`,
      do: () => purge(ines),
    },
    {
      told: `${hanna.name} stays, but is thrown out of her groups, and her department and title are overwritten.`,
      do: async () => {
        const id = ids.get(hanna);
        for (const group of await all(`/users/${id}/memberOf/microsoft.graph.group?$select=id,displayName`)) {
          await graph('DELETE', `/groups/${(group as Json).id}/members/${id}/$ref`);
        }
        await graph('PATCH', `/users/${id}`, { department: 'To be deleted', jobTitle: null, officeLocation: null });
      },
    },
  ];
}
