/** What is sold: SKUs and their availabilities (partner-center.md 4). */
import type { PartnerCenterConnection } from './connection.ts';
import type { Part } from './part.ts';
import type { CatalogItem } from './port.ts';
import * as wire from './wire.ts';

/** What is sold changes by the month; what is bought is checked by Partner Center itself. */
const itemMaxAgeMs = 60 * 60_000;

export function catalog(
  connection: PartnerCenterConnection,
): Part<'getCatalogItem' | 'listAvailabilities'> {
  const items = new Map<string, { readonly item: CatalogItem; readonly atMs: number }>();
  const asked = new Map<string, Promise<CatalogItem | undefined>>();
  const { nowMs } = connection.options;
  const ask = async (path: string, signal: AbortSignal): Promise<CatalogItem | undefined> => {
    const item = await connection.find({ path, as: 'app', operation: 'GetSku' }, wire.WireSku, {
      signal,
      codes: ['400013', '400018'],
    });
    if (item !== undefined) items.set(path, { item, atMs: nowMs() });
    return item;
  };
  return {
    async getCatalogItem(productId, skuId, country, signal) {
      const path = `/v1/products/${productId}/skus/${skuId}?country=${country}`;
      const known = items.get(path);
      if (known !== undefined && nowMs() - known.atMs < itemMaxAgeMs) return known.item;
      // After a start all pools of an offer ask at once. Where the one that asks fails or is cut off, each asks for itself.
      const other = asked.get(path);
      const told = other && (await other.then((item) => ({ item }), ignored));
      if (told !== undefined) return told.item;
      const answer = ask(path, signal).finally(() => {
        if (asked.get(path) === answer) asked.delete(path);
      });
      asked.set(path, answer);
      return answer;
    },
    async listAvailabilities(customerId, productId, skuId, signal) {
      const found = await connection.list(
        {
          path: `/v1/customers/${customerId}/products/${productId}/skus/${skuId}/availabilities`,
          as: 'app',
          operation: 'ListAvailabilities',
        },
        wire.WireAvailability,
        signal,
      );
      return found.flat();
    },
  };
}

function ignored(): undefined {
  return undefined;
}
