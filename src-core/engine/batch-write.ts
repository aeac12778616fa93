/** A place in a slot's result and the output range it goes to. */
export interface BatchWrite {
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly slotByteOffset: number;
}
