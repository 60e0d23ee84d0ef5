/**
 * Partner Center's JSON, as far as it is read: tolerant of further members, of number-or-string and of letter case
 * (partner-center.md 1.7). Conversion to the port's types is here too.
 */
import * as z from 'zod';
import type {
  Agreement,
  Availability,
  Cart,
  CatalogItem,
  Checkout,
  CountryRules,
  Customer,
  Subscription,
} from './port.ts';

const numeric = z.union([z.number(), z.string()]).transform(Number);
const list = z
  .union([z.array(z.string()), z.object({ value: z.array(z.string()) }).transform((o) => o.value)])
  .default([]);
const flag = z.boolean().default(false);
/** null and absent mean the same. */
const textOrEmpty = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const flagOrFalse = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

export const WireCustomer = z
  .object({
    id: z.string(),
    companyProfile: z.object({ domain: z.string(), companyName: z.string().optional() }),
    relationshipToPartner: z.string().optional(),
  })
  .transform(
    (wire): Customer => ({
      id: wire.id,
      domain: wire.companyProfile.domain.toLowerCase(),
      companyName: wire.companyProfile.companyName ?? '',
      relationship: (wire.relationshipToPartner ?? '').toLowerCase(),
    }),
  );

export const WireCreatedCustomer = z.object({
  id: z.string(),
  userCredentials: z.object({ userName: z.string(), password: z.string() }).optional(),
});

/** Both shapes are read: the documentation's sample and the SDK's (partner-center.md 2.3). */
export const WireCountryRules = z
  .object({
    isStateRequired: flag,
    states: list,
    supportedStatesList: list,
    isPostalCodeRequired: flag,
    postalCodeRegex: optionalText,
    isCityRequired: flag,
    supportedLanguages: list,
    supportedLanguagesList: list,
    supportedCultures: list,
    supportedCulturesList: list,
  })
  .transform(
    (wire): CountryRules => ({
      isStateRequired: wire.isStateRequired,
      states: [...wire.supportedStatesList, ...wire.states],
      isPostalCodeRequired: wire.isPostalCodeRequired,
      postalCodePattern: wire.postalCodeRegex,
      isCityRequired: wire.isCityRequired,
      languages: [...wire.supportedLanguagesList, ...wire.supportedLanguages],
      cultures: [...wire.supportedCulturesList, ...wire.supportedCultures],
    }),
  );

const WireAddress = z.object({
  addressLine1: z.string().optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  postalCode: z.string().optional(),
});

export const WireAddressCheck = z.object({
  status: z.string(),
  validationMessage: z.string().nullish(),
  suggestedAddresses: z.array(WireAddress).nullish(),
});

export function addressLine(address: z.infer<typeof WireAddress>): string {
  const { addressLine1, postalCode, city, state } = address;
  return [addressLine1, [postalCode, city].filter(Boolean).join(' '), state]
    .filter(Boolean)
    .join(', ');
}

export const WireAgreement = z
  .object({
    primaryContact: z.object({
      firstName: z.string(),
      lastName: z.string(),
      email: z.string(),
      phoneNumber: z.string().nullish(),
    }),
    dateAgreed: z.string(),
    templateId: z.string(),
  })
  .transform(
    (wire): Agreement => ({
      primaryContact: {
        firstName: wire.primaryContact.firstName,
        lastName: wire.primaryContact.lastName,
        email: wire.primaryContact.email,
        phone: wire.primaryContact.phoneNumber ?? undefined,
      },
      dateAgreed: wire.dateAgreed,
      templateId: wire.templateId,
    }),
  );

export const WireAgreementTemplate = z.object({
  templateId: z.string(),
  agreementType: z.string().optional(),
  versionRank: numeric.optional(),
});

export const WireSku = z
  .object({
    id: z.string(),
    productId: z.string(),
    minimumQuantity: numeric.optional(),
    maximumQuantity: numeric.optional(),
    dynamicAttributes: z.object({ provisioningId: z.string().nullish() }).nullish(),
  })
  .transform(
    (wire): CatalogItem => ({
      productId: wire.productId,
      skuId: wire.id,
      provisioningId: wire.dynamicAttributes?.provisioningId?.toLowerCase(),
      minimumQuantity: wire.minimumQuantity ?? 1,
      maximumQuantity: wire.maximumQuantity ?? Number.MAX_SAFE_INTEGER,
    }),
  );

export const WireAvailability = z
  .object({
    catalogItemId: z.string(),
    isPurchasable: z.boolean().optional(),
    terms: z.array(z.object({ duration: z.string(), billingCycle: z.string() })).nullish(),
  })
  .transform((wire): readonly Availability[] =>
    wire.isPurchasable === false
      ? []
      : (wire.terms ?? []).map((term) => ({
          catalogItemId: wire.catalogItemId,
          term: term.duration,
          billingCycle: term.billingCycle.toLowerCase(),
        })),
  );

