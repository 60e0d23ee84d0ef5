/** Addresses of Microsoft's clouds. Sources: graph.md 1.6, partner-center.md 1.1 (2026-11-24). */
export type Cloud = 'Public' | 'USGovernment' | 'China';

export interface Endpoints {
  /** Origins, without a slash at the end. */
  readonly login: string;
  readonly graph: string;
  readonly partnerCenter: string;
  /** What tokens are issued for: fixed names, also where the address is replaced. */
  readonly graphResource: string;
  readonly partnerCenterResource: string;
}

export type Overrides = Partial<Pick<Endpoints, 'login' | 'graph' | 'partnerCenter'>>;

const clouds: Readonly<Record<Cloud, Endpoints>> = {
  Public: {
    login: 'https://login.microsoftonline.com',
    graph: 'https://graph.microsoft.com',
    partnerCenter: 'https://api.partnercenter.microsoft.com',
    graphResource: 'https://graph.microsoft.com',
    partnerCenterResource: 'https://api.partnercenter.microsoft.com',
  },
  USGovernment: {
    login: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us',
    partnerCenter: 'https://api.partnercenter.microsoft.com',
    graphResource: 'https://graph.microsoft.us',
    partnerCenterResource: 'https://api.partnercenter.microsoft.com',
  },
  China: {
    login: 'https://login.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    partnerCenter: 'https://partner.partnercenterapi.microsoftonline.cn',
    graphResource: 'https://microsoftgraph.chinacloudapi.cn',
    partnerCenterResource: 'https://partner.partnercenterapi.microsoftonline.cn',
  },
};

/** Overrides (simulator, recorder, gateway) are settings of the process and hold for the public cloud only. */
export function endpointsOf(cloud: Cloud, overrides: Overrides): Endpoints {
  const endpoints = clouds[cloud];
  return cloud === 'Public' ? { ...endpoints, ...overrides } : endpoints;
}
