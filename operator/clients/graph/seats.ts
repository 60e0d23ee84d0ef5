/** Seats of a tenant (graph.md 5.1, 5.5). */
import * as z from 'zod';
import type { Part } from './answers.ts';
import type { GraphConnection } from './connection.ts';
import type * as port from './port.ts';
import * as wire from './wire.ts';

export function seats(
  connection: GraphConnection,
): Part<'listSubscribedSkus' | 'listCompanySubscriptions'> {
  return {
    async listSubscribedSkus(signal) {
      const { items } = await connection.list(
        { path: '/subscribedSkus', operation: 'ListSubscribedSkus' },
        wire.WireSubscribedSku,
        signal,
      );
      return items;
    },
    async listCompanySubscriptions(signal) {
      const { items } = await connection.list(
        { path: '/directory/subscriptions', operation: 'ListCompanySubscriptions' },
        WireCompanySubscription,
        signal,
      );
      return items;
    },
  };
}

const optional = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const WireCompanySubscription = z
  .object({
    commerceSubscriptionId: z.string().nullish(),
    skuPartNumber: z.string().nullish(),
    totalLicenses: z.number().nullish(),
    status: z.string().nullish(),
    isTrial: z.boolean().nullish(),
    ownerTenantId: optional,
    nextLifecycleDateTime: optional,
  })
  .transform(
    (wire): port.CompanySubscription => ({
      commerceSubscriptionId: (wire.commerceSubscriptionId ?? '').toLowerCase(),
      skuPartNumber: wire.skuPartNumber ?? '',
      totalLicenses: wire.totalLicenses ?? 0,
      status: wire.status ?? '',
      isTrial: wire.isTrial ?? false,
      ownerTenantId: wire.ownerTenantId,
      nextLifecycleDateTime: wire.nextLifecycleDateTime,
    }),
  );
