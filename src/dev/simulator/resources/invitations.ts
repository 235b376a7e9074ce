/** Invitations: a guest comes into the tenant, or one who is there redeems anew (L:api/invitation-post, graph-facts 4.1). */
import { badRequest, denied, invalidValue, missingValue } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, type Route } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';
import { newId } from './bodies.ts';
import { followRules } from './dynamic-groups.ts';
import { findLive } from './lookup.ts';
import { requireRoom } from './object-quota.ts';
import { settleUserValues } from './user-values.ts';
import { requireUnique } from './validation.ts';

export const invitationRoutes: readonly Route[] = [{ method: 'POST', template: '/invitations', handle: invite }];

interface Invitation {
  readonly address: string;
  readonly redirectUrl: string;
  readonly displayName: string | null;
  readonly type: 'Guest' | 'Member';
  readonly sends: boolean;
  readonly messageInfo: object;
  /** The guest whose redemption is reset; null: an invitation. */
  readonly resets: string | null;
}

const emptyMessage = {
  messageLanguage: null,
  customizedMessageBody: null,
  ccRecipients: [{ emailAddress: { name: null, address: null } }],
};

function readInvitation(call: Call): Invitation {
  const {
    invitedUserEmailAddress: address,
    inviteRedirectUrl: redirectUrl,
    invitedUserDisplayName: displayName = null,
    invitedUserType: type = 'Guest',
    sendInvitationMessage: sends = false,
    invitedUserMessageInfo: messageInfo = emptyMessage,
    resetRedemption = false,
    invitedUser,
    ...others
  } = readBody(call);
  const [other] = Object.keys(others).filter((key) => !key.startsWith('@odata.'));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of resource 'Invitation'.`);
  if (typeof address !== 'string') throw missingValue('invitedUserEmailAddress', 'Invitation');
  if (!/^[^@\s]+@[^@\s]+$/.test(address)) throw invalidValue('invitedUserEmailAddress', 'Invitation');
  if (typeof redirectUrl !== 'string') throw missingValue('inviteRedirectUrl', 'Invitation');
  if (type !== 'Guest' && type !== 'Member') throw invalidValue('invitedUserType', 'Invitation');
  if (typeof sends !== 'boolean') throw invalidValue('sendInvitationMessage', 'Invitation');
  const id = (invitedUser as { id?: unknown } | undefined)?.id;
  if (resetRedemption === true && typeof id !== 'string') throw missingValue('invitedUser', 'Invitation');
  return {
    address,
    redirectUrl,
    displayName: typeof displayName === 'string' ? displayName : null,
    type,
    sends,
    messageInfo: messageInfo as object,
    resets: resetRedemption === true ? String(id) : null,
  };
}

function invite(call: Call): GraphResponse {
  const invitation = readInvitation(call);
  const { address, redirectUrl } = invitation;
  const { tenant } = call;
  const userPrincipalName = `${address.replace('@', '_')}#EXT#@${call.settings.domains[0]?.id ?? ''}`;
  const [known] = tenant.holders('userPrincipalName', userPrincipalName);
  const guest =
    invitation.resets !== null
      ? resetRedemption(call, invitation, invitation.resets)
      : ((known === undefined ? undefined : tenant.live(known)) ?? createGuest(call, invitation, userPrincipalName));
  return json(
    {
      '@odata.context': contextUrl('invitations/$entity'),
      id: newId(),
      inviteRedeemUrl: `https://login.microsoftonline.com/redeem?rd=${encodeURIComponent(redirectUrl)}`,
      invitedUserDisplayName: invitation.displayName,
      invitedUserType: invitation.type,
      invitedUserEmailAddress: address,
      sendInvitationMessage: invitation.sends,
      resetRedemption: invitation.resets !== null,
      inviteRedirectUrl: redirectUrl,
      status: 'PendingAcceptance',
      invitedUserMessageInfo: invitation.messageInfo,
      invitedUser: { id: guest.id, userPrincipalName: guest.properties.userPrincipalName },
    },
    201,
  );
}

function createGuest(call: Call, { address, displayName, type }: Invitation, userPrincipalName: string): Entity {
  const { tenant } = call;
  const now = tenant.clock.now();
  const properties = {
    displayName: displayName ?? address.split('@')[0] ?? address,
    mail: address,
    mailNickname: `${address.replace('@', '_')}#EXT#`,
    userPrincipalName,
    otherMails: [address],
    proxyAddresses: [`SMTP:${address}`],
    userType: type,
    accountEnabled: true,
    creationType: 'Invitation',
    externalUserState: 'PendingAcceptance',
    externalUserStateChangeDateTime: now,
    createdDateTime: now,
  };
  requireUnique(call, null, properties);
  requireRoom(call);
  return tenant.transact(() => {
    const guest = tenant.create('user', newId(), properties);
    followRules(call, guest);
    return guest;
  });
}

/** The guest keeps its id and takes the new address, which has to be among its other ones already. Throws 400, 403, 404. */
function resetRedemption(call: Call, { address }: Invitation, id: string): Entity {
  const { tenant, settings } = call;
  const may = settings.permissions === 'all' || settings.permissions.some((name) => mayReset.includes(name));
  if (call.caller === 'app' && !may) throw denied();
  const guest = findLive(call, 'user', id);
  const mails = [guest.properties.mail, ...((guest.properties.otherMails as readonly string[] | undefined) ?? [])];
  const known = mails.some((mail) => String(mail).toLowerCase() === address.toLowerCase());
  if (guest.properties.userType !== 'Guest' || !known) throw invalidValue('invitedUserEmailAddress', 'Invitation');
  const changes = settleUserValues({ mail: address }, guest);
  requireUnique(call, guest.id, changes);
  tenant.transact(() =>
    tenant.update(guest.id, {
      ...changes,
      externalUserState: 'PendingAcceptance',
      externalUserStateChangeDateTime: tenant.clock.now(),
    }),
  );
  return guest;
}

const mayReset: readonly string[] = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
