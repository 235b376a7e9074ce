/**
 * Creating an object that is gone for good (R24, R35, R36). Before the request goes out the intent stands in the ledger, after it
 * the new id; a create whose answer was lost is never sent again before the object was looked for.
 */
import { isGuarded } from '../directory/guarded-properties.ts';
import type { Kind } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, isEmpty, type Json, type JsonObject } from '../directory/record.ts';
import { reasonOf, refusalOf, writeAttributes } from './attribute-writing.ts';
import { type NoteMade, untold, withIntent } from './creation-intent.ts';
import { lightened, lightenedBefore } from './creation-only.ts';
import { noteNewId, passwordFor, suppliedPassword } from './credentials.ts';
import { otherIdentities } from './following.ts';
import type { JobContext } from './job-context.ts';
import { isDynamic } from './object-plan.ts';
import type { AttributeOutcome } from './outcome.ts';
import type { Reason } from './reasons.ts';
import { type Companion, companionsOf } from './taken-along.ts';

export type Creation =
  | {
      readonly done: true;
      readonly newId: Id;
      readonly attributes: readonly AttributeOutcome[];
      readonly carried: readonly Companion[];
    }
  /** `lookAgain`: the object may exist by now; match again before another try. */
  | {
      readonly done: false;
      readonly lookAgain: boolean;
      readonly reason: Reason;
      readonly note?: string;
      /** A create was sent whose end nobody knows: what it made, if anything, may not be shown yet. `alone`: Graph would take a second one. */
      readonly begun?: 'guarded' | 'alone';
    };

/** Kinds of which Graph refuses a second one of the same name. */
const hasUniqueName = (kind: Kind, { groupTypes, uniqueName }: JsonObject): boolean =>
  kind.name === 'users' || uniqueName !== undefined || (Array.isArray(groupTypes) && groupTypes.includes('Unified'));

const weakPassword =
  'The tenant refused the password for it. Supply a stronger one, or let the restore draw one, and restore again.';

/** Properties without which Graph creates nothing (graph-facts 4.1). */
const required: Readonly<Record<string, readonly string[]>> = {
  users: ['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName', 'onPremisesImmutableId'],
  groups: [
    'displayName',
    'mailEnabled',
    'mailNickname',
    'securityEnabled',
    'groupTypes',
    'membershipRule',
    'membershipRuleProcessingState',
    'isAssignableToRole',
  ],
  administrativeUnits: ['displayName'],
  roleDefinitions: ['displayName', 'isEnabled', 'rolePermissions'],
};

export async function createObject(
  context: JobContext,
  kind: Kind,
  record: DirectoryRecord,
  attributes: JsonObject,
): Promise<Creation> {
  // Whatever may fail before anything is sent comes before the intent: one that stands makes others wait.
  const secret = await passwordProfile(context, kind, record.id);
  const companions = kind.name === 'groups' ? await companionsOf(context, record) : [];
  return withIntent(context, record.id, hasUniqueName(kind, attributes) ? 'guarded' : 'alone', (noteMade) =>
    send(context, kind, record, attributes, { secret, companions, noteMade }),
  );
}

interface Making {
  readonly secret: JsonObject;
  readonly companions: readonly Companion[];
  readonly noteMade: NoteMade;
}