export const WireCart = z
  .object({
    id: z.string(),
    lineItems: z
      .array(
        z.object({
          error: z
            .object({
              errorCode: z.union([z.string(), z.number()]),
              errorDescription: z.string().nullish(),
            })
            .nullish(),
        }),
      )
      .nullish(),
  })
  .transform(
    (wire): Cart => ({
      id: wire.id,
      lineErrors: (wire.lineItems ?? []).flatMap(({ error }) =>
        error === null || error === undefined
          ? []
          : [{ code: String(error.errorCode), message: error.errorDescription ?? '' }],
      ),
    }),
  );

export const WireCheckout = z
  .object({
    orders: z.array(z.object({ id: z.string() })).nullish(),
    orderErrors: z
      .array(
        z.object({
          code: z.union([z.string(), z.number()]),
          description: z.string().nullish(),
        }),
      )
      .nullish(),
  })
  .transform(
    (wire): Checkout => ({
      orderId: wire.orders?.[0]?.id,
      errors: (wire.orderErrors ?? []).map((error) => ({
        code: String(error.code),
        message: error.description ?? '',
      })),
    }),
  );

const RefundableBatch = z
  .object({ quantity: numeric, allowedUntilDateTime: z.string() })
  .transform((batch) => ({
    quantity: batch.quantity,
    until: utc(batch.allowedUntilDateTime) ?? '',
  }));

const ScheduledAction = z
  .object({ scheduleType: z.string(), actionType: z.string() })
  .transform((action) => `${action.scheduleType}/${action.actionType}`);

export const WireSubscription = z
  .object({
    id: z.string(),
    offerId: z.string(),
    friendlyName: textOrEmpty,
    quantity: numeric,
    status: z.string(),
    termDuration: textOrEmpty,
    billingCycle: textOrEmpty,
    isTrial: flagOrFalse,
    autoRenewEnabled: flagOrFalse,
    orderId: optionalText,
    commitmentEndDate: optionalText,
    commitmentEndDateTime: optionalText,
    scheduledActions: z.array(ScheduledAction).nullish(),
    refundableQuantity: z.object({ details: z.array(RefundableBatch).nullish() }).nullish(),
  })
  .transform((wire): Subscription => {
    // `product:sku:availability` in new commerce; a GUID in old subscriptions, which match no offer.
    const [productId = '', skuId = ''] = wire.offerId.split(':');
    return {
      id: wire.id.toLowerCase(),
      productId,
      skuId,
      friendlyName: wire.friendlyName,
      quantity: wire.quantity,
      status: wire.status.toLowerCase(),
      term: wire.termDuration,
      billingCycle: wire.billingCycle.toLowerCase(),
      isTrial: wire.isTrial,
      autoRenewEnabled: wire.autoRenewEnabled,
      scheduledActions: (wire.scheduledActions ?? []).sort(),
      orderId: wire.orderId,
      commitmentEndDate: utc(wire.commitmentEndDateTime ?? wire.commitmentEndDate),
      refundable: wire.refundableQuantity?.details ?? [],
    };
  });

/** ISO 8601 in UTC, whole seconds; a time without a zone is UTC. */
function utc(time: string | undefined): string | undefined {
  if (time === undefined) return undefined;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** One page; `next` tells whether and how to go on (partner-center.md 1.8). */
export const WirePage = z.object({
  items: z.array(z.unknown()),
  continuationToken: z.string().nullish(),
  links: z
    .object({
      next: z
        .object({
          uri: z.string(),
          headers: z.array(z.object({ key: z.string(), value: z.string() })).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

/**
 * The members of a subscription that a change of seats or end of term touches, over the whole resource as it was
 * read: PATCH is a full replace, unknown members stay. Seats and end of term never go in one request, because a
 * change of seats loses instructions sent with it (partner-center.md 15.3, 15.4).
 */
export function changedSubscription(
  resource: Readonly<Record<string, unknown>>,
  change: { readonly quantity?: number; readonly endOfTerm?: 'Renew' | 'Cancel' | 'Extend' },
): Record<string, unknown> {
  if (change.quantity !== undefined) return { ...resource, quantity: change.quantity };
  if (change.endOfTerm === undefined) return { ...resource };
  const action = {
    Renew: 'RenewToNewTerm',
    Cancel: 'Cancel',
    Extend: 'RenewToExtendedServiceTerm',
  };
  return {
    ...resource,
    autoRenewEnabled: change.endOfTerm === 'Renew',
    scheduledActions: [{ scheduleType: 'TermEnd', actionType: action[change.endOfTerm] }],
  };
}
