import type { z } from "zod";

/** What a file that the program keeps for itself says; null for what is not of that kind. */
export function parseKept<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
