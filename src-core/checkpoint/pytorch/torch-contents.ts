import type { PickleValue, StorageReference } from "./pickle-values.ts";

/** What a PyTorch file holds: a value whose tensors are views of storages, and where those lie. */
export interface TorchContents {
  readonly value: PickleValue;
  /**
   * Where each storage's bytes start, from the start of the file, by its key. That all of them are in the file has been
   * checked. Rejects with a StudioError.
   */
  locate(storages: Iterable<StorageReference>): Promise<ReadonlyMap<string, number>>;
}
