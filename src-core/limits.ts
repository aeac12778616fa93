/** Every bound the program keeps, by name. A number from a file is checked against one of these before it is used. */

/** safetensors' own limit on its JSON header. */
export const maximumHeaderBytes = 100_000_000;
/** A 1T-parameter mixture of experts has about 100,000 tensors. */
export const maximumTensorCount = 1_000_000;
export const maximumShardCount = 10_000;
/** Of a model's folder; one with more is no model's. */
export const maximumFolderEntryCount = 65_536;
/** Of them links, each of which takes two calls of the file system: 16,384 take 0.5 s. A Hugging Face snapshot has one a file. */
export const maximumFolderLinkCount = 16_384;
/** Of a header's __metadata__; training tools write a few hundred. */
export const maximumMetadataEntryCount = 65_536;
export const maximumDimensionCount = 16;
export const maximumNameLength = 1024;
/** Layers that a curve may have a point for, and a picture a column; the deepest models have a few hundred. */
export const maximumLayerCount = 1024;
/** Of an index of shards: a trillion parameters' 100,000 tensors take some 12 MB. */
export const maximumIndexBytes = 32_000_000;
/** Of config.json; a long one has 20 kB. What JSON of this size becomes in memory stays below 200 MiB. */
export const maximumConfigBytes = 4 * 1024 * 1024;
/** Of a model's README.md; long ones have 100 kB. */
export const maximumModelCardBytes = 2 * 1024 * 1024;
/** Models that a model card names as what it was made of; merges of many have some twenty. */
export const maximumParentCount = 64;
/** Models of the Hugging Face cache that are listed; people who collect them have some hundreds. */
export const maximumCachedModelCount = 4096;
/** Files of one of them; a large one in many shards has 200. */
export const maximumCachedFileCount = 4096;
/** Folders beside the Hugging Face cache that are searched for models. */
export const maximumModelFolderCount = 32;
/** Models that are dropped at once. */
export const maximumDroppedCount = 8;
/** Of a file of the program's own: settings, recent models, the window's place, the list of sample models. */
export const maximumKeptBytes = 1024 * 1024;
/** Of the measurements that are kept of one set of models: about 1 KiB a tensor. */
export const maximumMeasurementsBytes = 256 * 1024 * 1024;
/** Of what an unfinished export, or a share of one, says of itself: its recipe, and the files it reads. */
export const maximumRecordBytes = 16 * 1024 * 1024;
/** Of what an unfinished export has noted: 32 bytes for each range, of some MiB each. */
export const maximumJournalBytes = 256 * 1024 * 1024;
/** Of what an export records of itself, tensor by tensor. */
export const maximumProvenanceBytes = 256 * 1024 * 1024;
/** Of tokenizer.json and its like; the largest (of a quarter of a million tokens, with their merges) have 35 MB. */
export const maximumTokenizerBytes = 64 * 1024 * 1024;

/** Entries of a PyTorch zip archive: one for each storage, and a few more. */
export const maximumZipEntryCount = 65_536;
/** The zip's own list of its entries: some 120 bytes each. */
export const maximumZipDirectoryBytes = 16 * 1024 * 1024;
/** A pickle without its tensors' bytes; a tensor takes about 150. */
export const maximumPickleBytes = 64 * 1024 * 1024;
/** About 30 for each tensor; an instruction takes some 30 ns. */
export const maximumPickleInstructionCount = 2 ** 20;
/** What a pickle's values may take in memory, by an estimate on the safe side: some 900 for each tensor. */
export const maximumPickleValueBytes = 20 * 1024 * 1024;
export const maximumPickleStackDepth = 65_536;
export const maximumPickleMemoCount = 2 ** 19;
/** A text that is kept; a name of `maximumNameLength` characters fits. Longer ones are passed over: they can be nothing but data. */
export const maximumPickleTextBytes = 4096;
/** Dicts in dicts until the one with the tensors. */
export const maximumStateDictNesting = 4;

