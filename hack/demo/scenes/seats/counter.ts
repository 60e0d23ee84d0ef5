/** The pool as kubectl has it: what is asked of the operator, and what it says. */
import type { LicensePool, M365Tenant, M365User } from '../../../../operator/core/objects.ts';
import { until } from '../../../control-plane/processes.ts';
import { applyCredentials, type Stage } from '../../../stage/index.ts';
import { allObjects, isReady, tenantsIn } from '../../objects.ts';
import { connection, namespace, offer, person, pool, tenant } from './customers.ts';

const patience = { timeoutMs: 40_000, everyMs: 100 };

export class Counter {
  readonly #stage: Stage;
  /** Who works there, the newest last. */
  readonly #people: string[] = [];
  #hired = 0;
  /** Events that were told of already. */
  readonly #told = new Set<string>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get people(): number {
    return this.#people.length;
  }

  /** Connection, tenant and pool; the customer's administrator opens the link and accepts. */
  async open(): Promise<void> {
    await this.#kubectl('create', 'namespace', 'provider');
    await this.#kubectl('create', 'namespace', namespace);
    await applyCredentials(this.#stage);
    await this.#stage.apply(connection);
    await this.#stage.apply(tenant);
    const link = async () => (await this.#tenant())?.status?.approvalUrl?.split('/').at(-1);
    await until('the link to approve', async () => (await link()) !== undefined, patience);
    this.#stage.simulator.approveRelationship((await link()) ?? '');
    await this.#lookNow('m365tenant', 'adatum', namespace);
    await this.allow('Plan');
    await until(
      'connection, tenant and pool to be Ready',
      async () => {
        const objects = await allObjects(this.#stage);
        return objects.length === 3 && objects.every(isReady);
      },
      patience,
    );
  }

  async allow(decrease: 'Plan' | 'Auto'): Promise<void> {
    await this.#stage.apply(pool(decrease));
  }

  async join(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, i) => `person${this.#hired + i + 1}`);
    this.#hired += count;
    this.#people.push(...names);
    await this.#stage.apply(names.map((name) => person(name)).join('---\n'));
  }

  /** Yesterday, by the clock of people: who has come last goes first. */
  async leave(count: number): Promise<void> {
    const names = this.#people.splice(-count);
    const yesterday = `${new Date(Date.now() - 24 * 60 * 60_000).toISOString().slice(0, 19)}Z`;
    await this.#stage.apply(names.map((name) => person(name, yesterday)).join('---\n'));
  }

  /** As it does all the time: it uses its tokens, and that of the service user expires after 90 days without use. */
  async lookAtConnection(): Promise<void> {
    const at = await this.#lookNow('partnerconnection', 'eu-prod', 'provider');
    const handled = 'jsonpath={.status.lastHandledReconcileAt}';
    const args = ['get', 'partnerconnection', 'eu-prod', '-n', 'provider', '-o', handled];
    const isDone = async () => (await this.#kubectl(...args)) === at;
    await until('a look at the connection', isDone, patience);
  }

  /** What each night does: the pool is looked at until nothing is left to do, and everybody has a seat. */
  async settled(): Promise<LicensePool> {
    let found = await this.#looked();
    await until(
      `nothing to be left to do for ${this.people} people`,
      async () => {
        if (this.#isSettled(found)) return true;
        found = await this.#looked();
        return this.#isSettled(found);
      },
      patience,
    );
    return found;
  }

  #isSettled({ status }: LicensePool): boolean {
    const { seats, plan, intent, pending } = status ?? {};
    const isDue = plan?.lines?.some(({ state }) => state === 'Due') === true;
    const isServed = seats?.assigned === this.people && seats.reserved === 0;
    return isServed && !isDue && intent === undefined && pending === undefined;
  }

  /** Until the operator has read in Partner Center's activity log who changed something at or after this moment. */
  async authorOf(changedAtMs: number): Promise<string> {
    await this.lookAtConnection();
    let author = '';
    const isTold = async (): Promise<boolean> => {
      const { status } = await this.#pool();
      author = status?.lastOutsideChange?.by ?? '';
      return Date.parse(status?.lastOutsideChange?.at ?? '') >= changedAtMs;
    };
    await until('the author of the change', isTold, patience);
    return author;
  }

  /** Reasons of the events about the pool that are new, the oldest first. */
  async news(): Promise<readonly string[]> {
    const found = await this.#stage.list<KubeEvent>('events');
    const fresh = found
      .filter(({ regarding }) => regarding.kind === 'LicensePool')
      .filter((event) => !this.#told.has(nameOf(event)))
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
    for (const event of fresh) this.#told.add(nameOf(event));
    return [...new Set(fresh.map(({ reason }) => reason))];
  }

  async everybodyIsReady(): Promise<boolean> {
    const objects = await allObjects(this.#stage);
    const users = objects.filter((object): object is M365User => object.kind === 'M365User');
    return users.length === this.#hired && objects.every(isReady);
  }

  async #looked(): Promise<LicensePool> {
    const at = await this.#lookNow('licensepool', offer.name, namespace);
    let found = await this.#pool();
    await until(
      'a look at the pool',
      async () => {
        if (found.status?.lastHandledReconcileAt === at) return true;
        found = await this.#pool();
        return found.status?.lastHandledReconcileAt === at;
      },
      patience,
    );
    return found;
  }

  async #pool(): Promise<LicensePool> {
    const text = await this.#kubectl('get', 'lp', offer.name, '-n', namespace, '-o', 'json');
    return JSON.parse(text) as LicensePool;
  }

  async #tenant(): Promise<M365Tenant | undefined> {
    return tenantsIn(await allObjects(this.#stage))[0];
  }

  async #lookNow(kind: string, name: string, where: string): Promise<string> {
    const at = new Date().toISOString();
    const annotation = `m365-operator.io/reconcile-requested-at=${at}`;
    await this.#kubectl('annotate', kind, name, '-n', where, '--overwrite', annotation);
    return at;
  }

  #kubectl(...args: readonly string[]): Promise<string> {
    return this.#stage.controlPlane.kubectl(args);
  }
}

interface KubeEvent {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly reason: string;
  readonly regarding: { readonly kind: string };
  readonly series?: { readonly count: number };
}

/** One that came again is news. */
function nameOf({ metadata, series }: KubeEvent): string {
  return `${metadata.uid} ${series?.count ?? 1}`;
}
