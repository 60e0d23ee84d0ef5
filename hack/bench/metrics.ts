/** Figures of the operator's own metrics page. */

export interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

export async function scrape(url: string): Promise<readonly Sample[]> {
  return samplesOf(await (await fetch(url)).text());
}

/** Nothing of a process that does not serve yet. */
export async function scrapeIfUp(url: string): Promise<readonly Sample[]> {
  try {
    return await scrape(url);
  } catch {
    return [];
  }
}

export function samplesOf(page: string): readonly Sample[] {
  return page.split('\n').flatMap((line) => {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    return match === null
      ? []
      : [{ name: match[1] ?? '', labels: match[2] ?? '', value: Number(match[3]) }];
  });
}

export function sum(samples: readonly Sample[], name: string, labels = /./s): number {
  return samples
    .filter((sample) => sample.name === name && labels.test(` ${sample.labels}`))
    .reduce((total, sample) => total + sample.value, 0);
}

/** Writes to the API server, the leader's lease (PUT) left out: it is renewed whether there is work or not. */
export function apiServerWrites(samples: readonly Sample[]): number {
  return sum(samples, 'rest_client_requests_total', /method="(POST|PATCH|DELETE)"/);
}
