/** Custom domains of an M365Tenant: what is declared, and how far each has come. */
import * as z from 'zod';
import { dateTime, domainName } from './common.ts';
import { atomic, keyedBy, rules, text } from './define.ts';

const httpsUri = (description: string) =>
  z
    .string()
    .max(1024)
    .regex(/^https:\/\/[^\s]+$/)
    .describe(description);

/** Names and values of Graph's internalDomainFederation; active-directory.md B6. */
const Federation = z.object({
  issuerUri: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe(
      'What the federation server calls itself for this domain, to the letter; unique in all of Entra. Unset: http://<domain>/adfs/services/trust/.',
    ),
  passiveSignInUri: httpsUri('Where browsers sign in, e.g. https://sts.example/adfs/ls/.'),
  activeSignInUri: httpsUri(
    'Where clients without a browser sign in, e.g. https://sts.example/adfs/services/trust/2005/usernamemixed.',
  ).optional(),
  signOutUri: httpsUri('Where browsers sign out.').optional(),
  metadataExchangeUri: httpsUri(
    'Metadata, from which Entra takes new signing certificates by itself.',
  ).optional(),
  signingCertificate: z
    .string()
    .min(100)
    .max(8192)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)
    .describe(
      'Public certificate that signs the tokens: base64 in one line, without a PEM header. Once set it is compared only where metadataExchangeUri is unset: Entra rolls it over by itself.',
    ),
  nextSigningCertificate: z
    .string()
    .min(100)
    .max(8192)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)
    .optional()
    .describe(
      'The certificate that follows, in the same form: tokens signed with either are taken. Compared only where metadataExchangeUri is unset.',
    ),
  protocol: z
    .enum(['WsFed', 'Saml'])
    .default('WsFed')
    .describe('preferredAuthenticationProtocol of Graph.'),
  multiFactorAuthentication: z
    .enum(['AcceptIfDoneByFederatedIdp', 'EnforceByFederatedIdp', 'RejectByFederatedIdp'])
    .default('AcceptIfDoneByFederatedIdp')
    .describe('federatedIdpMfaBehavior of Graph: who asks for the second factor.'),
});

const Domain = z
  .object({
    name: domainName('Custom domain, in lower case.').meta(
      rules({
        rule: "!self.endsWith('.onmicrosoft.com')",
        message: 'onmicrosoft.com domains come with the tenant and are not declared',
      }),
    ),
    authentication: z
      .enum(['Managed', 'Federated'])
      .optional()
      .describe(
        'How people of this domain sign in: Managed by Entra, or Federated (ADFS). Compared and reported; Federated is set only where federation is declared, and a Federated domain is turned back to Managed only on confirmation: its people need a password in Entra then. Unset: not compared.',
      ),
    federation: Federation.optional().describe(
      'The federation server. A verified domain becomes Federated once every account of it has an anchor.',
    ),
    default: z
      .boolean()
      .optional()
      .describe('true: new users get this domain unless told otherwise.'),
  })
  .meta(
    rules(
      {
        rule: "!has(self.federation) || has(self.authentication) && self.authentication == 'Federated'",
        message: 'federation goes with authentication: Federated',
      },
      {
        rule: '!has(self.federation) || !has(self.default) || !self.default',
        message: 'a federated domain cannot be the default domain: Entra refuses it',
      },
    ),
  );

export const declaredDomains = z
  .array(Domain)
  .max(50)
  .optional()
  .meta({
    ...keyedBy('name'),
    ...rules({
      rule: 'self.filter(d, has(d.default) && d.default).size() <= 1',
      message: 'at most one domain can be the default',
    }),
    description:
      'Custom domains. Those that are not listed are left alone; one that an older M365Tenant declares is refused.',
  });

export const publishDnsRecords = z
  .boolean()
  .optional()
  .describe(
    'true: the records that prove the domains also stand in a DNSEndpoint (externaldns.k8s.io/v1alpha1) named <tenant>-domains, for external-dns to set.',
  );

const DnsRecord = z.object({
  type: text('Record type: TXT or MX.', 10),
  name: text('Name of the record.', 253),
  value: z.string().max(1024).describe('Value to set.'),
  ttl: z.int().min(0).max(604_800).describe('Time to live, in seconds.'),
});

export const domainStates = z
  .array(
    z.object({
      name: z.string().max(253).describe('Domain.'),
      state: z.enum(['Missing', 'Unverified', 'Verified']).describe('State in Entra.'),
      authentication: z.string().max(20).optional().describe('Managed or Federated, as found.'),
      issuerUri: z
        .string()
        .max(1024)
        .optional()
        .describe('Issuer of the federation that the operator looks after, as found.'),
      claimRule: z
        .string()
        .max(2048)
        .optional()
        .describe(
          'For ADFS: a rule of the relying party "Microsoft Office 365 Identity Platform" that sends exactly this issuer for people of the domain and of those below it.',
        ),
      certificateExpires: dateTime('When the signing certificate ends.').optional(),
      nextCertificateExpires: dateTime('When the one that follows it ends.').optional(),
      records: z
        .array(DnsRecord)
        .max(20)
        .optional()
        .meta({
          ...atomic,
          description: 'DNS records to set; any one of them proves the domain.',
        }),
    }),
  )
  .max(50)
  .optional()
  .meta({
    ...keyedBy('name'),
    description: 'Declared domains and what is still to do for them.',
  });

export type DeclaredDomain = z.infer<typeof Domain>;
