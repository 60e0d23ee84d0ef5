/** ISO 8601 in UTC, whole seconds, as status has times. */
export function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
