/** Delivers events to whoever registered: signed, tried ten times, then parked for good (partner-center.md 10.3). */
import type { TaskKind, World } from '../../world.ts';
import type { Scope } from '../routing.ts';
import { commerceOf } from '../state.ts';
import { iso } from '../terms.ts';
import type { EventName, Registration } from './registration.ts';
import { signer } from './signature.ts';

const ATTEMPTS_MAX = 10;
/** Deliveries that are remembered. */
const KEPT_MAX = 1000;
/** After the first failure; each further wait is twice as long. Not published. */
const FIRST_WAIT_MS = 60_000;
/** Answers that take longer count as failures. In real time. */
const TIMEOUT_MS = 10_000;
/** Where the certificate is served. */
export const CERTIFICATE_PATH = '/webhooks/certificates/simulator.cer';

export interface Delivery {
  readonly id: string;
  readonly partnerTenantId: string;
  readonly createdMs: number;
  /** JSON of the event, byte for byte as it is signed. */
  readonly text: string;
  state: 'open' | 'delivered' | 'parked';
  readonly results: {
    readonly responseCode: string;
    readonly responseMessage: string;
    readonly systemError: boolean;
    readonly atMs: number;
  }[];
}

interface Happened {
  readonly name: EventName;
  /** Below the base address. */
  readonly resourcePath: string;
  readonly resourceName: string;
  readonly auditId?: string;
}

const DELIVER: TaskKind<{ readonly deliveryId: string }> = { name: 'commerce.deliver' };
const BASE = 'https://api.partnercenter.microsoft.com';

export function registerDeliveries({ world }: Scope): void {
  world.clock.on(DELIVER, ({ deliveryId }) => {
    const { deliveries, webhooks } = commerceOf(world);
    const delivery = deliveries.get(deliveryId);
    const registration = webhooks.get(delivery?.partnerTenantId ?? '');
    if (delivery && registration) void attempt(world, delivery, registration);
  });
}

/** Tells the partner, if he asked for this. @returns the delivery, else undefined */
export function notify(
  world: World,
  partnerTenantId: string,
  happened: Happened,
): Delivery | undefined {
  const { webhooks, deliveries } = commerceOf(world);
  if (webhooks.get(partnerTenantId)?.events.includes(happened.name) !== true) {
    return undefined;
  }
  const createdMs = world.clock.nowMs();
  const delivery: Delivery = {
    id: world.random.uuid(),
    partnerTenantId,
    createdMs,
    text: eventText(happened, createdMs),
    state: 'open',
    results: [],
  };
  deliveries.set(delivery.id, delivery);
  const [oldest] = deliveries.keys();
  if (oldest !== undefined && deliveries.size > KEPT_MAX) deliveries.delete(oldest);
  world.clock.after(world.settings.webhookDelayMs, DELIVER, { deliveryId: delivery.id });
  return delivery;
}

function eventText({ name, resourcePath, resourceName, auditId }: Happened, atMs: number): string {
  return JSON.stringify({
    EventName: name,
    ResourceUri: `${BASE}/webhooks/v1${resourcePath}`,
    ResourceName: resourceName,
    AuditUri: auditId === undefined ? null : `${BASE}/auditactivity/v1/auditrecords/${auditId}`,
    ResourceChangeUtcDate: iso(atMs),
  });
}

async function attempt(world: World, delivery: Delivery, to: Registration): Promise<void> {
  const result = await post(delivery.text, to);
  const atMs = world.clock.nowMs();
  delivery.results.push({ ...result, atMs });
  if (!result.systemError && /^2\d\d$/.test(result.responseCode)) {
    delivery.state = 'delivered';
  } else if (delivery.results.length >= ATTEMPTS_MAX) {
    delivery.state = 'parked';
  } else {
    const waitMs = FIRST_WAIT_MS * 2 ** (delivery.results.length - 1);
    world.clock.schedule(atMs + waitMs, DELIVER, { deliveryId: delivery.id });
  }
}

type Result = Omit<Delivery['results'][number], 'atMs'>;

async function post(
  text: string,
  { url, origin, isInSignatureHeader }: Registration,
): Promise<Result> {
  const signature = await (await signer()).sign(text);
  const signed: Record<string, string> = isInSignatureHeader
    ? { 'x-ms-signature': signature }
    : { authorization: `Signature ${signature}` };
  const headers = {
    ...signed,
    'content-type': 'application/json; charset=utf-8',
    'x-ms-certificate-url': `${origin}${CERTIFICATE_PATH}`,
    'x-ms-signature-algorithm': 'rsa-sha256',
  };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { status, statusText } = await fetch(url, {
      method: 'POST',
      headers,
      body: text,
      signal,
    });
    return { responseCode: String(status), responseMessage: statusText, systemError: false };
  } catch (error) {
    const responseMessage = error instanceof Error ? error.message : String(error);
    return { responseCode: '', responseMessage, systemError: true };
  }
}
