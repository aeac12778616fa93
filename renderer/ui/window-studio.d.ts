import type { StudioApi } from "../../electron/api/studio-api.ts";

declare global {
  interface Window {
    /** Put there by the preload; the only way out of this page. */
    readonly studio: StudioApi;
  }
}
