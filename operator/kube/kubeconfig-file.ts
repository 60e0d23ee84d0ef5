/** The users of a kubeconfig, checked. Loaded where there is one: in a pod there is none, and YAML is a lot of code. */
import { parse } from 'yaml';
import * as z from 'zod';

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

export type UserEntry = z.infer<typeof User>;

export function usersIn(text: string): NonNullable<z.infer<typeof Kubeconfig>['users']> {
  return Kubeconfig.parse(parse(text)).users ?? [];
}
