/** Who changes a tenant's directory beside the operator: its administrator at the portal, and an application of somebody else. */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import type { Stage } from '../stage/index.ts';

const { tenantId, initialDomain } = DEFAULT_CUSTOMER;

export const administrator = `admin@${initialDomain}`;

export type Author = 'User' | 'Application';

export interface Others {
  /** Below `/v1.0`. Throws what is refused. */
  change(author: Author, method: string, path: string, body?: object): Promise<void>;
  /** As the audit log names them. */
  nameOf(author: Author): string;
}

const rival = { name: 'Rival', app: { displayName: 'rival-app', secret: 'rival-secret-not-real' } };

export async function othersIn({ simulator }: Stage): Promise<Others> {
  setDefaultCACertificates([
    ...getCACertificates('bundled'),
    readFileSync(simulator.caFile, 'utf8'),
  ]);
  const { clientId } = simulator.addPartner(rival);
  const { login, graph } = simulator.urls;
  await (await fetch(`${login}/${tenantId}/adminconsent?client_id=${clientId}`)).text();
  const answer = await fetch(`${login}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: clientId,
      client_secret: rival.app.secret,
      scope: 'https://graph.microsoft.com/.default',
      grant_type: 'client_credentials',
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const asApplication = async (method: string, path: string, body?: object): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const { status } = await fetch(`${graph}/v1.0${path}`, init);
    return status;
  };
  const asPerson = (method: string, path: string, body?: object): number =>
    simulator.asPerson({
      service: 'graph',
      tenantId,
      userPrincipalName: administrator,
      method,
      path: `/v1.0${path}`,
      body,
    }).status;
  return {
    nameOf: (author) => (author === 'User' ? administrator : rival.app.displayName),
    change: async (author, method, path, body) => {
      const ask = author === 'User' ? asPerson : asApplication;
      const status = await ask(method, path, body);
      if (status >= 300) throw new Error(`${method} ${path} by ${author} is refused: ${status}`);
    },
  };
}
