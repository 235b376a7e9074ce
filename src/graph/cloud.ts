/** Where Microsoft Graph and its token service live, cloud by cloud; and which endpoints are this very machine. */
import { AppError } from '../errors.ts';

export const cloudNames = ['global', 'usgov', 'usgov-dod', 'china'] as const;
export type CloudName = (typeof cloudNames)[number];

export interface Cloud {
  /** Origin of Graph, without version. */
  readonly endpoint: string;
  readonly authorityHost: string;
  /** What a managed identity's token must be meant for when it stands in for another application's secret. */
  readonly exchangeScope: string;
  /** Where people find what they may use: whoever accepts an invitation is led there. */
  readonly portal: string;
}

export const clouds: Readonly<Record<CloudName, Cloud>> = {
  global: {
    endpoint: 'https://graph.microsoft.com',
    authorityHost: 'https://login.microsoftonline.com',
    exchangeScope: 'api://AzureADTokenExchange/.default',
    portal: 'https://myapps.microsoft.com',
  },
  usgov: {
    endpoint: 'https://graph.microsoft.us',
    authorityHost: 'https://login.microsoftonline.us',
    exchangeScope: 'api://AzureADTokenExchangeUSGov/.default',
    portal: 'https://myapps.microsoft.us',
  },
  'usgov-dod': {
    endpoint: 'https://dod-graph.microsoft.us',
    authorityHost: 'https://login.microsoftonline.us',
    exchangeScope: 'api://AzureADTokenExchangeUSGov/.default',
    portal: 'https://myapps.microsoft.us',
  },
  china: {
    endpoint: 'https://microsoftgraph.chinacloudapi.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
    exchangeScope: 'api://AzureADTokenExchangeChina/.default',
    portal: 'https://portal.azure.cn',
  },
};

/** True for 127.0.0.1, ::1 and localhost: the only places a development token may travel to. */
export function isLoopback(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  return ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(endpoint).hostname);
}

/**
 * The origin that all requests go to.
 * @param override another endpoint than the cloud's own; loopback only, with or without `/v1.0`.
 * @throws AppError `invalid-input` for an override that is no loopback URL.
 */
export function endpointOf(cloud: CloudName, override: string | undefined): string {
  if (override === undefined) return clouds[cloud].endpoint;
  if (!isLoopback(override)) {
    throw new AppError('invalid-input', 'the Graph endpoint may be overridden only by one on this machine (loopback)');
  }
  return new URL(override).origin;
}
