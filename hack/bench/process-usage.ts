/** CPU and memory of a process of any language, as Linux counts them. Reading them costs the process nothing. */
import { readFile } from 'node:fs/promises';

/** USER_HZ: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** User and system time since its start. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets, which may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export interface Memory {
  readonly nowMegabytes: number;
  readonly peakMegabytes: number;
}

export async function memory(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { nowMegabytes: megabytes('VmRSS'), peakMegabytes: megabytes('VmHWM') };
}

export function pidOf(process: { readonly child: { readonly pid?: number | undefined } }): number {
  const { pid } = process.child;
  if (pid === undefined) throw new Error('the process did not start');
  return pid;
}
