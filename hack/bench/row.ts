/** One figure of a benchmark. Ratios and counts, not timed tests: they hold on a slow machine as well. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  readonly better: 'lower' | 'higher';
  readonly ok: boolean;
  /** What a ratio was taken against in the same run, or how it was counted. */
  readonly of: string;
}

export function row(figure: Omit<Row, 'ok'>): Row {
  const { value, goal, better } = figure;
  const rounded = Math.round(value * 100) / 100;
  return { ...figure, value: rounded, ok: better === 'lower' ? rounded <= goal : rounded >= goal };
}

type Figure = Omit<Row, 'ok' | 'goal' | 'better'>;

export function atMost(goal: number, figure: Figure): Row {
  return row({ ...figure, goal, better: 'lower' });
}

export function atLeast(goal: number, figure: Figure): Row {
  return row({ ...figure, goal, better: 'higher' });
}

/** Rows of a long benchmark: each is told when it is there. */
export function toldRows(progress: (line: string) => void) {
  const rows: Row[] = [];
  const add = (more: readonly Row[]): void => {
    for (const { name, value, of } of more) progress(`${name}: ${value} (${of})`);
    rows.push(...more);
  };
  return { rows: rows as readonly Row[], add };
}
