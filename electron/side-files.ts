import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OutputDtype } from "../src-core/recipe/recipe.ts";

/** What travels with a model's weights, by name. */
const travelling = [
  /^config\.json$/,
  /^generation_config\.json$/,
  /^tokenizer\.(json|model)$/,
  /^tokenizer_config\.json$/,
  /^special_tokens_map\.json$/,
  /^added_tokens\.json$/,
  /^vocab\.(json|txt)$/,
  /^merges\.txt$/,
  /^chat_template\.(jinja|json)$/,
  /^(pre)?processor_config\.json$/,
  /^LICENSE/i,
];

const torchDtypes = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;

/**
 * Copies the target's config, tokenizer and licence beside the merged weights; config.json then says the dtype written.
 * `widened`: quantised weights were written as plain ones, which the config must not call quantised any more.
 */
export async function copySideFiles(
  targetFolder: string,
  outputFolder: string,
  { dtype, widened }: { readonly dtype: OutputDtype; readonly widened: boolean },
): Promise<string[]> {
  const written = dtype === "same" && widened ? "BF16" : dtype;
  const names = (await readdir(targetFolder)).filter((name) => travelling.some((pattern) => pattern.test(name))).sort();
  for (const name of names) {
    if (name === "config.json" && written !== "same") {
      const config: unknown = JSON.parse(await readFile(join(targetFolder, name), "utf8"));
      const plain = widened ? withoutQuantization(config) : config;
      const text = JSON.stringify(Object.assign({}, plain, { torch_dtype: torchDtypes[written] }), null, 2);
      await writeFile(join(outputFolder, name), `${text}\n`);
    } else {
      await copyFile(join(targetFolder, name), join(outputFolder, name));
    }
  }
  return names;
}

/** Wherever the config says it: a multimodal model's may do so in that of its language model. */
function withoutQuantization(config: unknown): unknown {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return config;
  const entries = Object.entries(config).filter(([key]) => !/^(?:quantization|compression)_config$/.test(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutQuantization(value)]));
}
