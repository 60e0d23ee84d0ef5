import type { Json } from './json.ts';

/** One thing that is to happen. Data only, so that a saved world can carry it. */
export type Task = {
  readonly atMs: number;
  readonly kind: string;
  readonly args: Json;
};

/** Of two tasks for one moment, the one that was added first comes first. */
type Entry = Task & { readonly sequence: number };

/** Tasks by time: a binary heap, so that adding to and taking from many thousands stays cheap. */
export class TaskQueue {
  private readonly heap: Entry[] = [];
  private sequence = 0;

  add(task: Task): void {
    this.sequence += 1;
    this.heap.push({ ...task, sequence: this.sequence });
    this.rise(this.heap.length - 1);
  }

  first(): Task | undefined {
    return this.heap[0];
  }

  removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink(0);
  }

  /** In the order in which they will run. */
  list(): Task[] {
    const entries = [...this.heap].sort((a, b) => (isBefore(a, b) ? -1 : 1));
    return entries.map(({ atMs, kind, args }) => ({ atMs, kind, args }));
  }

  clear(): void {
    this.heap.length = 0;
  }

  private rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  private sink(from: number): void {
    let index = from;
    for (;;) {
      const child = this.earlierChild(index);
      if (!this.swapIfBefore(child, index)) return;
      index = child;
    }
  }

  private earlierChild(index: number): number {
    const left = 2 * index + 1;
    const [a, b] = [this.heap[left], this.heap[left + 1]];
    return a && b && isBefore(b, a) ? left + 1 : left;
  }

  private swapIfBefore(index: number, other: number): boolean {
    const [a, b] = [this.heap[index], this.heap[other]];
    if (!a || !b || !isBefore(a, b)) return false;
    this.heap[index] = b;
    this.heap[other] = a;
    return true;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
