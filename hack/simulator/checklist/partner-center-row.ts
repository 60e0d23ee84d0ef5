/** What the rows of the checklist of Partner Center have in common. */
import { buyer, subscribe, type TestCloud, testCloud } from '../commerce/test-world.ts';

/** One row of partner-center.md 13, or a part of it, with what shows it on a cloud of its own. */
export interface Row {
  readonly row: number;
  readonly words: string;
  /** Section of partner-center.md. */
  readonly source: string;
  readonly proof: () => void | Promise<void>;
}

interface Shop {
  readonly cloud: TestCloud;
  readonly customer: string;
  readonly subscription: string;
}

/** A cloud with a customer that has one subscription. */
export function shop(wanted = {}): Shop {
  const cloud = testCloud();
  const customer = buyer(cloud);
  return { cloud, customer, subscription: subscribe(cloud, customer, wanted) };
}

export function moveTo(cloud: TestCloud, iso: string): void {
  cloud.world.clock.advance(Date.parse(iso) - cloud.world.clock.nowMs());
}
