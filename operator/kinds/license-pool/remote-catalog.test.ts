import { describe, expect, it } from 'vitest';
import { connection, offer, pool, tenant } from '../../../hack/testing/build.ts';
import { failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { Availability } from '../../clients/partner-center/port.ts';
import type { Deps, TenantAccess } from '../access.ts';
import { availabilityOf } from './availability.ts';
import { catalogFacts } from './remote-catalog.ts';

const mail = { ...offer, name: 'mail', productId: 'CFQ7TTC0LH16', skuId: '0001' };
const visio = { ...offer, name: 'visio', productId: 'CFQ7TTC0HD32', skuId: '0003' };
const item = { minimumQuantity: 1, maximumQuantity: 300, isAddOn: false, bases: [] };

/** Of a tenant in DE whose connection sells these three, and Microsoft there only those of `sold`. */
function look(sold: readonly string[], others: readonly string[] = []) {
  const asked: string[] = [];
  const access = {
    tenant: tenant(),
    connection: connection({ spec: { catalog: [offer, mail, visio] } }),
    clients: {
      partnerCenter: {
        getCatalogItem: (productId: string, _: string, country: string) => {
          asked.push(country);
          return Promise.resolve(sold.includes(productId) ? item : undefined);
        },
      },
    },
  } as unknown as TenantAccess;
  const pools = others.map((name) => ({
    ...pool({ spec: { offer: name } }),
    metadata: { ...pool().metadata, uid: name },
  }));
  const deps = { cluster: { referencing: () => pools } } as unknown as Deps;
  return { asked, facts: catalogFacts(deps, { pool: pool(), access, offer, all: [] }, signal) };
}

describe("an offer that is not sold in the tenant's country", () => {
  it('stalls its pool, which names what of the catalogue is', async () => {
    const { facts, asked } = look([mail.productId]);
    const failure = await failureOf(facts);
    expect(failure).toMatchObject({ class: 'Terminal', reason: 'OfferNotInCountry' });
    expect(String(failure)).toContain(
      'offer "business-premium" is not sold in DE; of the catalogue sold are mail',
    );
    expect(asked).toEqual(['DE', 'DE', 'DE']);
  });

  it('says where none is', async () => {
    const failure = await failureOf(look([]).facts);
    expect(String(failure)).toContain('of the catalogue none that was asked for is');
  });

  it('is no matter of the pools beside its own', async () => {
    const { facts } = look([offer.productId], ['visio']);
    expect(await facts).toMatchObject({ maximumQuantity: 300, addOn: undefined });
  });
});

describe('a term that the offer lacks', () => {
  const sold = (term: string, billingCycle: string): Availability => ({
    catalogItemId: `${term} ${billingCycle}`,
    term,
    billingCycle,
  });

  it('is refused with those that it has', () => {
    const available = [sold('P1M', 'monthly'), sold('P1Y', 'annual'), sold('P1Y', 'annual')];
    expect(() => availabilityOf(available, { ...offer, term: 'P3Y' })).toThrow(
      'with term P3Y billed Monthly; it is with P1M billed Monthly, P1Y billed Annual',
    );
    expect(() => availabilityOf([], offer)).toThrow('billed Monthly; nothing of it is');
  });

  it('is told from the one that it has', () => {
    const match = sold('P1Y', 'monthly');
    expect(availabilityOf([sold('P1M', 'monthly'), match], offer)).toBe(match);
  });
});
