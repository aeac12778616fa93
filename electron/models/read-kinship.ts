import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { cardParents } from "../../src-core/kinship/card-parents.ts";
import { isCalled, layoutOf, type ModelKinship, type Parent } from "../../src-core/kinship/model-kinship.ts";
import { maximumModelCardBytes } from "../../src-core/limits.ts";
import { modelName } from "../../src-core/provenance/model-card.ts";
import { modelCardName } from "../../src-core/provenance/provenance.ts";
import type { CatalogEntry } from "../checkpoints/catalog.ts";

/** What an opened model says of its kin. A card that cannot be read says nothing: it is no reason to refuse a model. */
export async function readKinship({ checkpoint, folder, tokens }: CatalogEntry): Promise<ModelKinship> {
  const names = [...new Set([modelName(checkpoint.path), modelName(folder.realFolderPath), basename(folder.path)])];
  const said: Parent[] = [...(await parentsOnCard(folder))];
  const nameOrPath = checkpoint.config?.nameOrPath ?? null;
  if (nameOrPath !== null) said.push({ name: nameOrPath, saidBy: "config" });
  return {
    names,
    // Many a config names the model itself.
    parents: said.filter(({ name }) => !isCalled({ names }, name)),
    hasChatTemplate: (tokens.vocabulary?.settings.chatTemplates.length ?? 0) > 0,
    layout: layoutOf(checkpoint),
  };
}

async function parentsOnCard(folder: CatalogEntry["folder"]): Promise<readonly Parent[]> {
  try {
    // Not mapped as the model's own files are: another card does not make it another model.
    const { realPath, byteLength } = await folder.locate(modelCardName);
    return byteLength > maximumModelCardBytes ? [] : cardParents(await readFile(realPath, "utf8"));
  } catch {
    return [];
  }
}
