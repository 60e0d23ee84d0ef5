/** The steps for a tenant's domains. Pure. */
import type { DeclaredDomain } from '../../api/domains.ts';
import { fingerprint } from '../../core/hash.ts';
import type { M365Tenant } from '../../core/objects.ts';
import * as act from './actions.ts';
import { federationPatch, wantedFederation } from './federation.ts';
import type { ObservedTenant } from './observed.ts';
import { done, open, type Step } from './step.ts';

export function domainsStep(tenant: M365Tenant, observed: ObservedTenant): Step | undefined {
  const declared = tenant.spec.domains ?? [];
  if (declared.length === 0) return undefined;
  return (
    claimedStep(observed) ??
    proofStep(tenant, observed) ??
    defaultStep(declared, observed) ??
    done(type, 'DomainsVerified', 'every declared domain is verified')
  );
}

const type = 'DomainsReady';

function claimedStep({ claimedDomains = [] }: ObservedTenant): Step | undefined {
  if (claimedDomains.length === 0) return undefined;
  const names = claimedDomains.join(', ');
  return open(
    type,
    ['DomainClaimed', `an older M365Tenant declares ${names}: a domain belongs to one tenant`],
    { isStalled: true },
  );
}

function proofStep(tenant: M365Tenant, observed: ObservedTenant): Step | undefined {
  const names = (tenant.spec.domains ?? []).map(({ name }) => name);
  const found = new Map((observed.domains ?? []).map((domain) => [domain.name, domain]));
  const absent = names.filter((name) => !found.has(name));
  if (absent.length > 0) {
    return open(type, ['DomainMissing', 'declared domains are being added'], {
      actions: absent.map((name) => act.addDomain(name)),
    });
  }
  const unverified = names.filter((name) => found.get(name)?.isVerified === false);
  if (unverified.length === 0) return undefined;
  return open(
    type,
    ['DomainNotVerified', 'set one of the DNS records of each domain in status.domains'],
    {
      actions: [
        ...publication(tenant, observed),
        ...unverified.map((name) => act.verifyDomain(name)),
      ],
    },
  );
}

function defaultStep(
  declared: readonly DeclaredDomain[],
  { domains }: ObservedTenant,
): Step | undefined {
  const wanted = declared.find((domain) => domain.default === true)?.name;
  const isOther = domains?.some(({ name, isDefault }) => name === wanted && !isDefault) === true;
  if (wanted === undefined || !isOther) return undefined;
  return open(type, ['DefaultDomainDiffers', 'the default domain is being set'], {
    actions: [act.setDefaultDomain(wanted)],
  });
}

/** Only TXT: one record proves a domain, and nobody's mail is to pass through the other kind. */
function publication(tenant: M365Tenant, { records }: ObservedTenant): readonly act.TenantAction[] {
  if (tenant.spec.publishDnsRecords !== true) return [];
  const texts = Object.values(records ?? {})
    .flat()
    .filter(({ type }) => type === 'TXT');
  const name = fingerprint(JSON.stringify(texts));
  if (texts.length === 0 || name === tenant.status?.publishedRecords) return [];
  return [act.publishDnsRecords(texts, name)];
}

/** Each verified domain whose federation is declared; the server itself is not asked. */
export function federationStep(tenant: M365Tenant, observed: ObservedTenant): Step | undefined {
  const declared = (tenant.spec.domains ?? []).filter(({ federation }) => federation !== undefined);
  if (declared.length === 0) return undefined;
  const inherited = declared.find(({ name }) => parentOf(name, observed) !== undefined);
  if (inherited !== undefined) return inheritedStep(inherited.name, observed);
  const anchorless = declared.find(({ name }) => lacksAnchors(name, observed));
  if (anchorless !== undefined) return anchorsMissing(anchorless.name);
  const actions = declared.flatMap((domain) => federationActions(domain, observed));
  if (actions.length === 0) {
    return done('FederationReady', 'FederationSet', 'every declared federation is as declared');
  }
  const differs = ['FederationDiffers', 'the federation of the domains is being set'] as const;
  return open('FederationReady', differs, { actions });
}

/** The verified domain of the tenant that this one is below and whose federation it has (active-directory.md B5). */
function parentOf(name: string, { domains }: ObservedTenant): string | undefined {
  if (domains?.find((domain) => domain.name === name)?.isRoot !== false) return undefined;
  return domains.find((domain) => domain.isRoot && name.endsWith(`.${domain.name}`))?.name;
}

function inheritedStep(name: string, observed: ObservedTenant): Step {
  return open(
    'FederationReady',
    [
      'FederationInherited',
      `${name} is below ${parentOf(name, observed) ?? ''} and signs in as that does: declare the federation there`,
    ],
    { isStalled: true },
  );
}

function lacksAnchors(domain: string, { federations, directory }: ObservedTenant): boolean {
  return federations?.[domain] === undefined && (directory?.withoutAnchor[domain] ?? 0) > 0;
}

function federationActions(
  domain: DeclaredDomain,
  { federations }: ObservedTenant,
): readonly act.TenantAction[] {
  const wanted = wantedFederation(domain);
  if (wanted === undefined) return [];
  const found = federations?.[domain.name];
  if (found === undefined) return [act.createFederation(domain.name, wanted)];
  const patch = federationPatch(wanted, found);
  return Object.keys(patch).length === 0
    ? []
    : [act.updateFederation(domain.name, found.id, patch)];
}

/** Without an anchor the federation server's token names nobody (graph.md 2.6). */
function anchorsMissing(domain: string): Step {
  return open(
    'FederationReady',
    [
      'AnchorsMissing',
      `accounts of ${domain} have no anchor and could not sign in any more: give them one, or another domain`,
    ],
    { delayMs: 60_000 },
  );
}
