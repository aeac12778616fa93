export interface NumericTableReport {
  readonly merge: TableReport;
  readonly measure: TableReport;
  /** Name of the adapter that computed. */
  readonly adapter: string;
}

export interface TableReport {
  /** How many cases ran. */
  readonly cases: number;
  /** A sentence for each that failed. */
  readonly failures: readonly string[];
}
