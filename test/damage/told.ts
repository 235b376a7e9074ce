/** What a report says that was not restored, as the facts it speaks of. */
import type { Json } from '../support/system.ts';

/** An object, an attribute of it or a link that the report calls skipped or failed. */
export interface Thing {
  readonly id: string;
  /** The attribute or the relation; undefined: the object. */
  readonly name?: string;
  readonly target?: string;
  readonly reason: string;
  /** The facts it speaks of, or what they begin with. */
  readonly keys: readonly string[];
  readonly says: string;
}

export interface Told {
  readonly things: readonly Thing[];
  /** Ids in the snapshot: of objects that were not restored, that have another id now, that synchronization has to do with. */
  readonly lost: ReadonlySet<string>;
  readonly anew: ReadonlySet<string>;
  readonly hybrid: ReadonlySet<string>;
  /** Somebody else had made them again. */
  readonly adopted: ReadonlySet<string>;
}

export function toldBy(report: Json): Told {
  const rows: readonly Json[] = report.objects;
  const ended = rows.filter(({ result }) => result === 'failed' || result === 'skipped');
  const anew = rows.filter(({ id, newId }) => newId !== undefined && newId !== id);
  const idsOf = (some: readonly Json[]): ReadonlySet<string> => new Set(some.map(({ id }) => id));
  return {
    things: [...ended.map(lostObject), ...rows.flatMap((row) => [...lackingAttributes(row), ...lackingLinks(row)])],
    lost: idsOf(ended),
    anew: idsOf(anew),
    adopted: idsOf(anew.filter(({ actions }) => !actions.includes('create'))),
    hybrid: idsOf(rows.filter(({ hybrid }) => hybrid !== undefined)),
  };
}

const lostObject = ({ kind, id, reason }: Json): Thing => ({
  id,
  reason,
  keys: [`lives|${id}`, `attribute|${id}`],
  says: `${kind} ${id}: ${reason}`,
});

const isLacking = ({ result }: Json): boolean => result !== 'done';

const lackingAttributes = ({ kind, id, attributes }: Json): Thing[] =>
  attributes.filter(isLacking).map(({ name, reason }: Json) => ({
    id,
    name,
    reason,
    // What is made of the name stays with it.
    keys: [attributeKey(id, name), ...(name === 'userPrincipalName' ? [attributeKey(id, 'identities')] : [])],
    says: `${kind} ${id} ${name}: ${reason}`,
  }));

const lackingLinks = ({ kind, id, links }: Json): Thing[] =>
  links.filter(isLacking).map(({ relation, targetId, reason }: Json) => ({
    id,
    name: relation,
    target: targetId,
    reason,
    keys: linkKeys(id, relation, targetId),
    says: `${kind} ${id} ${relation} ${targetId}: ${reason}`,
  }));

function attributeKey(id: string, name: string): string {
  if (name === 'photo') return `photo|${id}`;
  return name === 'passwordProfile' ? `password|${id}` : `attribute|${id}|${name}`;
}

function linkKeys(id: string, relation: string, target: string): string[] {
  switch (relation) {
    case 'memberOf':
    case 'administrativeUnits':
      return [`link|members|${target}|${id}`];
    case 'ownedObjects':
      return [`link|owners|${target}|${id}`];
    case 'directReports':
      return [`link|manager|${target}|${id}`];
    case 'sponsorOf':
      return [`link|sponsors|${target}|${id}`];
    case 'licenses':
      return [`licence|${id}|${target}`, `inherited|${id}|${target}`];
    case 'roleAssignments':
      return [`role|active|${id}|${target}`];
    case 'eligibleRoleAssignments':
      return [`role|eligible|${id}|${target}`];
    case 'appRoleAssignments':
      return [`appRole|${id}|${target}`];
    case 'authenticationMethods':
      return [`method|${id}|${target}`];
    default:
      return [`link|${relation}|${id}|${target}`];
  }
}