async function send(
  context: JobContext,
  kind: Kind,
  record: DirectoryRecord,
  attributes: JsonObject,
  { secret, companions, noteMade }: Making,
): Promise<Creation> {
  // Written like the rest that a creation could not take.
  const first: Record<string, Json> = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !isLate(kind, attributes, name)),
  );
  // The name stands beside them.
  if ('identities' in first) first.identities = otherIdentities(first.identities);
  const whole = lightenedBefore(context, kind, withRequired(kind, first));
  let { body } = whole;
  const outcomes = [...whole.outcomes];
  let carried = companions;
  for (;;) {
    const [result] = await context.gateway.apply([
      {
        write: 'create',
        kind: kind.name,
        body: { ...body, ...secret },
        standsFor: record.id,
        ...(carried.length === 0 ? {} : { links: carried }),
      },
    ]);
    if (result === undefined) return untold;
    if (result.ok && result.id !== undefined) {
      await noteMade(result.id);
      if (kind.name === 'users') await noteNewId(context, context, record.id, result.id);
      const written = Object.keys(body).filter((name) => name in attributes);
      const late = Object.keys(attributes).filter(
        (name) => !(name in body) && !outcomes.some((outcome) => outcome.name === name),
      );
      const patch = Object.fromEntries(late.map((name) => [name, attributes[name] ?? null]));
      const patched = await writeAttributes(context, kind, result.id, patch);
      return {
        done: true,
        newId: result.id,
        carried,
        attributes: [...written.map((name) => ({ name, result: 'done' as const })), ...outcomes, ...patched],
      };
    }
    if (result.ok || result.problem === 'uncertain') return untold;
    if (carried.length > 0 && ['refused', 'missing', 'forbidden'].includes(result.problem)) {
      // It may be for one of them: each is then linked by itself, where it has its own answer.
      carried = [];
      continue;
    }
    if (result.problem === 'conflict') {
      const reason = reasonOf(result);
      if (result.property === 'identities' && 'identities' in body) {
        const { identities: _taken, ...rest } = body;
        body = rest;
        outcomes.push({ name: 'identities', result: 'failed', reason });
        continue;
      }
      if (reason !== 'proxy-conflict' || !('mail' in body) || context.request.onNameConflict !== 'rename')
        return { done: false, lookAgain: true, reason };
      const { mail: _held, ...rest } = body;
      body = rest;
      outcomes.push({ name: 'mail', result: 'skipped', reason });
      continue;
    }
    const must = required[kind.name] ?? [];
    const culprit = result.property;
    const lighter = result.problem === 'forbidden' ? lightened(context, kind, body) : undefined;
    if (lighter !== undefined) {
      body = lighter.body;
      outcomes.push(...lighter.outcomes);
      continue;
    }
    if (result.problem !== 'refused') return { done: false, lookAgain: false, ...(await refusalOf(context, result)) };
    if (culprit === 'passwordProfile')
      return { done: false, lookAgain: false, reason: 'attribute-rejected', note: weakPassword };
    // Without its anchor a user is made all the same: synchronization then matches it by name (H05).
    const isAnchor = culprit === 'onPremisesImmutableId';
    if (culprit !== undefined && culprit in body && (isAnchor || !must.includes(culprit))) {
      const { [culprit]: _refused, ...rest } = body;
      body = rest;
      outcomes.push({ name: culprit, result: 'failed', reason: 'attribute-rejected' });
      continue;
    }
    // Graph does not say which value it dislikes: create the bare object and let the rest follow one by one.
    const bare = Object.fromEntries(Object.entries(body).filter(([name]) => must.includes(name)));
    if (Object.keys(bare).length === Object.keys(body).length)
      return { done: false, lookAgain: false, ...(await refusalOf(context, result)) };
    body = bare;
  }
}

/** What is guarded would take more permissions; a rule that an assigned group was left with is no part of one that is made. */
const isLate = ({ name: kind }: Kind, attributes: JsonObject, name: string): boolean =>
  isGuarded(name) || (kind === 'groups' && name.startsWith('membershipRule') && !isDynamic(attributes));

/** Fills what Graph demands and the snapshot may lack. */
function withRequired(kind: Kind, attributes: JsonObject): JsonObject {
  if (kind.name === 'groups')
    return { mailEnabled: false, securityEnabled: true, mailNickname: 'group', groupTypes: [], ...attributes };
  if (kind.name === 'roleDefinitions') return { isEnabled: true, ...attributes };
  if (kind.name !== 'users') return attributes;
  const name = String(attributes.userPrincipalName ?? '');
  return {
    mailNickname: name.split('@')[0] ?? name,
    accountEnabled: true,
    ...withoutLoneNulls(attributes),
  };
}

const withoutLoneNulls = (attributes: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]: [string, Json]) => !isEmpty(value)));

/** Drawn or supplied; in clear it exists only here and inside the request to Graph (R27). */
async function passwordProfile(context: JobContext, kind: Kind, id: Id): Promise<JsonObject> {
  if (kind.name !== 'users') return {};
  const random = context.request.newUsers.password === 'random';
  const password = random
    ? await passwordFor(context, context, id, context.clock())
    : await suppliedPassword(context, context);
  return { passwordProfile: { password, forceChangePasswordNextSignIn: true } };
}
