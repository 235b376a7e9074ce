/** What stands beside a user or group: source of authority and mailbox settings (graph-facts 3.2, 6). */
import { badRequest, GraphError } from '../errors.ts';
import { allowOptions, readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { fits, graphType } from '../schema/schema.ts';
import { findLive, findReadable } from './lookup.ts';

export const besideUserRoutes: readonly Route[] = [
  ...(['user', 'group'] as const).flatMap((type): Route[] => [
    { method: 'GET', template: `/${type}s/{id}/onPremisesSyncBehavior`, handle: (call) => readBehavior(call, type) },
    { method: 'PATCH', template: `/${type}s/{id}/onPremisesSyncBehavior`, handle: (call) => writeBehavior(call, type) },
  ]),
  { method: 'GET', template: '/users/{id}/mailboxSettings', handle: readMailbox },
  { method: 'PATCH', template: '/users/{id}/mailboxSettings', handle: writeMailbox },
];

function isCloudManaged(properties: Readonly<Record<string, unknown>>): boolean {
  return (properties.onPremisesSyncBehavior as { isCloudManaged?: unknown } | undefined)?.isCloudManaged === true;
}

function readBehavior(call: Call, type: 'user' | 'group'): GraphResponse {
  allowOptions(call, []);
  const entity = findReadable(call, type, param(call, 0));
  return json({
    '@odata.context': contextUrl('onPremisesSyncBehavior/$entity'),
    id: entity.id,
    isCloudManaged: isCloudManaged(entity.properties),
  });
}

/** To the cloud the object stops being synced at once; back again it waits for the next cycle. */
function writeBehavior(call: Call, type: 'user' | 'group'): GraphResponse {
  const entity = findLive(call, type, param(call, 0));
  const { isCloudManaged: wanted, ...others } = readBody(call);
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined || typeof wanted !== 'boolean')
    throw badRequest("The body takes 'isCloudManaged', true or false.");
  const { tenant } = call;
  tenant.transact(() =>
    tenant.update(entity.id, {
      onPremisesSyncBehavior: { isCloudManaged: wanted },
      ...(wanted ? { onPremisesSyncEnabled: null } : {}),
    }),
  );
  return noContent();
}

const plainMailbox = {
  archiveFolder: null,
  timeZone: 'UTC',
  dateFormat: 'yyyy-MM-dd',
  timeFormat: 'HH:mm',
  delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly',
  userPurpose: 'user',
};

function readMailbox(call: Call): GraphResponse {
  allowOptions(call, []);
  const user = findReadable(call, 'user', param(call, 0));
  if (typeof user.properties.mail !== 'string') {
    throw new GraphError(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    );
  }
  const row = call.tenant.row('mailboxSettings', user.id);
  return json({ '@odata.context': contextUrl(`users('${user.id}')/mailboxSettings`), ...plainMailbox, ...row });
}

function writeMailbox(call: Call): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  const body = readBody(call);
  const { properties } = graphType('mailboxSettings');
  for (const [name, value] of Object.entries(body)) {
    const type = properties.get(name);
    if (name.startsWith('@odata.')) continue;
    if (type === undefined || !fits(value, type))
      throw badRequest(`Invalid value specified for property '${name}' of 'mailboxSettings'.`);
  }
  const { tenant } = call;
  const next = { ...tenant.row('mailboxSettings', user.id), ...body };
  tenant.transact(() => tenant.put('mailboxSettings', user.id, next));
  return json({ '@odata.context': contextUrl(`users('${user.id}')/mailboxSettings`), ...plainMailbox, ...next });
}
