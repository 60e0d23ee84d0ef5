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
} from './port.ts';

export const numeric = z.union([z.number(), z.string()]).transform(Number);
const list = z
  .union([z.array(z.string()), z.object({ value: z.array(z.string()) }).transform((o) => o.value)])
  .default([]);
const flag = z.boolean().default(false);
/** null and absent mean the same. */
export const textOrEmpty = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
export const flagOrFalse = z
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
    isTrial: flagOrFalse,
    dynamicAttributes: z
      .object({
        provisioningId: z.string().nullish(),
        isAddon: flagOrFalse,
        prerequisiteSkus: z.array(z.string()).nullish(),
      })
      .nullish(),
  })
  .transform(
    (wire): CatalogItem => ({
      productId: wire.productId,
      skuId: wire.id,
      provisioningId: wire.dynamicAttributes?.provisioningId?.toLowerCase(),
      minimumQuantity: wire.minimumQuantity ?? 1,
      maximumQuantity: wire.maximumQuantity ?? Number.MAX_SAFE_INTEGER,
      isTrial: wire.isTrial,
      isAddOn: wire.dynamicAttributes?.isAddon === true,
      bases: wire.dynamicAttributes?.prerequisiteSkus ?? [],
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

/** ISO 8601 in UTC, whole seconds; a time without a zone is UTC. */
export function utc(time: string | undefined): string | undefined {
  if (time === undefined) return undefined;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
