import { type Failure, StudioError } from "../errors.ts";

/** The failure that `run` ends with. Throws when it ends well, or with an error that is not for users. */
export async function rejectionOf(run: () => unknown): Promise<Failure & { readonly message: string }> {
  try {
    await run();
  } catch (error) {
    if (error instanceof StudioError) return { ...error.failure, message: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}
