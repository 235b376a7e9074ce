/** The end of the story: what was lost, what came back, and whether the report and an independent reading agree. */
import Table from 'cli-table3';
import type { Json } from './clients.ts';
import type { Victim } from './incident.ts';
import { type Aspect, aspects, lacking, type Portrait } from './portrait.ts';

export interface Fate {
  readonly victim: Victim;
  readonly before: Portrait;
  readonly after: Portrait;
  /** The person's row in the report of the restore that brought them back. */
  readonly first: Json;
  /** The row in the report of the last restore. */
  readonly row: Json;
}

/** Reasons for which something cannot be given back through Graph by anyone; the demo's company has such cases on purpose. */
const beyondGraph: Readonly<Record<string, string>> = {
  'mail-enabled-group-not-writable': 'only Exchange can write a mail-enabled group',
  'group-on-premises': 'the group is synced; the on-premises directory writes it',
  'user-on-premises-attribute': 'the value belongs to the on-premises directory and comes with the next sync',
};

const relationsOf: Readonly<Record<Aspect, readonly string[]>> = {
  groups: ['memberOf'],
  'owner of': ['ownedObjects'],
  units: ['administrativeUnits'],
  roles: ['roleAssignments'],
  licences: ['licenses'],
  manager: ['manager'],
  reports: ['directReports', 'manager'],
  photo: [],
};

export interface Verdict {
  /** Things that are not back, each with the reason the report gives. */
  readonly named: readonly string[];
  /** What is not back although nothing explains it, or what the report says otherwise. Empty means verified. */
  readonly complaints: readonly string[];
}

/**
 * Compares what Graph shows now with what it showed before, and both with what the report says.
 * @param writes what one more restore of the same people wrote.
 */
export function judge(job: Json, fates: readonly Fate[], writes: number): Verdict {
  const named: string[] = [];
  const complaints: string[] = [];
  if (writes !== 0) complaints.push(`one more restore wrote ${writes} times`);
  if (!['completed', 'incomplete'].includes(job.status)) complaints.push(`the job ended ${job.status}`);
  for (const { victim, before, after, row } of fates) {
    if (row.verification?.matched !== true && row.result !== 'partial') {
      complaints.push(`${victim.name}: the product's own reading back found differences`);
    }
    const { things, attributes } = lacking(before, after);
    for (const name of attributes) complaints.push(`${victim.name}: ${name} is not as before`);
    for (const { aspect, name } of things) {
      const told = row.links.find(
        (link: Json) => relationsOf[aspect].includes(link.relation) && link.targetName === name && link.reason,
      );
      const why = told === undefined ? undefined : beyondGraph[told.reason];
      if (why === undefined) complaints.push(`${victim.name}: ${aspect} "${name}" is missing`);
      else named.push(`${victim.name}: ${aspect} "${name}": ${why} (${told.reason})`);
    }
  }
  if (named.length === 0 && job.status !== 'completed')
    complaints.push('nothing is missing, yet the job is incomplete');
  if (named.length > 0 && job.status === 'completed') complaints.push('something is missing, yet the job is completed');
  return { named, complaints };
}

const howBack: Readonly<Record<string, string>> = {
  created: 'recreated, new id',
  undeleted: 'undeleted, same id',
  updated: 'repaired in place',
  unchanged: 'untouched',
};

export function drawTable(fates: readonly Fate[]): string {
  const table = new Table({
    head: ['who', 'what happened', 'how they are back', ...aspects],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [12, 19, 19, ...aspects.map((aspect) => Math.max(9, aspect.length + 2))],
  });
  for (const { victim, before, after, first } of fates) {
    const missing = lacking(before, after).things;
    const cells = aspects.map((aspect) => {
      const total = before.things[aspect].length;
      const lost = missing.filter((thing) => thing.aspect === aspect).length;
      if (total === 0) return '-';
      return lost === 0 ? `${total} of ${total}` : `${total - lost} of ${total} *`;
    });
    table.push([victim.name, victim.fate, backAs(first), ...cells]);
  }
  return table.toString();
}

function backAs(row: Json): string {
  const action = row.actions.find((act: string) => ['create', 'undelete'].includes(act));
  const result = row.result === 'partial' ? { create: 'created', undelete: 'undeleted' }[action as string] : row.result;
  return howBack[result ?? 'updated'] ?? row.result;
}
