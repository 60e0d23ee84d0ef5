import { type Rule, remember } from './rule.ts';
import { patchedIn, shownIn } from './subscription-reads.ts';

/** Names of the members as last shown, and before. */
interface Reads {
  readonly names: readonly string[];
  readonly before: readonly string[] | undefined;
}

/** Not for the client to send. */
const DECORATION: ReadonlySet<string> = new Set(['links', 'attributes']);

/**
 * A member is missed only where it stood in the last two reads: between the read and the change another worker of the
 * same client may have read anew.
 */
export const partialPatch: Rule<Map<string, Reads>> = {
  name: 'partial-patch',
  says: 'PATCH of a subscription replaces it, so all that was read is sent (partner-center.md 6.3; 15, ruling 3).',
  begin: () => new Map(),
  look(reads, sight) {
    const patched = patchedIn(sight);
    const known = patched === undefined ? undefined : reads.get(patched);
    for (const { key, resource } of shownIn(sight)) {
      const names = Object.keys(resource as object).filter((name) => !DECORATION.has(name));
      remember(reads, key, { names, before: reads.get(key)?.names });
    }
    if (patched === undefined) return undefined;
    if (known === undefined) return 'changed without having been read';
    const sent = new Set(Object.keys(Object(sight.request.body) as object));
    const missing = known.names.filter(
      (name) => !sent.has(name) && (known.before?.includes(name) ?? true),
    );
    return missing.length > 0 ? `left out of what was read: ${missing.join(', ')}` : undefined;
  },
};
