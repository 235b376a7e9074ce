/**
 * Whether a restored tenant is what the snapshot's was: every fact is equal, or named in the report with a reason that holds and is none of
 * the app's own failings; and no reason is given for what is equal.
 */
import type { Json } from '../support/system.ts';
import { type Facts, factsOf, type Rename } from './facts.ts';
import { type Told, toldBy } from './told.ts';
import { untruth } from './truth.ts';
import type { Dump } from './world.ts';

/** What Graph stamps on whatever is made anew. */
const stampedAnew = [
  'createdDateTime',
  'renewedDateTime',
  'lastPasswordChangeDateTime',
  'signInSessionsValidFromDateTime',
  'creationType',
  'externalUserState',
  'externalUserStateChangeDateTime',
];
/** Graph's and synchronization's own diary: when they came by, not who somebody is. */
const diary = [
  'licenseProcessingState',
  'onPremisesLastSyncDateTime',
  'onPremisesProvisioningErrors',
  'onPremisesSyncBehavior',
];
/** Kept where the snapshot has none: nobody takes a picture away (R49), nor a way to sign in (R50). */
const neverTaken = ['photo', 'method'];
/** Reasons that mean: it comes by itself, and may have come by now. */
const comesByItself = ['group-dynamic', 'licence-inherited'];
/** No tenant without faults gives cause to these. */
const failings = [
  'graph-error',
  'verification-mismatch',
  'plan-drift',
  'throttled-gave-up',
  'attribute-rejected',
  'not-in-snapshot',
];

interface Dumps {
  /** Of the tenant as the snapshot has it, as it was when the restore began, and when it had ended. */
  readonly before: Dump;
  readonly damaged: Dump;
  readonly after: Dump;
  /** How the restore treated links that the snapshot does not have. */
  readonly mode: string;
}

/** What is wrong, a sentence each; none where all is well. */
export function unlikeness({ mode, ...dumps }: Dumps, report: Json): string[] {
  const rename = renameOf(report);
  const before = factsOf(dumps.before);
  const after = factsOf(dumps.after, rename);
  const kept = factsOf(dumps.damaged, rename, true);
  const told = toldBy(report);
  const isOurs = (id: string | undefined): boolean => before.has(`lives|${id}`);
  const mayStay = (key: string): boolean =>
    mode === 'merge' && !before.has(key) && kept.has(key) && !/^(attribute|lives|password)/.test(key);
  const all = [...new Set([...before.keys(), ...after.keys()])];
  const differing = all.filter((key) => before.get(key) !== after.get(key));
  const unsaid = differing.filter(
    (key) => concerns(key, isOurs) && !mayStay(key) && !isExcused(key, told, before, after),
  );
  return [
    ...unsaid.map((key) => `${key}: ${before.get(key)} in the snapshot, ${after.get(key)} now, and nobody says why`),
    ...told.things.flatMap((thing) => {
      const { says, keys, reason } = thing;
      if (failings.includes(reason)) return [says];
      const isEqual = !differing.some((key) => keys.some((named) => isUnder(key, named)));
      if (isEqual && !comesByItself.includes(reason)) return [`${says}, but it is as in the snapshot`];
      const lie = untruth(thing, before, after);
      return lie === undefined ? [] : [`${says}, but ${lie}`];
    }),
    ...report.objects
      .filter(({ verification }: Json) => verification.mismatches.length > 0)
      .map((row: Json) => `${row.kind} ${row.id} does not match: ${row.verification.mismatches}`),
  ];
}

function renameOf(report: Json): Rename {
  const paired: readonly Json[] = report.objects.filter(({ newId }: Json) => newId !== undefined);
  const old = new Map<string, string>(paired.map(({ id, newId }) => [newId, id]));
  return (id) => old.get(id) ?? id;
}

const isUnder = (key: string, named: string): boolean => key === named || key.startsWith(`${named}|`);

/** Managers and sponsors are their user's, roles and licences their holder's; a membership is a matter of both ends. */
function concerns(key: string, isOurs: (id: string | undefined) => boolean): boolean {
  const [what, one, two, three] = key.split('|');
  if (what === 'role') return isOurs(two);
  if (what !== 'link') return isOurs(one);
  return one === 'members' || one === 'owners' ? isOurs(two) || isOurs(three) : isOurs(two);
}

function isExcused(key: string, told: Told, before: Facts, after: Facts): boolean {
  if (told.things.some(({ keys }) => keys.some((named) => isUnder(key, named)))) return true;
  const [what = '', one = '', two = '', three = ''] = key.split('|');
  if (key.split(/[|/]/).some((id) => told.lost.has(id))) return true;
  if (neverTaken.includes(what) && !before.has(key)) return true;
  // Ways to sign in are given back to those alone who were made anew: others have registered them since, or know why they are gone.
  if (what === 'method') return !told.anew.has(one);
  // Who was made again by somebody else has been given a password by him, and keeps it.
  if (what === 'password') return told.adopted.has(one);
  if (what === 'attribute' && told.anew.has(one) && stampedAnew.includes(two)) return true;
  if (what === 'attribute' && told.hybrid.has(one) && two === 'onPremisesSyncEnabled') return true;
  if (what === 'attribute') return diary.includes(two);
  // What a group hands out follows from who is in it and what it has to give.
  const causes = what === 'inherited' ? [`link|members|${three}|${one}`, `licence|${three}|${two}`] : [];
  return causes.some((cause) => before.get(cause) !== after.get(cause) && isExcused(cause, told, before, after));
}
