/** The restore request of contract section 2: its shape, its defaults, and what is refused before anything is done. */
import { z } from 'zod';
import { isExtension } from '../directory/extensions.ts';
import { guardedProperties } from '../directory/guarded-properties.ts';
import { type KindName, restorableKinds } from '../directory/kinds.ts';
import { AppError } from '../errors.ts';

const names = z.array(z.string().trim().min(1).max(256)).max(100_000);
const selection = z
  .union([z.literal('all'), names], {
    error: ({ input }) => (Array.isArray(input) ? undefined : 'must be a list of ids, or "all"'),
  })
  .optional();

export const linkKindNames = [
  'manager',
  'sponsors',
  'memberOf',
  'ownedObjects',
  'administrativeUnits',
  'roleAssignments',
  'eligibleRoleAssignments',
  'eligibleGroups',
  'eligiblePrincipals',
  'licenses',
  'appRoleAssignments',
  'authenticationMethods',
  'directReports',
  'members',
  'owners',
] as const;

/** What `attributes` may name: a misspelt one would restore nothing and look like success. */
const attributeNames = new Set(['photo', ...guardedProperties, ...restorableKinds.flatMap(({ captured }) => captured)]);
const isAttribute = (name: string): boolean => attributeNames.has(name) || isExtension(name);

const schema = z.strictObject({
  snapshotId: z.string().min(1).max(200).optional(),
  asOfDateTime: z.iso.datetime({ offset: true }).optional(),
  users: selection,
  groups: selection,
  administrativeUnits: selection,
  roleDefinitions: selection,
  dryRun: z.boolean().optional(),
  planId: z.string().optional(),
  onExisting: z.enum(['overwrite', 'skip']).default('overwrite'),
  attributes: z.array(z.string().refine(isAttribute, 'no such attribute in a snapshot')).optional(),
  links: z.enum(['rollback', 'merge', 'skip']).default('merge'),
  linkKinds: z.array(z.enum(linkKindNames)).optional(),
  useRecycleBin: z.boolean().default(true),
  onNameConflict: z.enum(['fail', 'rename']).default('fail'),
  allowPrivilegedRemoval: z.boolean().default(false),
  subObjects: z.enum(['none', 'create-missing', 'create-missing-and-update']).default('none'),
  hybrid: z.enum(['adopt', 'strict']).default('adopt'),
  newUsers: z
    .strictObject({
      password: z
        .union([z.literal('random'), z.strictObject({ supplied: z.string().min(1).max(256) })])
        .default('random'),
      accountEnabled: z.union([z.literal('as-in-snapshot'), z.boolean()]).default('as-in-snapshot'),
      temporaryAccessPass: z.boolean().default(false),
      authenticationMethods: z.boolean().default(false),
    })
    .prefault({}),
  reason: z.string().max(1_000).optional(),
});

export type RestoreRequest = z.output<typeof schema> & {
  /** The id of the job that this one undoes; no caller sends it with a restore. */
  readonly undoes?: string;
};
export type Selected = 'all' | readonly string[];

/** Null says of an option what leaving it out says. */
export const withoutNulls = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value).flatMap(([name, one]) => (one === null ? [] : [[name, withoutNulls(one)]])),
      );

/**
 * Reads a request body.
 * @throws AppError `invalid-input` naming every wrong field; `unsupported` for an option of the contract this version
 * does not carry out (refused rather than ignored).
 */
export function parseRestoreRequest(body: unknown): RestoreRequest {
  const parsed = schema.safeParse(withoutNulls(body));
  if (!parsed.success) {
    const complaints = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
    throw new AppError('invalid-input', `The restore request is not usable. ${complaints.join('; ')}`, {
      details: { complaints },
    });
  }
  const request = parsed.data;
  if (request.planId && request.dryRun === true) {
    throw new AppError(
      'invalid-input',
      'A plan is applied with "dryRun" false or left out. To see what it would do, read its own plan.',
    );
  }
  if (selectedKinds(request).length === 0 && !request.planId) {
    throw new AppError(
      'invalid-input',
      'The restore names nobody. Give object ids or user principal names in "users", or ids in "groups", "administrativeUnits" or "roleDefinitions", or "all".',
    );
  }
  if (request.snapshotId && request.snapshotId !== 'latest' && request.asOfDateTime) {
    throw new AppError('invalid-input', 'Give either "snapshotId" or "asOfDateTime", not both.');
  }
  const all = !request.planId && selectedKinds(request).some(({ selected }) => selected === 'all');
  return { ...request, dryRun: request.dryRun ?? all };
}

/** The kinds a request names, in the order they are restored. */
export function selectedKinds(
  request: RestoreRequest,
): readonly { readonly kind: KindName; readonly selected: Selected }[] {
  return restorableKinds.flatMap(({ name }) => {
    const selected = request[name as 'users' | 'groups' | 'administrativeUnits' | 'roleDefinitions'];
    return selected === undefined || selected.length === 0 ? [] : [{ kind: name, selected }];
  });
}