/** Rows of an embedding; the largest vocabularies have a quarter of a million. Each takes some 100 bytes of memory. */
export const maximumTokenCount = 2 ** 20;
/** Rows without a token below a vocabulary's last one; padding in front of added tokens takes a few thousand. */
export const maximumEmptyRowCount = 2 ** 17;
/** UTF-16 units of one token; runs of spaces and of punctuation reach some hundreds. */
export const maximumTokenLength = 65_536;
/** Of the chat model, given to a target; Llama 3 has 256 special ones. */
export const maximumChatTokenCount = 4096;
/** tokenizer_config.json and its like; one that lists 6,000 added tokens has 1.2 MB. */
export const maximumTokenizerConfigBytes = 16 * 1024 * 1024;

/** Of one request from the window: values, texts together (a figure's is the longest), and lists in lists. */
export const maximumMessageValueCount = 2 ** 16;
export const maximumMessageTextLength = 2 ** 26;
export const maximumMessageDepth = 32;
/** Of a figure that is saved. */
export const maximumFigureBytes = 2 ** 26;

/** |λ| is 0 or within these: beyond, f32 products could leave its normal range and round twice. */
export const minimumScale = 2 ** -32;
export const maximumScale = 2 ** 32;
/** Chat vectors in one pass: what the merge kernel's operand table holds. */
export const maximumVectorCount = 14;
/** Of one vector: its rules, and the points of a curve. */
export const maximumRuleCount = 1024;
export const maximumCurveLength = 1024;

/** Of a recipe's text; a long one, with a rule for every layer and module, has a tenth of it. */
export const maximumRecipeLength = 2 ** 18;
/** YAML's own pieces (names, dashes, commas, line ends), ten for a rule; 32,768 of the worst are refused in 0.4 s on a slow core. */
export const maximumYamlTokenCount = 2 ** 15;
/** A mergekit file nests 14 deep; beyond a few thousand, readers of YAML run out of stack. */
export const maximumYamlDepth = 40;
/** Values after aliases are expanded. */
export const maximumYamlValueCount = 2 ** 16;

/** Bytes of input that one slot of a GPU's ring holds. Memory is slotCount · (input + output) on each side of the device. */
export const slotInputBytes = 24 * 1024 * 1024;
export const slotOutputBytes = 16 * 1024 * 1024;
export const slotCount = 3;
/**
 * The same of the CPU's ring, whose slots are small enough to stay in the caches: slots of 6 and 12 MiB were slower, smaller
 * ones spend more on being handed around.
 */
export const cpuSlotInputBytes = 3 * 1024 * 1024;
export const cpuSlotOutputBytes = 2 * 1024 * 1024;
/** Of files that a CPU thread reads and measures piece by piece, without a slot's memory: 1 ms of work, for one message. */
export const fileRoundBytes = 8 * 1024 * 1024;
/** One being computed while another is read and a third written. */
export const cpuSlotsPerThread = 3;
/** More threads than these would wait for memory. */
export const maximumCpuThreadCount = 8;
/** Merge operations that one round of a slot may hold: small tensors packed together. */
export const slotOperationCount = 256;
/** Bytes of one unmodified copy. */
export const copyBytes = 8 * 1024 * 1024;

/** What is written is followed (hashed, sent to the disk) within so many bytes: more than all slots of a ring write. They stay in the page cache. */
export const writeWindowBytes = 96 * 1024 * 1024;
/** Told of at a time, at most. */
export const writtenNewsBytes = 8 * 1024 * 1024;

export const defaultShardBytes = 5_000_000_000;
/** Elements that are recomputed on the CPU and compared with what was written. */
export const verificationSampleCount = 65_536;
/** Left free beside an export: config, tokenizer files, and the file system's own needs. */
export const outputSpaceMarginBytes = 64 * 1024 * 1024;
/** So much of an export, at most, is merged again after a power cut: how often what was written is put on the disk for good. */
export const journalSyncSeconds = 15;
/** Bytes to read from which on trying two backends (a second, and its files are in the page cache afterwards) is worth it. */
export const leastTrialBytes = 4 * 1024 ** 3;
