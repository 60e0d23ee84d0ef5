/** DNs that different hands have spelled (RFC 4514). Pure. */

/** Unescaped and in lower case, the nearest first: `CN=A\, B,OU=x` is `['cn=a, b', 'ou=x']`. */
export function partsOf(distinguishedName: string): readonly string[] {
  const parts = distinguishedName.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return parts.map((part) => unescaped(part.trim()).toLowerCase());
}

/** Right in it, not in an OU below. */
export function isIn(distinguishedName: string, organizationalUnit: string): boolean {
  const [, ...above] = partsOf(distinguishedName);
  const wanted = partsOf(organizationalUnit);
  return above.length === wanted.length && above.every((part, index) => part === wanted[index]);
}

/** In it, or in an OU below. */
export function isBelow(distinguishedName: string, organizationalUnit: string): boolean {
  const wanted = partsOf(organizationalUnit);
  const above = partsOf(distinguishedName).slice(1);
  return above.length >= wanted.length && above.slice(-wanted.length).join() === wanted.join();
}

/** Signs are escaped by themselves, or byte by byte in hexadecimal digits. */
function unescaped(part: string): string {
  return part.replaceAll(/(?:\\[0-9a-f]{2})+|\\(.)/gis, (escape, sign: string | undefined) =>
    sign === undefined ? Buffer.from(escape.replaceAll('\\', ''), 'hex').toString('utf8') : sign,
  );
}
