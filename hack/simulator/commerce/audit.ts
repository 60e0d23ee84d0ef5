/** Audit records (partner-center.md 8): written for every mutation, readable for 90 days. */
import type { ApiResponse } from '../world.ts';
import type { AuditRecord } from './audit-record.ts';
import type { Customer } from './customers/customer.ts';
import { CommerceFault, invalidInput } from './faults.ts';
import { attributes, page, present, readFilter } from './resources.ts';
import type { Exchange, Scope } from './routing.ts';
import { commerceOf } from './state.ts';
import { DAY_MS, iso, parseDate, startOfDay } from './terms.ts';
import { notify } from './webhooks/outbox.ts';

const KEPT_MS = 90 * DAY_MS;
const DEFAULT_WINDOW_MS = 30 * DAY_MS;
/** .NET ticks between year 1 and the Unix epoch. */
const EPOCH_TICKS = 621_355_968_000_000_000n;

/** Who did it: from the request, or the service itself (renewals have no user). */
export interface Actor {
  readonly userPrincipalName?: string | undefined;
  readonly applicationId: string;
  readonly correlationId: string;
}

interface AuditEvent {
  readonly operationType: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly oldValue?: unknown;
  readonly newValue?: unknown;
  readonly customizedData?: Readonly<Record<string, string>>;
}

export const SYSTEM: Actor = { applicationId: 'FulfillmentService', correlationId: '' };

export function recordAudit(
  scope: Scope & { readonly partnerTenantId: string },
  customer: Customer,
  actor: Actor,
  event: AuditEvent,
): void {
  const { world } = scope;
  const now = world.clock.nowMs();
  const ticks = EPOCH_TICKS + BigInt(Math.floor(now)) * 10_000n;
  const parts = [scope.partnerTenantId, customer.id, event.resourceId, event.operationType, ticks];
  forgetOld(commerceOf(world).auditRecords, now);
  const id = parts.join('_');
  commerceOf(world).auditRecords.push({
    id,
    partnerId: scope.partnerTenantId,
    customerId: customer.id,
    customerName: customer.billingProfile.companyName,
    userPrincipalName: actor.userPrincipalName,
    applicationId: actor.applicationId,
    resourceType: event.resourceType,
    resourceOldValue: valueText(event.oldValue),
    resourceNewValue: valueText(event.newValue),
    operationType: event.operationType,
    operationStatus: 'succeeded',
    originalCorrelationId: actor.correlationId === '' ? world.random.uuid() : actor.correlationId,
    operationMs: now,
    customizedData: Object.entries(event.customizedData ?? {}).map(([key, value]) => ({
      key,
      value,
    })),
  });
  if (event.resourceType === 'subscription') {
    notify(world, scope.partnerTenantId, {
      name: 'subscription-updated',
      resourcePath: `/customers/${customer.id}/subscriptions/${event.resourceId}`,
      resourceName: 'subscription',
      auditId: id,
    });
  }
}

/** What nobody can read any more, a month's records at a time. */
function forgetOld(records: AuditRecord[], nowMs: number): void {
  const oldest = records[0]?.operationMs ?? nowMs;
  if (oldest < nowMs - KEPT_MS - DEFAULT_WINDOW_MS) {
    const kept = records.findIndex(({ operationMs }) => operationMs >= startOfDay(nowMs - KEPT_MS));
    records.splice(0, kept === -1 ? records.length : kept);
  }
}

function valueText(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(pascal(value));
}

/** Resource values stand in the log as the SDK writes them: PascalCase JSON text. */
function pascal(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(pascal);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.charAt(0).toUpperCase() + name.slice(1),
      pascal(member),
    ]),
  );
}

export function listAuditRecords(exchange: Exchange): ApiResponse {
  const { world, request, partner } = exchange;
  const { startMs, endMs } = auditWindow(exchange);
  const matches = recordFilter(request.query);
  const items = commerceOf(world)
    .auditRecords.filter(
      (record) =>
        record.partnerId === partner.tenantId &&
        record.operationMs >= startMs &&
        record.operationMs < endMs &&
        matches(record),
    )
    .map(toWire);
  return { status: 200, body: page(items, request) };
}

function auditWindow(exchange: Exchange): { startMs: number; endMs: number } {
  const now = exchange.world.clock.nowMs();
  const read = (name: string): number | undefined => {
    const sent = exchange.request.query.get(name);
    if (sent === null) {
      return undefined;
    }
    const ms = parseDate(sent);
    if (ms === undefined) {
      throw invalidInput(`Query parameter '${name}' is not a date: '${sent}'.`);
    }
    return ms;
  };
  const startMs = read('startDate') ?? startOfDay(now - DEFAULT_WINDOW_MS);
  if (startMs < startOfDay(now - KEPT_MS)) {
    throw invalidInput("Query parameter 'startDate' is more than 90 days ago.");
  }
  const lastDayMs = read('endDate') ?? now;
  return { startMs, endMs: startOfDay(lastDayMs) + DAY_MS };
}

function recordFilter(query: URLSearchParams): (record: AuditRecord) => boolean {
  const filter = readFilter(query);
  if (filter === undefined) {
    return () => true;
  }
  const value = filter.value.toLowerCase();
  switch (`${filter.field} ${filter.operator}`) {
    case 'companyname substring':
      return (record) => record.customerName.toLowerCase().includes(value);
    case 'customerid equals':
      return (record) => record.customerId === value;
    case 'resourcetype equals':
      return (record) => record.resourceType.replaceAll('_', '') === value.replaceAll('_', '');
    default:
      throw invalidInput(`Filter on ${filter.field} with ${filter.operator} is not supported.`);
  }
}

export function getAuditRecord(exchange: Exchange): ApiResponse {
  const record = commerceOf(exchange.world).auditRecords.find(
    ({ id, partnerId }) => id === exchange.params.id && partnerId === exchange.partner.tenantId,
  );
  if (record === undefined) {
    throw new CommerceFault(404, 20000, 'The audit record does not exist.');
  }
  return { status: 200, body: toWire(record) };
}

function toWire(record: AuditRecord): Record<string, unknown> {
  const { operationMs, ...members } = record;
  return present({
    ...members,
    operationDate: iso(operationMs),
    participants: [],
    attributes: attributes('AuditRecord'),
  });
}
