/** What stands beside a user or group: source of authority, mailbox settings, and invitations (graph-facts 3.2, 4.1, 6). */
import { badRequest, GraphError, notImplemented } from '../errors.ts';
import { allowOptions, readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { fits, graphType } from '../schema/schema.ts';
import { newId } from './bodies.ts';
import { followRules } from './dynamic-groups.ts';
import { findLive, findReadable } from './lookup.ts';
import { requireUnique } from './validation.ts';

export const besideUserRoutes: readonly Route[] = [
  ...(['user', 'group'] as const).flatMap((type): Route[] => [
    { method: 'GET', template: `/${type}s/{id}/onPremisesSyncBehavior`, handle: (call) => readBehavior(call, type) },
    { method: 'PATCH', template: `/${type}s/{id}/onPremisesSyncBehavior`, handle: (call) => writeBehavior(call, type) },
  ]),
  { method: 'GET', template: '/users/{id}/mailboxSettings', handle: readMailbox },
  { method: 'PATCH', template: '/users/{id}/mailboxSettings', handle: writeMailbox },
  { method: 'POST', template: '/invitations', handle: invite },
];

function isCloudManaged(properties: Readonly<Record<string, unknown>>): boolean {
  return (properties.onPremisesSyncBehavior as { isCloudManaged?: unknown } | undefined)?.isCloudManaged === true;
}

function readBehavior(call: Call, type: 'user' | 'group'): GraphResponse {
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

function invite(call: Call): GraphResponse {
  const body = readBody(call);
  const {
    invitedUserEmailAddress: address,
    inviteRedirectUrl: url,
    invitedUserDisplayName: name,
    invitedUserType = 'Guest',
    sendInvitationMessage = false,
    ...others
  } = body;
  const [other] = Object.keys(others).filter((key) => !key.startsWith('@odata.'));
  if (other !== undefined) throw notImplemented(`the property ${other} of an invitation`);
  if (typeof address !== 'string' || !/^[^@\s]+@[^@\s]+$/.test(address))
    throw badRequest("A value is required for property 'invitedUserEmailAddress'.");
  if (typeof url !== 'string') throw badRequest("A value is required for property 'inviteRedirectUrl'.");
  const { tenant } = call;
  const domain = call.settings.domains[0]?.id ?? '';
  const userPrincipalName = `${address.replace('@', '_')}#EXT#@${domain}`;
  const [known] = tenant.holders('userPrincipalName', userPrincipalName);
  const properties = {
    displayName: typeof name === 'string' ? name : (address.split('@')[0] ?? address),
    mail: address,
    mailNickname: `${address.replace('@', '_')}#EXT#`,
    userPrincipalName,
    otherMails: [address],
    proxyAddresses: [`SMTP:${address}`],
    userType: invitedUserType,
    accountEnabled: true,
    creationType: 'Invitation',
    externalUserState: 'PendingAcceptance',
    externalUserStateChangeDateTime: tenant.clock.now(),
    createdDateTime: tenant.clock.now(),
  };
  if (known === undefined) requireUnique(call, null, properties);
  const userId = known ?? newId();
  if (known === undefined) {
    tenant.transact(() => followRules(call, tenant.create('user', userId, properties)));
  }
  return json(
    {
      '@odata.context': contextUrl('invitations/$entity'),
      id: newId(),
      inviteRedeemUrl: `https://login.microsoftonline.com/redeem?rd=${encodeURIComponent(url)}`,
      invitedUserDisplayName: properties.displayName,
      invitedUserEmailAddress: address,
      invitedUserType,
      inviteRedirectUrl: url,
      sendInvitationMessage,
      status: 'PendingAcceptance',
      invitedUser: { id: userId },
    },
    201,
  );
}
