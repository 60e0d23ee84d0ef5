/** Where the API server is and how to log in: kubeconfig or service account, as `@kubernetes/client-node` reads them. */
import { delimiter } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import type { buildConnector } from 'undici';
import { readKubeconfigUser } from './kubeconfig-user.ts';

export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls: Readonly<Partial<buildConnector.BuildOptions>>;
}

export interface Endpoint {
  /** With the path prefix that some proxies have. */
  readonly server: string;
  readonly proxyUrl: string | undefined;
  /** Reads files and runs plug-ins anew where they ask for it: tokens and certificates rotate while we run. */
  readonly credentials: () => Promise<Credentials>;
}

/** `path`: as in `KUBECONFIG`. Undefined: `~/.kube/config`, then the pod's service account. */
export async function loadEndpoint(path: string | undefined): Promise<Endpoint> {
  const config = new KubeConfig();
  // Several files are for it to merge, and it does so only with those of the environment.
  if (path === undefined || path.includes(delimiter)) config.loadFromDefault();
  else config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error(`the kubeconfig has no cluster for its context "${config.currentContext}"`);
  }
  const user = await readKubeconfigUser(path, config.getCurrentUser()?.name);
  return {
    server: cluster.server,
    proxyUrl: cluster.proxyUrl,
    credentials: async () => {
      const { headers, tls } = await credentialsOf(config);
      return { headers: { ...headers, ...(await user.headers()) }, tls };
    },
  };
}

interface HttpsOptions extends ConnectionOptions {
  headers: Record<string, string>;
  auth?: string;
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: HttpsOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers = { ...options.headers };
  if (options.auth !== undefined) {
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const all = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return { headers, tls: Object.fromEntries(given) };
}
