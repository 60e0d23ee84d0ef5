import type { M365Tenant, M365User } from '../../operator/core/objects.ts';
import { planTenant } from '../../operator/kinds/m365-tenant/plan.ts';
import { isEnabled } from '../../operator/kinds/m365-user/desired.ts';
import { planUser } from '../../operator/kinds/m365-user/plan.ts';
import { MassChangeGuard } from '../../operator/kinds/mass-change-guard.ts';
import { hasLeft } from '../../operator/kinds/plans.ts';
import { readyCondition, nowMs as startMs, tenant, user, withConditions } from './build.ts';
import { entraUser, observedTenant, observedUser } from './observed.ts';

/** A tenant and its people, as the engine would carry their plans out. */
export class Town {
  nowMs = startMs;
  tenant: M365Tenant;
  people: M365User[];
  done: string[] = [];
  /** Writes of `status.massChangeWindow`. */
  stored = 0;
  /** Whether the tenant can be looked at. */
  isTenantWell = true;
  guard = this.#newGuard();

  constructor(
    size: number,
    guard: Partial<NonNullable<M365Tenant['spec']['massChangeGuard']>> = {},
  ) {
    const limits = { maxUsers: 25, maxPercent: 30, windowMinutes: 60, ...guard };
    this.tenant = tenant({ spec: { massChangeGuard: limits } });
    this.people = Array.from({ length: size }, (_, n) =>
      withConditions(
        user({ metadata: { name: `p${n}`, uid: `uid-${n}` }, status: { entraId: `id-${n}` } }),
        [readyCondition()],
      ),
    );
  }

  #newGuard(): MassChangeGuard {
    return new MassChangeGuard({
      cluster: { referencing: <R>() => this.people as unknown as R[] },
      wake: () => undefined,
      nowMs: () => this.nowMs,
    });
  }

  restart(): void {
    this.guard = this.#newGuard();
  }

  block(from: number, to: number): void {
    this.#edit(from, to, { enabled: false });
  }

  unblock(from: number, to: number): void {
    this.#edit(from, to, { enabled: true });
  }

  /** `seconds` from now. */
  leave(from: number, to: number, seconds = 0): void {
    this.#edit(from, to, { leaveAt: new Date(this.nowMs + seconds * 1_000).toISOString() });
  }

  #edit(from: number, to: number, change: Partial<M365User['spec']>): void {
    this.people = this.people.map((person, n) =>
      n >= from && n < to ? { ...person, spec: { ...person.spec, ...change } } : person,
    );
  }

  confirm(batch: string | undefined): void {
    const annotations = { 'm365-operator.io/confirm': batch ?? 'none' };
    this.tenant = { ...this.tenant, metadata: { ...this.tenant.metadata, annotations } };
  }

  get batch() {
    return this.tenant.status?.massChange;
  }

  /** Everybody is looked at so often, some seconds apart. */
  pass(rounds = 4): void {
    for (let round = 0; round < rounds; round += 1) {
      this.nowMs += 2_000;
      this.people = this.people.map((person) => this.#look(person));
      this.#lookAtTenant();
    }
  }

  #lookAtTenant(): void {
    if (!this.isTenantWell) return;
    const massChanges = this.guard.countsOf(this.tenant);
    const massChangeWindow = this.guard.windowOf(this.tenant);
    const observed = observedTenant({ massChanges, massChangeWindow });
    const { status } = planTenant(this.tenant, observed, this.nowMs);
    if (status.massChangeWindow !== this.tenant.status?.massChangeWindow) this.stored += 1;
    this.tenant = { ...this.tenant, status: { ...this.tenant.status, ...status } };
  }

  #look(person: M365User): M365User {
    const accountEnabled = person.status?.conditions?.[0]?.reason !== 'Disabled';
    const hold = this.guard.holdOf(person, this.tenant);
    const before = observedUser({ hold, entra: entraUser({ accountEnabled }) });
    const first = planUser(person, before, this.nowMs);
    if (first.actions.length === 0) return this.#saved(person, first);
    const isOpen = isEnabled(person, this.nowMs);
    if (!isOpen) this.done.push(person.metadata.uid);
    this.guard.noteDone(person, this.tenant);
    const after = observedUser({
      hold: this.guard.holdOf(person, this.tenant),
      entra: entraUser({ accountEnabled: isOpen }),
    });
    const sessionsRevoked = isOpen ? undefined : true;
    const leaver = hasLeft(person, this.nowMs)
      ? { ...person.status?.leaver, passwords: { entra: 'Replaced' as const } }
      : undefined;
    const done = { ...person, status: { ...person.status, sessionsRevoked, leaver } };
    return this.#saved(done, planUser(done, after, this.nowMs));
  }

  #saved(person: M365User, { status, conditions }: ReturnType<typeof planUser>): M365User {
    return withConditions({ ...person, status: { ...person.status, ...status } }, conditions);
  }
}
