/** Tables and lines for a terminal. */

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  return [line(head), ...rows.map(line)].map((text) => `  ${text}`).join('\n');
}

/** What is shown while it goes on: a block that is drawn over itself on a terminal, plain lines elsewhere. */
export class Screen {
  readonly #isTerminal = process.stdout.isTTY;
  #height = 0;
  #last = '';

  /** A line that stays. */
  say(text: string): void {
    this.#clear();
    console.log(text);
  }

  /** Replaces what was shown before. Without a terminal only what is new is printed, line by line. */
  show(block: string): void {
    if (block === this.#last) return;
    if (this.#isTerminal) {
      this.#clear();
      process.stdout.write(`${block}\n`);
      this.#height = block.split('\n').length;
    } else {
      const before = new Set(this.#last.split('\n'));
      for (const text of block.split('\n')) if (!before.has(text)) console.log(text);
    }
    this.#last = block;
  }

  /** The block stays as it stands. */
  keep(): void {
    this.#height = 0;
    this.#last = '';
  }

  #clear(): void {
    if (this.#height > 0) process.stdout.write(`\u001B[${this.#height}A\u001B[0J`);
    this.#height = 0;
    this.#last = '';
  }
}
