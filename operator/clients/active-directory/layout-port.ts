/** The part of the port that tells how tenants stand beside each other in one forest (active-directory.md A5, B10). */
export interface TenantLayout {
  /** Those of the forest, in lower case. */
  listUpnSuffixes(signal: AbortSignal): Promise<readonly string[]>;
}
