/** Users of one tenant in memory, found by id, by name and by anchor, with a count of who holds what. */
import type { EntraUser } from './port.ts';

export class UserIndex {
  readonly #users = new Map<string, EntraUser>();
  readonly #idByName = new Map<string, string>();
  /** Several where something is wrong: an anchor is one person's. */
  readonly #idsByAnchor = new Map<string, readonly string[]>();
  /** Users that hold a SKU, by its id. */
  readonly #assigned = new Map<string, number>();

  get size(): number {
    return this.#users.size;
  }

  ids(): Iterable<string> {
    return this.#users.keys();
  }

  all(): Iterable<EntraUser> {
    return this.#users.values();
  }

  has(id: string): boolean {
    return this.#users.has(id);
  }

  get(id: string): EntraUser | undefined {
    return this.#users.get(id);
  }

  byName(userPrincipalName: string): EntraUser | undefined {
    const id = this.#idByName.get(userPrincipalName.toLowerCase());
    return id === undefined ? undefined : this.#users.get(id);
  }

  byAnchor(anchor: string): readonly EntraUser[] {
    return (this.#idsByAnchor.get(anchor) ?? []).flatMap((id) => this.#users.get(id) ?? []);
  }

  withoutAnchor(domain: string): number {
    const end = `@${domain}`;
    return [...this.#users.values()].filter(
      ({ onPremisesImmutableId, userPrincipalName }) =>
        onPremisesImmutableId === undefined && userPrincipalName.toLowerCase().endsWith(end),
    ).length;
  }

  holders(skuId: string): readonly EntraUser[] {
    const holds = (user: EntraUser) => user.assignedLicenses.some((one) => one.skuId === skuId);
    return [...this.#users.values()].filter(holds);
  }

  assigned(skuId: string): number {
    return this.#assigned.get(skuId) ?? 0;
  }

  put(user: EntraUser): void {
    this.drop(user.id);
    this.#users.set(user.id, user);
    this.#count(user, 1);
    this.#idByName.set(lowerCase(user.userPrincipalName), user.id);
    const { onPremisesImmutableId: anchor, id } = user;
    if (anchor !== undefined)
      this.#idsByAnchor.set(anchor, [...(this.#idsByAnchor.get(anchor) ?? []), id]);
  }

  drop(id: string): void {
    const user = this.#users.get(id);
    if (user === undefined) return;
    this.#users.delete(id);
    this.#count(user, -1);
    // The name may be another's by now: changes come in no order.
    const name = user.userPrincipalName.toLowerCase();
    if (this.#idByName.get(name) === id) this.#idByName.delete(name);
    this.#dropAnchor(user);
  }

  #dropAnchor({ onPremisesImmutableId: anchor, id }: EntraUser): void {
    if (anchor === undefined) return;
    const others = (this.#idsByAnchor.get(anchor) ?? []).filter((other) => other !== id);
    if (others.length === 0) this.#idsByAnchor.delete(anchor);
    else this.#idsByAnchor.set(anchor, others);
  }

  #count(user: EntraUser, change: 1 | -1): void {
    for (const { skuId } of user.assignedLicenses) {
      this.#assigned.set(skuId, this.assigned(skuId) + change);
    }
  }
}

/** Without a copy of what is so already. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower === text ? text : lower;
}
