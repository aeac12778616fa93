import { asciiJsonString } from "../checkpoint/utf8.ts";
import { asciiJson } from "./ascii-json.ts";
import type { SampleRole } from "./sample-options.ts";
import { beginId, endId, type SampleTokens, specialTokens, unknownId, wordStart } from "./sample-vocabulary.ts";

const [unknown, begin, end] = specialTokens;

/** tokenizer.json of the Hugging Face tokenizers library: byte-pair encoding with bytes to fall back on, as Llama 2's. */
export function tokenizerJson({ tokens, merges }: SampleTokens): string {
  // Put together by hand: an object would move tokens that are digits to its front.
  const vocabulary = tokens.map((token, id) => `${asciiJsonString(token)}:${id}`).join(",");
  const mergeTexts = merges.map(([left, right]) => asciiJsonString(`${left} ${right}`)).join(",");
  const parts = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({ id, content, ...addedTokenFlags, special: true })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: wordStart },
        { type: "Replace", pattern: { String: " " }, content: wordStart },
      ],
    },
    pre_tokenizer: null,
    post_processor: postProcessor(),
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: wordStart }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
  };
  const model = [
    '"type":"BPE","dropout":null',
    `"unk_token":${JSON.stringify(unknown)}`,
    '"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":true,"ignore_merges":false',
    `"vocab":{${vocabulary}}`,
    `"merges":[${mergeTexts}]`,
  ].join(",");
  return `${asciiJson(parts).slice(0, -"\n}\n".length)},\n  "model": {${model}}\n}\n`;
}

const addedTokenFlags = { single_word: false, lstrip: false, rstrip: false, normalized: false };

/** The beginning's token before each text. */
function postProcessor(): object {
  const special = { SpecialToken: { id: begin, type_id: 0 } };
  const sequence = (id: string, typeId: number) => ({ Sequence: { id, type_id: typeId } });
  return {
    type: "TemplateProcessing",
    single: [special, sequence("A", 0)],
    pair: [special, sequence("A", 0), { SpecialToken: { id: begin, type_id: 1 } }, sequence("B", 1)],
    special_tokens: { [begin]: { id: begin, ids: [beginId], tokens: [begin] } },
  };
}

/** Roles in marks, each message closed by the end's token. */
const chatTemplate =
  "{% for message in messages %}" +
  "{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token + '\\n' }}" +
  "{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";

/** tokenizer_config.json; only the chat model knows a chat template. */
export function tokenizerConfigJson(role: SampleRole): string {
  const added = specialTokens.map((content, id) => [String(id), { content, ...addedTokenFlags, special: true }]);
  return asciiJson({
    add_bos_token: true,
    add_eos_token: false,
    added_tokens_decoder: Object.fromEntries(added),
    bos_token: begin,
    ...(role === "chat" ? { chat_template: chatTemplate } : {}),
    clean_up_tokenization_spaces: false,
    eos_token: end,
    model_max_length: 2048,
    tokenizer_class: "PreTrainedTokenizerFast",
    unk_token: unknown,
  });
}

export function specialTokensMapJson(): string {
  return asciiJson({ bos_token: begin, eos_token: end, unk_token: unknown });
}

/** generation_config.json; a chat model samples, the others are left to the caller. */
export function generationConfigJson(role: SampleRole): string {
  const sampling = role === "chat" ? { do_sample: true, temperature: 0.7, top_p: 0.95 } : {};
  return asciiJson({ bos_token_id: beginId, eos_token_id: endId, pad_token_id: unknownId, ...sampling });
}
