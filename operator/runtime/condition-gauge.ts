/** `m365_conditions`: how many objects show which condition, kept from the changes of the cache. */
import type { CommonStatus, ObjectKey, Resource } from '../core/resource.ts';
import type { Metrics } from './metrics.ts';

type Labels = Record<'kind' | 'namespace' | 'type' | 'status' | 'reason', string>;

export class ConditionGauge {
  readonly #gauge: Metrics['conditions'];
  readonly #shown = new Map<ObjectKey, readonly Labels[]>();
  readonly #counts = new Map<string, number>();

  constructor(gauge: Metrics['conditions']) {
    this.#gauge = gauge;
  }

  /** `resource` undefined: the object is gone. */
  update(key: ObjectKey, resource: Resource | undefined): void {
    const labels = resource === undefined ? [] : labelsOf(resource);
    for (const before of this.#shown.get(key) ?? []) this.#count(before, -1);
    for (const now of labels) this.#count(now, 1);
    if (labels.length === 0) this.#shown.delete(key);
    else this.#shown.set(key, labels);
  }

  #count(labels: Labels, change: 1 | -1): void {
    const id = Object.values(labels).join('\n');
    const count = (this.#counts.get(id) ?? 0) + change;
    if (count > 0) {
      this.#counts.set(id, count);
      this.#gauge.set(labels, count);
    } else {
      this.#counts.delete(id);
      this.#gauge.remove(labels);
    }
  }
}

function labelsOf(resource: Resource): readonly Labels[] {
  const { conditions } = (resource.status ?? {}) as CommonStatus;
  const { namespace } = resource.metadata;
  return (conditions ?? []).map(({ type, status, reason }) => ({
    kind: resource.kind,
    namespace,
    type,
    status,
    reason,
  }));
}
