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

/** Copies the target's config, tokenizer and licence beside the merged weights; config.json then says the dtype written. */
export async function copySideFiles(targetFolder: string, outputFolder: string, dtype: OutputDtype): Promise<string[]> {
  const names = (await readdir(targetFolder)).filter((name) => travelling.some((pattern) => pattern.test(name))).sort();
  for (const name of names) {
    if (name === "config.json" && dtype !== "same") {
      const config: unknown = JSON.parse(await readFile(join(targetFolder, name), "utf8"));
      const text = JSON.stringify(Object.assign({}, config, { torch_dtype: torchDtypes[dtype] }), null, 2);
      await writeFile(join(outputFolder, name), `${text}\n`);
    } else {
      await copyFile(join(targetFolder, name), join(outputFolder, name));
    }
  }
  return names;
}
