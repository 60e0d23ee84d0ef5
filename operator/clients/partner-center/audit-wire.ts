/** A record of Partner Center's activity log, as far as it is read (partner-center.md 8). */
import * as z from 'zod';
import type { AuditRecord, LoggedSeats } from './port.ts';
import { numeric, optionalText, textOrEmpty, utc } from './wire.ts';

/** A subscription before or after a change: PascalCase JSON as text. */
const LoggedSubscription = z.object({
  Quantity: numeric,
  Status: optionalText,
  TermDuration: optionalText,
  BillingCycle: optionalText,
});

type Data = readonly { readonly key: string; readonly value: string }[];

/** `customizedData` names the subscriptions of an order `SubscriptionId-0`, `-1`, …, that of a change `SubscriptionId`. */
export const WireAuditRecord = z
  .object({
    id: textOrEmpty,
    customerId: optionalText,
    resourceType: textOrEmpty,
    operationType: textOrEmpty,
    operationDate: z.string(),
    operationStatus: textOrEmpty,
    userPrincipalName: optionalText,
    applicationId: optionalText,
    resourceOldValue: optionalText,
    resourceNewValue: optionalText,
    customizedData: z.array(z.object({ key: z.string(), value: textOrEmpty })).nullish(),
  })
  .transform((wire): Omit<AuditRecord, 'isOwn'> => {
    const data = wire.customizedData ?? [];
    const isOrder = wire.resourceType.toLowerCase() === 'order';
    return {
      id: wire.id,
      customerId: (wire.customerId ?? '').toLowerCase(),
      resourceType: wire.resourceType.toLowerCase(),
      operationType: wire.operationType.toLowerCase(),
      at: utc(wire.operationDate) ?? wire.operationDate,
      isSuccess: wire.operationStatus.toLowerCase() === 'succeeded',
      isMicrosoft: isMicrosoft(wire),
      userPrincipalName: wire.userPrincipalName,
      applicationId: wire.applicationId?.toLowerCase(),
      subscriptionIds: data
        .filter(({ key }) => /^subscriptionid(-\d+)?$/i.test(key))
        .map(({ value }) => value.toLowerCase()),
      orderId: data.find(({ key }) => key.toLowerCase() === 'orderid')?.value,
      before: isOrder ? undefined : seatsIn(wire.resourceOldValue),
      after: isOrder ? orderedIn(wire.operationType, data) : seatsIn(wire.resourceNewValue),
    };
  });

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Nobody's account, and the name of a service in place of an application's id: renewals and what was scheduled. */
function isMicrosoft({
  userPrincipalName = '',
  applicationId = '',
}: Partial<Pick<AuditRecord, 'userPrincipalName' | 'applicationId'>>): boolean {
  return userPrincipalName === '' && applicationId !== '' && !guid.test(applicationId);
}

/** What is not as documented says nothing: who and when count all the same. */
function seatsIn(text: string | undefined): LoggedSeats | undefined {
  const { data } = LoggedSubscription.safeParse(parsed(text));
  if (data === undefined || !Number.isSafeInteger(data.Quantity)) return undefined;
  const isGone = data.Status?.toLowerCase() === 'deleted';
  return {
    quantity: isGone ? 0 : data.Quantity,
    term: data.TermDuration,
    billingCycle: data.BillingCycle?.toLowerCase(),
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** Of an order with one line: which of several lines became which subscription is not told. */
function orderedIn(operationType: string, data: Data): LoggedSeats | undefined {
  const [line, ...others] = data.filter(({ key }) => /^quantity-\d+$/i.test(key));
  const quantity = Number(line?.value);
  const isKnown = line !== undefined && others.length === 0 && Number.isSafeInteger(quantity);
  if (operationType.toLowerCase() !== 'create_order' || !isKnown) return undefined;
  return { quantity, term: undefined, billingCycle: undefined };
}
