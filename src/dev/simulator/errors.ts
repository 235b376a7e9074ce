/** The error catalogue of Graph (graph-facts 9): every refusal with its real status and code, and the documented words. */

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

/** A refusal. Handlers throw it; the pipeline turns it into an answer. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { details?: readonly ErrorDetail[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = 'GraphError';
    this.status = status;
    this.code = code;
    this.details = more.details ?? [];
    this.headers = more.headers ?? {};
  }
}

/** The body of an error answer (graph-facts 9). `date`: the tenant's time without zone, as Graph writes it there. */
export function errorBody(error: GraphError, date: string, requestId: string, clientRequestId: string): object {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details.length > 0 ? { details: error.details } : {}),
      innerError: { date: date.replace('Z', ''), 'request-id': requestId, 'client-request-id': clientRequestId },
    },
  };
}

export const badRequest = (message: string, details: readonly ErrorDetail[] = []): GraphError =>
  new GraphError(400, 'Request_BadRequest', message, { details });

/** What this simulator does not know: it says so and names it, rather than guess. */
export const notImplemented = (what: string): GraphError =>
  new GraphError(501, 'NotImplemented', `The simulator does not implement ${what}.`);

export const notFound = (id: string): GraphError =>
  new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

export const denied = (message = 'Insufficient privileges to complete the operation.'): GraphError =>
  new GraphError(403, 'Authorization_RequestDenied', message);

export const linksExist = (relation: string): GraphError =>
  badRequest(`One or more added object references already exist for the following modified properties: '${relation}'.`);

export const linksMissing = (relation: string): GraphError =>
  badRequest(
    `One or more removed object references do not exist for the following modified properties: '${relation}'.`,
  );

/** Group or user not yet everywhere (L:api/group-post-members). */
export const notReplicated = (): GraphError =>
  badRequest("The source resource object or one of the objects being referenced don't exist.");

/** `by`: who has the value; the second detail names it as `User_<id>`. */
export const valueTaken = (property: string, by?: { readonly id: string; readonly type: string }): GraphError => {
  const message = `Another object with the same value for property ${property} already exists.`;
  const target = by === undefined ? '' : `${by.type.charAt(0).toUpperCase()}${by.type.slice(1)}_${by.id}`;
  const holder = by === undefined ? [] : [{ code: 'ConflictingObjects', message, target }];
  return badRequest(message, [{ code: 'ObjectConflict', message, target: property }, ...holder]);
};

export const conflictingObject = (): GraphError =>
  badRequest('A conflicting object with one or more of the specified property values is present in the directory.');

export const onPremisesMastered = (): GraphError =>
  badRequest(
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
  );

export const exchangeOwned = (): GraphError =>
  badRequest('Cannot Update a mail-enabled security groups and or distribution list.');

export const weakPassword = (): GraphError =>
  badRequest(
    'The specified password does not comply with password complexity requirements. Please provide a different password.',
    [{ code: 'PasswordComplexity', message: 'The specified password is too weak.', target: 'passwordProfile' }],
  );

export const invalidValue = (property: string, resource: string): GraphError =>
  badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`, [
    { code: 'InvalidValue', message: 'The value is not valid.', target: property },
  ]);

export const missingValue = (property: string, resource: string): GraphError =>
  badRequest(`A value is required for property '${property}' of resource '${resource}'.`, [
    { code: 'MissingValue', message: 'A value is required.', target: property },
  ]);

export const readOnlyProperty = (property: string): GraphError =>
  badRequest(`Property '${property}' is read-only and cannot be set.`);

export const unknownProperty = (property: string, type: string): GraphError =>
  badRequest(
    `Invalid property '${property}': it does not exist on type 'microsoft.graph.${type}' or cannot be used here.`,
  );

export const selectUnknown = (property: string, type: string): GraphError =>
  new GraphError(
    400,
    'Request_BadRequest',
    `Parsing OData Select and Expand failed: Could not find a property named '${property}' on type 'microsoft.graph.${type}'.`,
  );

export const unsupportedFilter = (property: string, resource: string): GraphError =>
  new GraphError(
    400,
    'Request_UnsupportedQuery',
    `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`,
  );

export const unsupportedQuery = (message: string): GraphError =>
  new GraphError(400, 'Request_UnsupportedQuery', message);

export const concurrencyViolation = (): GraphError =>
  new GraphError(
    409,
    'Directory_ConcurrencyViolation',
    'Unable to perform the operation because of a concurrent operation on the same object. Wait briefly and retry.',
  );

export const quotaExceeded = (count: number, quota: number, what: string): GraphError =>
  new GraphError(
    403,
    'Directory_QuotaExceeded',
    `Unable to perform operation as '${count}' would exceed the maximum quota count '${quota}' for forward-link '${what}'.`,
  );

/** The tenant holds as many objects as it may (graph-facts 1.2). */
export const tenantFull = (): GraphError =>
  new GraphError(
    403,
    'Directory_QuotaExceeded',
    'The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.',
  );

export const imageNotFound = (): GraphError =>
  new GraphError(
    404,
    'ImageNotFound',
    "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.",
  );

export const methodNotAllowed = (): GraphError =>
  new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');

export const noBody = (): GraphError =>
  badRequest(
    "An unexpected 'EndOfInput' node was found when reading from the JSON reader. A 'StartObject' node was expected.",
  );

export const badToken = (message: string): GraphError => new GraphError(401, 'InvalidAuthenticationToken', message);
