import { StudioError } from "../errors.ts";

/** Makes a device's going away a failure of everything that waits for it. */
export class DeviceGuard {
  /** Rejects with `device-lost` when the device is lost; stays pending after `close`. */
  readonly lost: Promise<never>;
  readonly #waiting = new Set<(failure: StudioError) => void>();
  #failure: StudioError | null = null;
  #isClosed = false;

  constructor(device: GPUDevice) {
    this.lost = device.lost.then(({ message }) => {
      if (this.#isClosed) return new Promise<never>(() => {});
      const failure = deviceLost(message);
      this.#fail(failure);
      throw failure;
    });
    // Whoever listens to `lost` is told; nobody having to is no unhandled rejection.
    this.lost.catch(() => {});
  }

  /**
   * The promise of a call on the device; rejects at once when the device is or gets lost. A rejection of the call itself becomes a
   * StudioError. (Promise.race with `lost` would keep every promise it ever saw alive for as long as the device lives.)
   */
  wait<Value>(doing: string, promise: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) reject(this.#failure);
      else this.#waiting.add(reject);
      promise
        .then(resolve, (error: unknown) => reject(this.#failure ?? asFailure(doing, error)))
        .finally(() => {
          this.#waiting.delete(reject);
        });
    });
  }

  /** From now on waiting fails; for an owner who gives up the device's resources himself. */
  close(): void {
    this.#isClosed = true;
    this.#fail(deviceLost("closed by the program"));
  }

  #fail(failure: StudioError): void {
    this.#failure ??= failure;
    for (const reject of this.#waiting) reject(this.#failure);
    this.#waiting.clear();
  }
}

function deviceLost(message: string): StudioError {
  return new StudioError({
    code: "device-lost",
    what: "The compute device went away",
    ...(message === "" ? {} : { actual: message }),
    advice: "Start again; the sources are untouched",
  });
}

/** mapAsync rejects with an AbortError when its buffer is destroyed, which is what a lost device does to it. */
function asFailure(doing: string, error: unknown): StudioError {
  if (error instanceof StudioError) return error;
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  if (name === "AbortError") return deviceLost(message);
  return new StudioError(
    { code: "device-failed", what: "The compute device failed", where: doing, actual: message },
    { cause: error },
  );
}
