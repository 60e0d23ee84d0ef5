/** A binary min-heap. Items that are no longer wanted are skipped by whoever pops them, and taken out by `keep`. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    items[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = left + 1 < items.length && this.#before(left + 1, left) ? left + 1 : left;
      if (smaller >= items.length || !this.#before(smaller, index)) return top;
      this.#swap(index, smaller);
      index = smaller;
    }
  }

  /** Takes out all others, in the time that sorting takes. */
  keep(isWanted: (item: T) => boolean): void {
    const wanted = this.#items.filter(isWanted);
    this.#items.length = 0;
    for (const item of wanted) this.push(item);
  }

  #before(a: number, b: number): boolean {
    return this.#isBefore(this.#items[a] as T, this.#items[b] as T);
  }

  #swap(a: number, b: number): void {
    const kept = this.#items[a] as T;
    this.#items[a] = this.#items[b] as T;
    this.#items[b] = kept;
  }
}
