/** The pool `premium` of the customer `northwind`: whoever uses it, whoever else buys for it, and what it has cost. */
import { setTimeout as after } from 'node:timers/promises';
import type { LicensePool, PartnerConnection } from '../../operator/core/objects.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../simulator/seed.ts';
import type { Stage } from '../stage/index.ts';
import { connectionSpec, type Desk } from './desk.ts';

const dayMs = 24 * 60 * 60_000;

/** Cost 16.00 and price 20.00, which is what Microsoft charges there. */
export const premium = {
  name: 'premium',
  productId: 'CFQ7TTC0SWD3',
  skuId: '0001',
  skuPartNumber: 'Office_365_E3_(no_Teams)',
  term: 'P1Y',
  billingCycle: 'Monthly',
  cost: 1600,
  price: 2000,
} as const;

export const poolSpec = {
  tenantRef: { name: 'northwind' },
  offer: 'premium',
  seats: { max: 50 },
  increase: 'Auto',
  decrease: 'Auto',
  endOfTerm: 'Renew',
} as const;

export class SeatDesk {
  /** Who is at the portal. */
  readonly buyer = 'admin@fabrikamcloud.onmicrosoft.com';
  readonly #stage: Stage;
  readonly #desk: Desk;

  constructor(stage: Stage, desk: Desk) {
    this.#stage = stage;
    this.#desk = desk;
  }

  async sell(): Promise<void> {
    const catalog = { catalog: [premium] };
    const spec = connectionSpec('eu-prod-credentials', catalog);
    await this.#desk.put('PartnerConnection', 'provider', 'eu-prod', spec);
  }

  declare(more: object = {}, name = 'premium'): Promise<void> {
    return this.#desk.put('LicensePool', 'contoso', name, { ...poolSpec, ...more });
  }

  hire(name: string, more: object = {}): Promise<void> {
    return this.#desk.put('M365User', 'contoso', name, {
      tenantRef: { name: 'northwind' },
      userPrincipalName: `${name}@${DEFAULT_CUSTOMER.domain}`,
      displayName: name,
      usageLocation: 'DE',
      pools: ['premium'],
      deletionPolicy: 'SoftDelete',
      ...more,
    });
  }

  async pool(name = 'premium'): Promise<LicensePool> {
    return this.#desk.find<LicensePool>('LicensePool', name);
  }

  /** As it is after a look that begins now. */
  async looked(name = 'premium'): Promise<LicensePool> {
    const at = new Date().toISOString();
    await this.annotate('reconcile-requested-at', at, name);
    for (;;) {
      const pool = await this.pool(name);
      if (pool.status?.lastHandledReconcileAt === at) return pool;
      await after(100);
    }
  }

  /** It reads the activity log of Partner Center, and renews its tokens. */
  async connectionLooked(): Promise<PartnerConnection> {
    const at = new Date().toISOString();
    const annotation = `m365-operator.io/reconcile-requested-at=${at}`;
    const args = ['annotate', 'partnerconnection', 'eu-prod', '-n', 'provider', '--overwrite'];
    await this.#stage.controlPlane.kubectl([...args, annotation]);
    for (;;) {
      const found = await this.#desk.find<PartnerConnection>('PartnerConnection', 'eu-prod');
      if (found.status?.lastHandledReconcileAt === at) return found;
      await after(100);
    }
  }

  annotate(key: string, value: string, name = 'premium'): Promise<string> {
    const annotation = `m365-operator.io/${key}=${value}`;
    const args = ['annotate', 'licensepool', name, '-n', 'contoso', '--overwrite', annotation];
    return this.#stage.controlPlane.kubectl(args);
  }

  /** Microsoft's clock goes on; ours does not. */
  pass(days: number): void {
    this.#stage.simulator.world.clock.advance(days * dayMs);
  }

  passTo(ms: number): void {
    const { clock } = this.#stage.simulator.world;
    clock.advance(ms - clock.nowMs());
  }

  /** As months pass for an operator that runs: it uses its refresh token, which else expires after 90 days. */
  async liveTo(ms: number): Promise<void> {
    const { clock } = this.#stage.simulator.world;
    while (clock.nowMs() < ms) {
      this.passTo(Math.min(ms, clock.nowMs() + 60 * dayMs));
      await this.connectionLooked();
    }
  }

  get subscriptions() {
    const all = [...commerceOf(this.#stage.simulator.world).subscriptions.values()];
    return all.filter(
      ({ customerId, productId }) =>
        customerId === DEFAULT_CUSTOMER.tenantId && productId === premium.productId,
    );
  }

  get active() {
    return this.subscriptions.find(({ status }) => status === 'active');
  }

  /** Of those that are active. */
  get bought(): number {
    const active = this.subscriptions.filter(({ status }) => status === 'active');
    return active.reduce((sum, { quantity }) => sum + quantity, 0);
  }

  get ledger() {
    const { ledger } = commerceOf(this.#stage.simulator.world);
    return ledger.filter(
      ({ customerId, productId }) =>
        customerId === DEFAULT_CUSTOMER.tenantId && productId === premium.productId,
    );
  }

  /** In minor units, of the lines from the nth on. */
  charged(from = 0): number {
    return this.ledger.slice(from).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }

  /** Somebody of the partner, at the portal. */
  changeAtPortal(changes: object): void {
    const subscription = this.active;
    const customer = DEFAULT_CUSTOMER.tenantId;
    const path = `/v1/customers/${customer}/subscriptions/${subscription?.id ?? ''}`;
    const ask = (method: string, body?: object) =>
      this.#stage.simulator.asPerson({
        service: 'partnerCenter',
        tenantId: DEFAULT_PARTNER.tenantId,
        userPrincipalName: this.buyer,
        method,
        path,
        body,
      });
    const read = ask('GET');
    const { status, body } = ask('PATCH', { ...(read.body as object), ...changes });
    if (status >= 300) throw new Error(`the portal answers ${status}: ${JSON.stringify(body)}`);
  }

  /** Reasons of events about the pool, in any order. */
  async events(name = 'premium'): Promise<readonly string[]> {
    const selector = `regarding.name=${name}`;
    const args = ['get', 'events.events.k8s.io', '-n', 'contoso', '--field-selector', selector];
    const found = await this.#stage.controlPlane.kubectl([...args, '-o', 'json']);
    const { items } = JSON.parse(found) as { items: readonly { reason: string }[] };
    return items.map(({ reason }) => reason);
  }
}
