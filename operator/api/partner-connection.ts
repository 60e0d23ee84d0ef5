import * as z from 'zod';
import { guid, managementPolicies, reference, statusBase, suspend } from './common.ts';
import { asSet, atomic, count, defineApi, immutable, keyedBy, rules, text } from './define.ts';
import { markets, regionNames } from './regions.ts';
import { timeZones } from './time-zones.ts';

const PriceChange = z.object({
  from: text('First day, e.g. 2027-01-01.', 10, 10).regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/),
  cost: count('Cost from then on, as cost of the offer.', 0, 10_000_000),
  price: count('Price from then on, as price of the offer.', 0, 10_000_000),
});

const Offer = z
  .object({
    name: text('Name by which LicensePools ask for the offer.', 63).regex(
      /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    ),
    productId: text('Product of the Partner Center catalogue, e.g. CFQ7TTC0LCHC.', 12).regex(
      /^[A-Z0-9]{12}$/,
    ),
    skuId: text('SKU of the product, e.g. "0002".', 4).regex(/^[A-Z0-9]{4}$/),
    skuPartNumber: text('Part number under which Graph knows the SKU, e.g. SPB.', 100),
    term: z.enum(['P1M', 'P1Y', 'P3Y']).describe('Term of the commitment (ISO 8601 duration).'),
    billingCycle: z
      .enum(['Monthly', 'Annual', 'Triennial'])
      .describe('How often Microsoft bills within the term.'),
    cost: count(
      'What one seat costs the provider a month, in minor units (1600 = 16.00).',
      0,
      10_000_000,
    ),
    price: count('What one seat brings a month, in minor units (2000 = 20.00).', 0, 10_000_000),
    priceChanges: z
      .array(PriceChange)
      .max(20)
      .optional()
      .meta({
        ...keyedBy('from'),
        description: 'Other prices from a day on; the latest day that has come counts.',
      }),
    promotion: z
      .object({
        maxSeats: count('Seats of one subscription that the promotion is good for.', 1, 100_000),
        until: text('Last day of it (UTC), e.g. 2027-06-30. Unset: not known.', 10, 10)
          .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
          .optional(),
      })
      .optional()
      .describe(
        'The cost is that of a promotion, which Microsoft gives for so many seats of a subscription: more are bought by another offer of the product or a new subscription. What seats cost afterwards goes into priceChanges.',
      ),
  })
  .meta(
    rules({
      rule: "self.term == 'P1M' ? self.billingCycle == 'Monthly' : (self.term == 'P1Y' ? self.billingCycle in ['Monthly', 'Annual'] : true)",
      message:
        'billingCycle does not fit term: P1M is billed Monthly; P1Y Monthly or Annual; P3Y any',
    }),
  );

export const AllowedNamespaces = z.object({
  from: z
    .enum(['Same', 'All', 'Selector'])
    .describe(
      'Which namespaces may use this connection: its own, all, or those that match the selector.',
    ),
  selector: z
    .object({
      matchLabels: z
        .record(z.string().max(317), z.string().max(63))
        .meta({ maxProperties: 16, description: 'Labels that the namespace must carry.' }),
    })
    .optional()
    .describe('Labels of the namespaces; only with from: Selector.'),
});

const ActiveDirectory = z.object({
  domainControllers: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^ldaps:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?$/),
    )
    .min(1)
    .max(8)
    .meta({
      ...atomic,
      description:
        'LDAPS addresses of domain controllers (ldaps://host[:port]), tried in this order.',
    }),
  credentialsSecretRef: reference(
    'Secret in the same namespace with bindDN, bindPassword and ca.crt (PEM of the authority of the controllers).',
  ),
  customersOU: text(
    'Distinguished name of the OU below which each tenant gets its own.',
    1024,
  ).regex(/^(OU|CN)=.+,DC=.+$/i),
  tenantIsolation: z
    .enum(['None', 'ListObject'])
    .default('None')
    .describe(
      "ListObject: each tenant's OU is shown to its own people only, who are members of a group in it; what else of the forest shows it is told by TenantVisible. None: the rights of OUs are left alone.",
    ),
});

