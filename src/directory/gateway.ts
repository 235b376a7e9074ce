/**
 * The port to a directory. Deliberately few and dumb methods: what to read and write is decided by the rules above it,
 * how Graph wants it said, what it costs and when it may be sent is the adapter's affair (src/graph).
 *
 * Every method throws AppError: `graph-unreachable` (no answer, or 5xx to the last try), `forbidden`, `unauthorized`,
 * `throttled` (only after the longest wait it may take), `token-expired` (readPage only).
 */
import type { Extensions } from './extensions.ts';
import { guardedProperties, type WrittenApart } from './guarded-properties.ts';
import type { Invitation } from './guests.ts';
import type { Kind, KindName } from './kinds.ts';
import type { DirectoryRecord, Id, JsonObject, Ref } from './record.ts';
import type { RelationName } from './relations.ts';
import type { DetailItem, UserDetail } from './user-details.ts';

/** What is read as one sequence of pages: a kind, or what no delta carries and is listed of all users. */
export type SourceName = KindName | ListedOfUsers;
export const listedOfUsers = ['sponsors', 'appRoleAssignments', ...guardedProperties] as const;
export type ListedOfUsers = (typeof listedOfUsers)[number];

/** Where a sequence of pages goes on: an opaque next or delta link. Absent: from the beginning. */
export type Cursor = string;

export type Change =
  /** A patch: named properties replace, null clears, the rest stays. May repeat and come in any order of objects. */
  | { readonly change: 'set'; readonly kind: KindName; readonly id: Id; readonly body: JsonObject }
  /** `gone`: purged for good; otherwise in the bin, from where it may return with its links. */
  /** The same of an object that other changes tell of; of one that none tells of, nothing. */
  | { readonly change: 'also'; readonly kind: KindName; readonly id: Id; readonly body: JsonObject }
  | { readonly change: 'remove'; readonly kind: KindName; readonly id: Id; readonly gone: boolean }
  /** All items of one user. */
  | {
      readonly change: 'detail';
      readonly detail: UserDetail;
      readonly id: Id;
      readonly items: readonly DetailItem[];
    }
  | { readonly change: 'link' | 'unlink'; readonly relation: RelationName; readonly source: Ref; readonly target: Ref };

export interface Page {
  readonly changes: readonly Change[];
  /** The next page, if there is one. */
  readonly next?: Cursor;
  /** With the last page of a delta source: where the next snapshot begins. */
  readonly deltaLink?: Cursor;
}

