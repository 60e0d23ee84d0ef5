import type { ApiRequest } from './world.ts';

/** The services of the simulated cloud, by the names that faults, the journal and portal calls use. */
export const SERVICES = ['login', 'graph', 'partnerCenter'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface Asker {
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
}

/** In whose name a request comes: as its token says; at login, which has none yet, as path and form say. */
export function askerOf(service: ServiceName, { caller, path, body }: ApiRequest): Asker {
  if (service !== 'login') return { tenantId: caller?.tenantId, appId: caller?.appId };
  const clientId = body instanceof URLSearchParams ? body.get('client_id') : null;
  return {
    tenantId: path.split('/')[1]?.toLowerCase(),
    appId: clientId?.toLowerCase(),
  };
}
