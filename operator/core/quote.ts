/** A service's own words for a condition: bounded, and without ids, which change from call to call. */
export function quotable(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '…').slice(0, 300);
}