export interface Photo {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

export interface Sought {
  readonly kind: KindName;
  /** Properties to tell beside those of the table of kinds. */
  readonly also?: readonly string[];
}

/** To find objects of a kind with all that is known of it, its extensions included. */
export const sought = ({ name, added }: Pick<Kind, 'name' | 'added'>): Sought => ({
  kind: name,
  ...(added === undefined ? {} : { also: added }),
});

export type Lookup =
  | (Sought & { readonly by: 'id'; readonly id: Id })
  /** The same, many to a request, and without telling whether a restricted unit shuts it. */
  | { readonly by: 'listed-id'; readonly kind: 'users' | 'groups'; readonly id: Id }
  | (Sought & { readonly by: 'deleted-id'; readonly id: Id })
  /** In the bin; none where Graph refuses to filter it there. */
  | (Sought & { readonly by: 'deleted-property'; readonly property: string; readonly value: string })
  /** Live objects only. `property` is a unique or filterable one: userPrincipalName, onPremisesImmutableId, mailNickname, displayName… */
  | (Sought & { readonly by: 'property'; readonly property: string; readonly value: string })
  /** The same, many to a request, of a property that is unique among live objects; it may lag behind. */
  | {
      readonly by: 'listed-property';
      readonly kind: 'users' | 'groups';
      readonly property: 'userPrincipalName' | 'proxyAddresses';
      readonly value: string;
    };

export interface Candidate extends DirectoryRecord {
  readonly state: 'live' | 'deleted';
  /** Of live users and groups found by id: member of a unit with restricted management. */
  readonly isRestricted?: boolean;
}

/** The links of one live object under the names its record uses (`memberOf`, `administrativeUnits`, `manager`…). */
export interface LinkQuery {
  readonly kind: KindName;
  readonly id: Id;
  readonly names: readonly string[];
}
export type LinksOf = Readonly<Record<string, readonly Ref[]>>;

/**
 * `eligible`: may be activated by its holder (Privileged Identity Management). In a group it is a membership or an ownership that is held: the
 * group then stands in the place of the role definition, `member` or `owner` in the place of the scope.
 */
export type RoleHolding = 'active' | 'eligible' | 'active-in-group' | 'eligible-in-group';

export type InGroup = Extract<RoleHolding, `${string}-in-group`>;
export const isInGroup = (holding: RoleHolding): holding is InGroup => holding.endsWith('-in-group');

export interface RoleAssignment {
  readonly id: Id;
  readonly principalId: Id;
  readonly roleDefinitionId: Id;
  readonly directoryScopeId: string;
  /** Absent: for good. */
  readonly endDateTime?: string;
}

/** How a user comes back from the bin when others stand in the way. */
export interface GiveWay {
  /** Under this user principal name. */
  readonly rename?: string;
  /** Without the proxy addresses that others hold by now. */
  readonly losesAddresses?: boolean;
}

export type Write =
  /** `standsFor`: the id under which a snapshot knows the object; for the record only. */
  | {
      readonly write: 'create';
      readonly kind: KindName;
      readonly body: JsonObject;
      readonly standsFor?: Id;
      /** Links of a new group that its creation carries: twenty at most. */
      readonly links?: readonly { readonly relation: RelationName; readonly target: Id }[];
    }
  /** Makes a user of someone from outside, or finds the one that was made of the address before: the `id` is that user's. */
  | ({ readonly write: 'invite' } & Invitation)
  | { readonly write: 'undelete'; readonly kind: KindName; readonly id: Id; readonly giveWay?: GiveWay }
  /** Into the bin, where the kind has one; for good otherwise. */
  | { readonly write: 'delete'; readonly kind: KindName; readonly id: Id }
  | { readonly write: 'update'; readonly kind: KindName; readonly id: Id; readonly changes: JsonObject }
  /** At most `targetsPerWrite` targets; all or none of them are linked. */
  | { readonly write: 'link'; readonly relation: RelationName; readonly source: Id; readonly targets: readonly Id[] }
  | { readonly write: 'unlink'; readonly relation: RelationName; readonly source: Id; readonly target: Id }
  | {
      readonly write: 'license';
      /** Users, or groups whose members then inherit them. */
      readonly kind: KindName;
      readonly id: Id;
      readonly add: readonly { readonly skuId: string; readonly disabledPlans: readonly string[] }[];
      readonly remove: readonly string[];
    }
  | {
      readonly write: 'assign-role';
      readonly principalId: Id;
      readonly roleDefinitionId: Id;
      readonly directoryScopeId: string;
      readonly holding: RoleHolding;
      /** Used where it goes by schedule. */
      readonly startDateTime: string;
      /** By schedule, until then; absent: for good. */
      readonly endDateTime?: string;
      /** It is held already, and is to end at another time than it would. */
      readonly changesEnd?: boolean;
    }
  | {
      readonly write: 'unassign-role';
      readonly assignment: RoleAssignment;
      readonly holding: RoleHolding;
    }
  /** One that Graph lets an app register. */
  | { readonly write: 'auth-method'; readonly id: Id; readonly method: DetailItem }
  /** `method` as live has it, under its own id. */
  | { readonly write: 'remove-auth-method'; readonly id: Id; readonly method: DetailItem }
  | { readonly write: 'app-role'; readonly id: Id; readonly resourceId: Id; readonly appRoleId: Id }
  | { readonly write: 'remove-app-role'; readonly id: Id; readonly assignmentId: Id }
  | { readonly write: 'photo'; readonly id: Id; readonly photo: Photo }
  | { readonly write: 'remove-photo'; readonly id: Id };

/** What of a write, or of reading at all, decides which permissions it takes. Each `Write` is one. */
export type Need =
  | {
      readonly write: 'create' | 'update' | 'undelete' | 'delete';
      readonly kind: KindName;
      readonly isGuarded?: boolean;
      /** Of this property alone. */
      readonly property?: WrittenApart;
    }
  /** `isGuarded`: of a group that may hold roles. */
  | { readonly write: 'link' | 'unlink'; readonly relation: RelationName; readonly isGuarded?: boolean }
  | { readonly write: 'auth-method' | 'remove-auth-method'; readonly method: { readonly type: string } }
  | { readonly write: 'assign-role' | 'unassign-role'; readonly holding?: RoleHolding }
  | {
      readonly write: Exclude<
        Write['write'],
        | 'create'
        | 'update'
        | 'undelete'
        | 'delete'
        | 'link'
        | 'unlink'
        | 'auth-method'
        | 'remove-auth-method'
        | 'assign-role'
        | 'unassign-role'
      >;
    }
  | { readonly write: 'pass' }
  | { readonly write: 'none' };

/** A directory role of the app itself; `directoryScopeId` is `/` in the whole tenant. */
export type OwnRole = Pick<RoleAssignment, 'roleDefinitionId' | 'directoryScopeId'>;

export type WriteResult =
  | { readonly ok: true; readonly id?: Id }
  /**
   * `refused`: Graph said no for good (`property` names the culprit where Graph did; `conflict` when the value or link is
   * held by another or already there). `missing`: an end does not exist (or not yet, right after its creation).
   * `forbidden`: a right is missing; `permission` is the one that the write needs. `throttled`: held back for longer than it may take.
   * `uncertain`: no answer came, the work may have been done: look before you repeat.
   */
  | {
      readonly ok: false;
      readonly problem: 'refused' | 'conflict' | 'missing' | 'forbidden' | 'throttled' | 'uncertain';
      readonly permission?: string;
      readonly property?: string;
      readonly status?: number;
      readonly graphCode?: string;
    };

/** How long one request to the directory may be on its way before its answer is given up. */
export const longestRequestMs = 100_000;
/** How long the directory may take to show what it has made (graph-facts 3.1). */
export const longestReplicationMs = 30_000;

export interface MatchRules {
  /** By its anchor. */
  readonly hard: boolean;
  /** By its user principal name. */
  readonly soft: boolean;
}

export interface DirectoryGateway {
  /**
   * One page of a source. A refused delta link throws `token-expired`: the caller starts that source from the beginning.
   * @param also of a first page: properties to tell, in all pages and rounds that follow, beside those of the table of kinds.
   */
  readPage(source: SourceName, cursor?: Cursor, also?: readonly string[]): Promise<Page>;
  /** Directory extensions of every app in the tenant; undefined where Graph tells of none, whether or not there are some. */
  availableExtensions(): Promise<Extensions | undefined>;
  /** Those of the apps that are registered in the tenant itself. */
  registeredExtensions(): Promise<Extensions>;
  /** Of these properties, those that objects of a kind still have. */
  knownProperties(kind: KindName, names: readonly string[]): Promise<readonly string[]>;
  /** What a listed source tells of these users, by user; of those it does not list, nothing. As old as lists may be. */
  readListed(source: ListedOfUsers, ids: readonly Id[]): Promise<ReadonlyMap<Id, readonly Change[]>>;
  /** Photos of users, in the order asked; undefined where there is none. */
  readPhotos(ids: readonly Id[]): Promise<readonly (Photo | undefined)[]>;
  /** Items of each user, in order, sorted by id; undefined where there is no such user. Passwords and other secrets are left out. */
  readUserDetails(detail: UserDetail, ids: readonly Id[]): Promise<readonly (readonly DetailItem[] | undefined)[]>;
  /** A new Temporary Access Pass in the place of an earlier one: the code, which Graph tells this once. Throws `refused`, too. */
  issuePass(userId: Id): Promise<string>;
  /** Per lookup, in order, whatever matches: none, one, or several (then the match is ambiguous). Captured properties, and what else is asked for. */
  find(lookups: readonly Lookup[]): Promise<readonly (readonly Candidate[])[]>;
  /** Of these ids, those of live objects, of whatever type. Many to a request. */
  present(ids: readonly Id[]): Promise<ReadonlySet<Id>>;
  /** Live links per query, in order; undefined where the object does not exist. */
  readLinks(queries: readonly LinkQuery[]): Promise<readonly (LinksOf | undefined)[]>;
  /**
   * Roles that each principal holds itself, in order of the principals.
   * @param ends of active ones, too: it takes a further request for each principal that holds some.
   */
  readRoleAssignments(
    principals: readonly Id[],
    holding: RoleHolding,
    ends: boolean,
  ): Promise<readonly (readonly RoleAssignment[])[]>;
  /** What is held by schedule in each group, in order of the groups. */
  readGroupSchedules(groups: readonly Id[], holding: InGroup): Promise<readonly (readonly RoleAssignment[])[]>;
  /** SKU id -> free seats (enabled minus consumed). */
  readSeats(): Promise<ReadonlyMap<string, number>>;
  /** How synchronization may take a cloud user over. Throws `forbidden` where the app may not ask. */
  readMatchRules(): Promise<MatchRules>;
  /**
   * Per need, in order, the permissions for it that the app was not granted; for `none`, those for reading. Undefined: nobody told it which app
   * it is, or the tenant does not know that app. Throws `forbidden` where it may not look.
   */
  lacking(needs: readonly Need[]): Promise<readonly (readonly string[])[] | undefined>;
  /** Active directory roles of the app, through groups as well; undefined and thrown as above. */
  ownRoles(): Promise<readonly OwnRole[] | undefined>;
  /**
   * One result per write, in order; one refused write never fails the rest. Writes to the same object are sent one after
   * another, others side by side. Nothing that may already be done is repeated, except where repeating changes nothing.
   */
  apply(writes: readonly Write[]): Promise<readonly WriteResult[]>;
  /** The directory's time, by which it judges whether an end has passed: to the second, and the host's until it has told its own. */
  now(): Date;
  /** Answers when Graph does; throws `graph-unreachable`, `unauthorized` or `forbidden` when it does not. */
  probe(): Promise<void>;
  /** Requests and resource units spent by this process since it started (Graph's own `x-ms-resource-unit` where sent). */
  spent(): { readonly requests: number; readonly resourceUnits: number };
  /** While Graph holds requests back: when the longest wait in force ends (R58). */
  throttledUntil(): Date | undefined;
}
