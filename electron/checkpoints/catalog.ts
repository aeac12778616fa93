import { randomUUID } from "node:crypto";
import type { Checkpoint } from "../../src-core/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../src-core/checkpoint/open-checkpoint.ts";
import type { SourceFile } from "../../src-core/engine/protocol.ts";
import { StudioError } from "../../src-core/errors.ts";
import { TensorIndex } from "../../src-core/plan/alignment.ts";
import { type ChatTokenOutlook, chatTokenOutlook } from "../../src-core/plan/chat-token-outlook.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import { planMerge } from "../../src-core/plan/plan-merge.ts";
import type { Vocabularies } from "../../src-core/plan/vocabulary-treatment.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import { type KnownVocabulary, knowVocabulary } from "../../src-core/vocabulary/known-vocabulary.ts";
import { modelFilesOf } from "../../src-core/vocabulary/read-vocabulary.ts";
import { type NodeCheckpointFolder, openCheckpointFolder } from "./checkpoint-folder.ts";

/** How the user wants models to be read; `auto` is what planned-reading.ts finds. */
export type ReadingWish = "auto" | "buffered" | "direct";

export interface CatalogEntry {
  readonly id: string;
  readonly checkpoint: Checkpoint;
  /** Its tokens, as far as they can be read. */
  readonly tokens: KnownVocabulary;
  /** Its files, memory-mapped for as long as the entry is open. */
  readonly folder: NodeCheckpointFolder;
}

/** The checkpoints that are open, by id. Main alone knows their paths; everything else names them by id. */
export class Catalog {
  /** How models are read from one end to the other (planned-reading.ts). */
  reading: ReadingWish = "auto";
  readonly #entries = new Map<string, CatalogEntry>();
  /** Paths of those that were closed: undo asks for them again. */
  readonly #closed = new Map<string, string>();

  /** Opens a folder or file: maps it, reads and checks its headers. Rejects with a StudioError. */
  async open(path: string): Promise<CatalogEntry> {
    const folder = await openCheckpointFolder(path);
    try {
      const entry = { id: randomUUID(), ...(await readModel(folder)), folder };
      this.#entries.set(entry.id, entry);
      return entry;
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** Opens, under the id that it had, what was closed. Rejects with a StudioError. */
  async reopen(id: string): Promise<CatalogEntry> {
    const path = this.#closed.get(id);
    if (path === undefined || this.#entries.has(id)) return this.get(id);
    const { id: opened, ...entry } = await this.open(path);
    this.#entries.delete(opened);
    const reopened = { ...entry, id };
    this.#entries.get(id)?.folder.close();
    this.#entries.set(id, reopened);
    return reopened;
  }

  get(id: string): CatalogEntry {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw new StudioError({ code: "checkpoint-not-found", what: "This model is no longer open", where: id });
    return entry;
  }

  /**
   * Opens anew, under the same ids, what was changed on disk since it was opened. Returns those entries; rejects with a
   * StudioError when one cannot be opened any more (it then stays as it was, and is asked for again next time).
   */
  async refresh(ids: readonly string[]): Promise<CatalogEntry[]> {
    const refreshed: CatalogEntry[] = [];
    for (const id of new Set(ids)) {
      const old = this.get(id);
      if ((await old.folder.firstChangedFile()) === null) continue;
      const folder = await openCheckpointFolder(old.checkpoint.path);
      try {
        const entry = { id, ...(await readModel(folder)), folder };
        this.#entries.set(id, entry);
        old.folder.close();
        refreshed.push(entry);
      } catch (error) {
        folder.close();
        throw error;
      }
    }
    return refreshed;
  }

  /** Those whose files are no longer what they were when they were opened. */
  async changed(): Promise<readonly CatalogEntry[]> {
    const entries = [...this.#entries.values()];
    const files = await Promise.all(entries.map(({ folder }) => folder.firstChangedFile()));
    return entries.filter((_, index) => files[index] !== null);
  }

  close(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#closed.set(id, entry.checkpoint.path);
    entry.folder.close();
    this.#entries.delete(id);
  }

  closeAll(): void {
    for (const id of [...this.#entries.keys()]) this.close(id);
  }

  /** The plan for a recipe that names its models by id. */
  plan(recipe: Recipe): MergePlan {
    return planMerge({
      recipe,
      target: this.get(recipe.target).checkpoint,
      vectors: recipe.vectors.map(({ chat, base }) => ({
        chat: this.get(chat).checkpoint,
        base: this.get(base).checkpoint,
      })),
      vocabularies: this.vocabularies(recipe),
    });
  }

  /** Tokens of the first vector's chat model that a planned recipe could give to the target. */
  chatTokens(plan: MergePlan): ChatTokenOutlook {
    const { recipe } = plan;
    const index = (id: string | undefined) => new TensorIndex(this.get(id ?? "").checkpoint);
    const models = { target: index(recipe.target), chat: index(recipe.vectors[0]?.chat) };
    return chatTokenOutlook(recipe, plan, models, this.vocabularies(recipe));
  }

  /** The tokens of a recipe's models, by id. */
  vocabularies({ target, vectors }: Pick<Recipe, "target" | "vectors">): Vocabularies {
    const ids = [target, ...vectors.flatMap(({ chat, base }) => [chat, base])];
    return new Map(ids.map((id) => [id, this.get(id).tokens]));
  }

  /** The files of a plan's sources, as the engine is told to find them. */
  sourceFiles(plan: Pick<MergePlan, "sources">): SourceFile[][] {
    return plan.sources.map(({ checkpoint, files }) => {
      const { folder } = this.get(checkpoint);
      return files.map(({ name }) => {
        const { realPath, byteLength, modifiedMs } = folder.identityOf(name);
        return { path: realPath, byteLength, modifiedMs };
      });
    });
  }
}

/** Everything that planning needs of a model: headers, config and tokens. A large tokenizer takes 0.1 s. */
async function readModel(folder: NodeCheckpointFolder): Promise<Pick<CatalogEntry, "checkpoint" | "tokens">> {
  const checkpoint = await openCheckpoint(folder);
  return { checkpoint, tokens: await knowVocabulary(modelFilesOf(folder)) };
}
