/** Times as the API server writes them. */

/** metav1.Time: RFC 3339 in whole seconds. */
export function metaTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== last.second) {
    last = { second, text: new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z') };
  }
  return last.text;
}

/** Thousands of looks fall into one second. */
let last = { second: Number.NaN, text: '' };

/** metav1.MicroTime: always six digits. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
