/** What the objects of a forest can have. */
export interface Schema {
  /**
   * Those of these attributes, as they are spelled here, that the forest's schema lacks: Exchange's for one stand only where
   * Exchange extended it. Asked once for each name; of one that is missing again after ten minutes.
   */
  missingAttributes(names: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
}
