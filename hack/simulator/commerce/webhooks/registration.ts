/** Who is told of what (partner-center.md 10.3): one registration for each partner tenant. */
import type { ApiResponse } from '../../world.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { readBody, requireText } from '../request-body.ts';
import { present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf } from '../state.ts';
import { iso } from '../terms.ts';

export const EVENTS = [
  'test-created',
  'subscription-updated',
  'usagerecords-thresholdExceeded',
  'invoice-ready',
  'reseller-relationship-accepted-by-customer',
  'granular-admin-relationship-approved',
  'granular-admin-relationship-activated',
  'granular-admin-relationship-expired',
  'granular-admin-relationship-terminated',
  'granular-admin-access-assignment-created',
  'granular-admin-access-assignment-updated',
  'granular-admin-access-assignment-activated',
  'granular-admin-access-assignment-deleted',
  'dap-admin-relationship-approved',
  'dap-admin-relationship-terminated',
  'dap-admin-relationship-terminated-by-microsoft',
  'new-commerce-migration-created',
  'new-commerce-migration-completed',
  'new-commerce-migration-failed',
  'new-commerce-migration-schedule-failed',
  'referral-created',
  'referral-updated',
  'related-referral-created',
  'related-referral-updated',
  'azure-fraud-event-detected',
] as const;

export type EventName = (typeof EVENTS)[number];

export interface Registration {
  readonly subscriberId: string;
  readonly url: string;
  readonly events: readonly EventName[];
  /** `x-ms-signature` instead of `Authorization`. */
  readonly isInSignatureHeader: boolean;
  /** Where this service was called: its certificate is served there. */
  readonly origin: string;
  readonly modifiedMs: number;
}

export function listEvents(): ApiResponse {
  return { status: 200, body: EVENTS };
}

export function getRegistration(exchange: Exchange): ApiResponse {
  return { status: 200, body: registrationToWire(requireRegistration(exchange)) };
}

/** @throws CommerceFault 404/20000 where the partner has none */
export function requireRegistration({ world, partner }: Exchange): Registration {
  const registration = commerceOf(world).webhooks.get(partner.tenantId);
  if (registration === undefined) {
    throw new CommerceFault(404, 20000, 'There is no webhook registration.');
  }
  return registration;
}

/** POST makes the one registration of the partner, PUT replaces it. */
export function createRegistration(exchange: Exchange): ApiResponse {
  const { world, partner } = exchange;
  if (commerceOf(world).webhooks.has(partner.tenantId)) {
    throw new CommerceFault(409, 2000, 'There is a webhook registration: replace it with PUT.');
  }
  return saveRegistration(exchange, world.random.uuid());
}

export function replaceRegistration(exchange: Exchange): ApiResponse {
  return saveRegistration(exchange, requireRegistration(exchange).subscriberId);
}

function saveRegistration(exchange: Exchange, subscriberId: string): ApiResponse {
  const { world, partner, request } = exchange;
  const body = readBody(request.body, 'WebhookRegistration');
  const registration: Registration = {
    subscriberId,
    url: readUrl(requireText(body, 'WebhookUrl')),
    events: readEvents(body.WebhookEvents),
    isInSignatureHeader: body.SignatureTokenToMsSignatureHeader === true,
    origin: request.origin ?? 'https://api.partnercenter.microsoft.com',
    modifiedMs: world.clock.nowMs(),
  };
  commerceOf(world).webhooks.set(partner.tenantId, registration);
  return { status: 200, body: registrationToWire(registration) };
}

/** HTTPS, as the service asks for; plain HTTP to this machine, for rehearsals. */
function readUrl(text: string): string {
  const url = URL.parse(text);
  const isLocal = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost';
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLocal)) {
    throw invalidInput(`Member 'WebhookUrl' must be an https address: '${text}'.`);
  }
  return text;
}

function readEvents(value: unknown): readonly EventName[] {
  const asked: readonly unknown[] = Array.isArray(value) ? value : [];
  return asked.map((name) => {
    const event = EVENTS.find((known) => known === name);
    if (event === undefined) {
      throw invalidInput(`Member 'WebhookEvents': '${String(name)}' is not known.`);
    }
    return event;
  });
}

function registrationToWire(registration: Registration): Record<string, unknown> {
  return present({
    SubscriberId: registration.subscriberId,
    WebhookUrl: registration.url,
    WebhookEvents: registration.events,
    SignatureTokenToMsSignatureHeader: registration.isInSignatureHeader,
    LastModifiedTimestamp: iso(registration.modifiedMs),
  });
}
