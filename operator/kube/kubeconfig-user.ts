/** What `@kubernetes/client-node` 2.0 leaves out of a kubeconfig's user: `tokenFile`, and whom it acts as beyond a name. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { load } from 'js-yaml';
import * as z from 'zod';

type Headers = Readonly<Record<string, string | readonly string[]>>;

const User = z.object({
  tokenFile: z.string().optional(),
  as: z.string().optional(),
  'as-uid': z.string().optional(),
  'as-groups': z.array(z.string()).optional(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).optional(),
});
const Kubeconfig = z.object({
  users: z.array(z.object({ name: z.string(), user: User.nullish() })).nullish(),
});

export interface KubeconfigUser {
  /** Reads the token anew each time it is called: it rotates. */
  readonly headers: () => Promise<Headers>;
}

/** `path`: as in `KUBECONFIG`, one or several; the first that has the user is taken, as kubectl does. */
export async function readKubeconfigUser(
  path: string | undefined,
  name: string | undefined,
): Promise<KubeconfigUser> {
  const files = (path ?? join(homedir(), '.kube', 'config')).split(delimiter);
  for (const file of files.filter((one) => one !== '')) {
    const user = await userIn(file, name);
    if (user !== undefined) return { headers: () => headersOf(user, dirname(file)) };
  }
  return { headers: () => Promise.resolve({}) };
}

type UserEntry = z.infer<typeof User>;

async function userIn(file: string, name: string | undefined): Promise<UserEntry | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    // In a pod there is none; whether that is a fault is client-node's to say.
    return undefined;
  }
  const { users } = Kubeconfig.parse(load(text));
  return users?.find((user) => user.name === name)?.user ?? undefined;
}

async function headersOf(user: UserEntry, folder: string): Promise<Headers> {
  const { tokenFile } = user;
  if (tokenFile === undefined) return impersonation(user);
  const token = await readFile(isAbsolute(tokenFile) ? tokenFile : join(folder, tokenFile), 'utf8');
  return { Authorization: `Bearer ${token.trim()}`, ...impersonation(user) };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ (2026-11). */
function impersonation(user: UserEntry): Headers {
  const { as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra = {} } = user;
  if (as === undefined) return {};
  return {
    'Impersonate-User': as,
    ...(uid === undefined ? {} : { 'Impersonate-Uid': uid }),
    ...(groups === undefined ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `Impersonate-Extra-${encodeURIComponent(key)}`,
        values,
      ]),
    ),
  };
}
