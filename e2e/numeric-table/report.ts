export interface NumericTableReport {
  /** How many cases ran. */
  readonly cases: number;
  /** A sentence for each that failed. */
  readonly failures: readonly string[];
  /** Name of the adapter that computed. */
  readonly adapter: string;
}
