"""Writes a small sharded checkpoint with nothing but struct and json: files from another writer than ours.

usage: write_checkpoint.py FOLDER [--dtype BF16|F16|F32] [--shards N] [--seed S]

Beside the model it writes expected.json: for each tensor its file, place, dtype, shape and bytes in hex.
What it does differently from our writer, and readers must take: spaces in the JSON, names beyond ASCII as they are, headers
without padding, entries in another order than the data, shards that are not in the order of the names.
"""

import argparse
import json
import os
import random
import struct


def encode(value, dtype):
    if dtype == "F32":
        return struct.pack("<f", value)
    if dtype == "F16":
        return struct.pack("<e", value)
    # BF16: the upper half of the f32, rounded to nearest, ties to even.
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    bits += 0x7FFF + (bits >> 16 & 1)
    return struct.pack("<H", bits >> 16)


def model_tensors(dtype, rng):
    """Name, dtype, shape and bytes of each tensor."""
    shapes = [("model.embed_tokens.weight", [24, 8])]
    for layer in range(3):
        prefix = f"model.layers.{layer}."
        shapes.append((prefix + "self_attn.q_proj.weight", [8, 8]))
        shapes.append((prefix + "mlp.down_proj.weight", [8, 20]))
        shapes.append((prefix + "input_layernorm.weight", [8]))
    shapes += [("model.norm.weight", [8]), ("lm_head.weight", [24, 8]), ("scalar", []), ("empty", [0, 8]), ("ключ", [3])]
    for name, shape in shapes:
        count = 1
        for dimension in shape:
            count *= dimension
        values = [rng.gauss(0, 0.02) for _ in range(count)]
        yield name, dtype, shape, b"".join(encode(value, dtype) for value in values)
    yield "position_ids", "I64", [5], struct.pack("<5q", *range(5))


def write_shard(path, tensors, rng):
    header = {"__metadata__": {"format": "pt"}}
    entries, offset = [], 0
    for name, dtype, shape, data in tensors:
        entries.append((name, {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}))
        offset += len(data)
    rng.shuffle(entries)
    header.update(entries)
    text = json.dumps(header, ensure_ascii=False).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for tensor in tensors:
            file.write(tensor[3])
    return 8 + len(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--dtype", choices=["BF16", "F16", "F32"], default="BF16")
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    os.makedirs(options.folder, exist_ok=True)

    tensors = list(model_tensors(options.dtype, rng))
    shards = [tensors[index :: options.shards] for index in range(options.shards)]
    weight_map, expected, total = {}, [], 0
    for index, shard in enumerate(shards):
        name = f"model-{index + 1:05}-of-{len(shards):05}.safetensors"
        offset = write_shard(os.path.join(options.folder, name), shard, rng)
        for tensor, dtype, shape, data in shard:
            weight_map[tensor] = name
            place = {"byteOffset": offset, "byteLength": len(data), "hex": data.hex()}
            expected.append({"name": tensor, "dtype": dtype, "shape": shape, "file": name, **place})
            offset += len(data)
            total += len(data)

    def write_json(name, value):
        with open(os.path.join(options.folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file, indent=2, sort_keys=True)

    write_json("model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map})
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8, "num_hidden_layers": 3}
    write_json("config.json", {**config, "vocab_size": 24, "tie_word_embeddings": False})
    write_json("expected.json", expected)


main()
