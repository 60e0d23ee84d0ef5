/** What somebody of the partner does at the portal of Microsoft, past the operator. */
import { commerceOf } from '../../../simulator/commerce/index.ts';
import type { Simulator } from '../../../simulator/index.ts';
import { DEFAULT_PARTNER } from '../../../simulator/seed.ts';
import { offer } from './customers.ts';

export class Portal {
  readonly person = 'olga@fabrikamcloud.onmicrosoft.com';
  readonly #simulator: Simulator;
  readonly #customer: string;

  constructor(simulator: Simulator, customer: { readonly tenantId: string }) {
    this.#simulator = simulator;
    this.#customer = customer.tenantId;
  }

  /** Of the subscription that is active. */
  get seats(): number {
    return this.subscription?.quantity ?? 0;
  }

  get subscription() {
    const all = [...commerceOf(this.#simulator.world).subscriptions.values()];
    return all.find(
      ({ customerId, status }) => customerId === this.#customer && status === 'active',
    );
  }

  /** The first ones by a cart, more of them by a change of the subscription. */
  buy(seats: number): void {
    if (this.subscription === undefined) this.#purchase(seats);
    else this.change({ quantity: this.seats + seats });
  }

  /** As the portal does it: the whole subscription is read, and written back changed. */
  change(changes: object): void {
    const path = `subscriptions/${this.subscription?.id ?? ''}`;
    this.#ask('PATCH', path, { ...(this.#ask('GET', path) as object), ...changes });
  }

  #purchase(quantity: number): void {
    const { productId, skuId, term } = offer;
    const sku = `products/${productId}/skus/${skuId}/availabilities`;
    const { items } = this.#ask('GET', sku) as {
      readonly items: readonly {
        readonly catalogItemId: string;
        readonly terms: readonly { readonly duration: string }[];
      }[];
    };
    const found = items.find(({ terms }) => terms.some(({ duration }) => duration === term));
    const line = {
      id: 0,
      catalogItemId: found?.catalogItemId,
      quantity,
      termDuration: term,
      billingCycle: 'monthly',
    };
    const wanted = { partnerOnRecordAttestationAccepted: true, lineItems: [line] };
    const cart = this.#ask('POST', 'carts', wanted) as { readonly id: string };
    this.#ask('POST', `carts/${cart.id}/checkout`);
  }

  #ask(method: string, path: string, body?: object): unknown {
    const answer = this.#simulator.asPerson({
      service: 'partnerCenter',
      tenantId: DEFAULT_PARTNER.tenantId,
      userPrincipalName: this.person,
      method,
      path: `/v1/customers/${this.#customer}/${path}`,
      body,
    });
    if (answer.status < 300) return answer.body;
    throw new Error(`the portal answers ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}