export const PartnerConnectionSpec = z
  .object({
    partnerTenantId: guid("Tenant id of the provider's own partner tenant.").meta(
      immutable('partnerTenantId'),
    ),
    cloud: z
      .enum(['Public', 'USGovernment', 'China'])
      .default('Public')
      .describe('Microsoft cloud, which decides the addresses of login, Graph and Partner Center.'),
    environment: z
      .enum(['Production', 'Sandbox'])
      .meta(immutable('environment'))
      .describe('Production, or the integration sandbox (its small limits are then kept).'),
    partnerType: z
      .enum(['DirectBill', 'IndirectProvider', 'IndirectReseller'])
      .default('DirectBill')
      .describe(
        'What the partner is to Microsoft. An IndirectReseller cannot order: seats are planned as for the others, nothing is bought or changed, and each line of a plan has the text with which to ask the provider.',
      ),
    region: z
      .enum(regionNames)
      .describe('CSP region of the partner tenant: it decides the markets.'),
    markets: z
      .array(z.enum(markets))
      .min(1)
      .max(250)
      .optional()
      .meta({
        ...asSet,
        description:
          'Countries (ISO 3166-1 alpha-2) that may be sold to, instead of those of the region.',
      }),
    timeZone: text('IANA time zone in which nightly work runs, e.g. Europe/Berlin.', 64).meta(
      rules({
        rule: `self in [${timeZones.map((name) => `'${name}'`).join(', ')}]`,
        message: 'timeZone must be an IANA name such as Europe/Berlin or UTC',
      }),
    ),
    currency: text('ISO 4217 currency of cost, price and limits, e.g. EUR.', 3).regex(/^[A-Z]{3}$/),
    credentialsSecretRef: reference(
      'Secret in the same namespace with clientId, one of clientSecret or clientCertificate, and refreshToken.',
    ),
    allowedNamespaces: AllowedNamespaces.default({ from: 'Same' })
      .meta(
        rules({
          rule: "(self.from == 'Selector') == has(self.selector)",
          message: 'selector goes with from: Selector, and only with it',
        }),
      )
      .describe('Which namespaces may use this connection.'),
    delegatedAccess: z
      .object({
        securityGroupId: guid(
          'Object id of the security group in the partner tenant that holds the service user; it gets the roles with which the operator enters a new tenant.',
        ),
      })
      .optional()
      .describe(
        'How the operator enters new tenants. Unset: a security group of the service user is found.',
      ),
    activeDirectory: ActiveDirectory.optional().describe(
      "The provider's Active Directory. Unset: cloud identities only.",
    ),
    rightSizing: z
      .object({
        schedule: text(
          'Cron expression (five fields) in timeZone: when everything is read in full.',
          100,
        ).regex(/^\S+(\s+\S+){4}$/),
      })
      .optional()
      .describe(
        'When all tenants and pools are read in full and evaluated again. Unset: 02:00 each night.',
      ),
    limits: z
      .object({
        maxSeatsPerChange: count(
          'Seats that one change of one pool may buy.',
          1,
          10_000,
        ).optional(),
        maxSpendPerMonth: count(
          'Cost a month, in minor units, that all pools together may reach.',
          0,
          1_000_000_000,
        ).optional(),
      })
      .optional()
      .describe('Guardrails: what goes beyond is held and shown, not bought.'),
    catalog: z
      .array(Offer)
      .max(200)
      .optional()
      .meta({
        ...keyedBy('name'),
        description: "What may be bought through this connection, with the provider's prices.",
      }),
    managementPolicies,
    suspend,
  })
  .describe('What the provider wants of one partner tenant of Microsoft.');

export const PartnerConnectionStatus = z
  .object({
    ...statusBase,
    markets: count('Countries that may be sold to.', 0, 250).optional(),
    tenants: count('M365Tenants that use this connection.').optional(),
    customers: count('Customers that Partner Center lists for this partner.').optional(),
    catalogOffers: count(
      'Offers of spec.catalog that the catalogue of Partner Center has.',
    ).optional(),
    credentialsExpireOn: z
      .string()
      .max(10)
      .optional()
      .describe('Day on which the client certificate ends.'),
    defaultNamingContext: z
      .string()
      .max(1024)
      .describe('Naming context of the Active Directory.')
      .optional(),
  })
  .describe('What was found.');

export type PartnerConnectionSpec = z.infer<typeof PartnerConnectionSpec>;
export type PartnerConnectionStatus = z.infer<typeof PartnerConnectionStatus>;
export type Offer = z.infer<typeof Offer>;

export const partnerConnectionApi = defineApi({
  kind: 'PartnerConnection',
  plural: 'partnerconnections',
  // `pc` alone is answered with PriorityClasses, which Kubernetes calls so too.
  shortNames: ['pconn', 'pc'],
  description:
    'One partner tenant of Microsoft: credentials by reference, region, Active Directory, catalogue, limits.',
  spec: PartnerConnectionSpec,
  status: PartnerConnectionStatus,
  selectableFields: ['.spec.partnerTenantId'],
  columns: [
    {
      name: 'Ready',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Usable.',
    },
    {
      name: 'Status',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'State in a word.',
    },
    { name: 'Region', jsonPath: '.spec.region', description: 'CSP region.' },
    {
      name: 'Tenants',
      jsonPath: '.status.tenants',
      type: 'integer',
      description: 'Tenants managed here.',
    },
    {
      name: 'Customers',
      jsonPath: '.status.customers',
      type: 'integer',
      description: 'Customers of the partner.',
    },
    {
      name: 'Partner tenant',
      jsonPath: '.spec.partnerTenantId',
      wide: true,
      description: 'Tenant id of the partner.',
    },
    {
      name: 'Message',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      wide: true,
      description: 'State in a sentence.',
    },
    {
      name: 'Age',
      jsonPath: '.metadata.creationTimestamp',
      type: 'date',
      description: 'Age of the object.',
    },
  ],
});
