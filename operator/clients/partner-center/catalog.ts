/** What is sold: SKUs and their availabilities (partner-center.md 4). */
import type { PartnerCenterConnection } from './connection.ts';
import type { Part } from './part.ts';
import * as wire from './wire.ts';

export function catalog(
  connection: PartnerCenterConnection,
): Part<'getCatalogItem' | 'listAvailabilities'> {
  return {
    async getCatalogItem(productId, skuId, country, signal) {
      return connection.find(
        {
          path: `/v1/products/${productId}/skus/${skuId}?country=${country}`,
          as: 'app',
          operation: 'GetSku',
        },
        wire.WireSku,
        { signal, codes: ['400013', '400018'] },
      );
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
