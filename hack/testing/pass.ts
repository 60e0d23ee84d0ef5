/** One pass over a toy object, with everything around it recorded. */

import { FigureGauges } from '../../operator/runtime/figure-gauges.ts';
import { createMetrics } from '../../operator/runtime/metrics.ts';
import type { ReconcileDeps } from '../../operator/runtime/pass.ts';
import { reconcile } from '../../operator/runtime/reconcile.ts';
import { FakeClock } from './clock.ts';
import { MemoryStore, RecordedAudit, RecordedEvents, shownConditions } from './engine.ts';
import type { Toy } from './toy.ts';
import { ToyWorld, toyKey, toyKind } from './toy.ts';

const calm = new AbortController().signal;

export class PassKit {
  readonly key = toyKey('a');
  readonly world = new ToyWorld();
  readonly store: MemoryStore;
  readonly events = new RecordedEvents();
  readonly audit = new RecordedAudit();
  readonly deps: ReconcileDeps;
  isLeading = true;
  isOurs = true;
  isPaused = false;

  constructor() {
    const clock = new FakeClock();
    this.store = new MemoryStore(clock);
    const metrics = createMetrics({ processMetrics: false });
    this.deps = {
      store: this.store,
      events: this.events,
      audit: this.audit,
      clock,
      metrics,
      figures: new FigureGauges([], metrics, clock),
      mayWrite: () => this.isLeading,
      isOurs: () => this.isOurs,
      isPaused: false,
      unsaved: new Map(),
      failures: new Map(),
    };
  }

  run(isRecoverable = false, signal = calm) {
    const deps = { ...this.deps, isPaused: this.isPaused };
    return reconcile(toyKind(this.world, { isRecoverable }), deps, this.key, signal);
  }

  conditions() {
    return shownConditions(this.store.require(this.key));
  }

  status(): Toy['status'] {
    return (this.store.require(this.key) as Toy).status;
  }
}
