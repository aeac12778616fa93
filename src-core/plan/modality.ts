import { normalizeTensorName } from "./tensor-names.ts";

/**
 * What the parts of multimodal models that are no language model are called: towers of LLaVA, Qwen-VL, Gemma 3, InternVL, MiniCPM-V,
 * Idefics, Phi-vision and Qwen-Omni, and what joins them to the language model.
 */
const towers =
  /^(?:visual|vision|vision_(?:tower|model|encoder|backbone|embedder|embed_tokens|projection)|image_(?:encoder|newline|projector)|img_\w+|vit|vpm|apm|tts|audio|audio_(?:tower|model|encoder|projector)|speech_\w+|embed_(?:vision|audio)|multi_modal_projector|mm_\w+|mlp1|connector|resampler|perceiver\w*|aligner|qformer|query_tokens|view_seperator|talker|token2wav)$/;

/** The part of a multimodal model that a tensor belongs to ("visual", "vision_tower"); null for one of the language model. */
export function modalityPart(name: string): string | null {
  const normalized = normalizeTensorName(name);
  const [part = ""] = normalized.split(".", 1);
  return towers.test(part) ? part : null;
}
