"""Writes and checks merges of models whose vocabularies differ, with Python alone: nothing here comes from the application.

    token_merge_oracle.py write CASE SEED DTYPES TIES   weights for CASE/{target,chat,base}, whose tokenizers and rows.json are there;
                                                        DTYPES as F32,BF16,F16 and TIES as 010, in that order
    token_merge_oracle.py check CASE OUT SCALE POLICY [CHAT_TOKEN...]

POLICY is by-token, first-rows or keep-target; a CHAT_TOKEN is TOKEN or TOKEN=>UNUSED. Every element of OUT is checked: rows that
are kept, and rows taken in the same dtype, bit for bit; the others against exact arithmetic, as oracle.py's contract says.
"""
import json
import os
import random
import struct
import sys

from oracle import FORMATS, bits_of, decode, f32, read_folder, ulp, write_file
from vocabulary_oracle import Vocabulary, match

WIDTH = 6
EMBEDDING, HEAD, NORM = "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"
ROLES = ["target", "chat", "base"]


def write(case, seed, dtypes, ties):
    rng = random.Random(int(seed))
    with open(os.path.join(case, "rows.json")) as f:
        rows = json.load(f)
    for role, dtype, tied in zip(ROLES, dtypes.split(","), ties):
        code, exponent_bits, fraction_bits = FORMATS[dtype]
        bias = (1 << (exponent_bits - 1)) - 1

        def element():
            if rng.random() < 0.05:
                return rng.getrandbits(1) << (exponent_bits + fraction_bits)  # zeros of both signs
            exponent = max(0, bias - rng.randrange(16))
            sign = rng.getrandbits(1) << (exponent_bits + fraction_bits)
            return sign | exponent << fraction_bits | rng.getrandbits(fraction_bits)

        def tensor(*shape):
            count = shape[0] * (shape[1] if len(shape) > 1 else 1)
            return dtype, list(shape), struct.pack("<%d%s" % (count, code), *(element() for _ in range(count)))

        tensors = {EMBEDDING: tensor(rows[role], WIDTH), NORM: tensor(WIDTH)}
        if tied == "0":
            tensors[HEAD] = tensor(rows[role], WIDTH)
        write_file(os.path.join(case, role, "model.safetensors"), tensors)
        config = {"model_type": "llama", "vocab_size": rows[role], "hidden_size": WIDTH, "tie_word_embeddings": tied == "1"}
        with open(os.path.join(case, role, "config.json"), "w") as f:
            json.dump(config, f)


def last_row(vocabulary, token, rows):
    found = [row for row, text in vocabulary.tokens.items() if text == token and row < rows]
    return max(found) if found else None


def placed_rows(target, chat, rows, chat_tokens):
    """{output row: chat row} of the chat tokens."""
    placed, following = {}, max(target.tokens) + 1
    for wish in chat_tokens:
        token, _, unused = wish.partition("=>")
        if unused:
            row = last_row(target, unused, rows["target"])
        else:
            row = last_row(target, token, rows["target"])
            if row is None:
                row, following = following, following + 1
        placed[row] = last_row(chat, token, rows["chat"])
    return placed


def added_rows(vocabularies, rows, policy):
    """{target row: (chat row, base row)} that the vector is added at."""
    if policy == "keep-target":
        return {}
    if policy == "first-rows":
        return {row: (row, row) for row in range(min(rows.values()))}
    to_chat, to_base = (match(vocabularies["target"], rows["target"], vocabularies[r], rows[r]) for r in ("chat", "base"))
    return {row: (to_chat[row], to_base[row]) for row in to_chat if row in to_base}


def row_bits(tensor, row, width):
    dtype, _, raw = tensor
    size = struct.calcsize(FORMATS[dtype][0]) * width
    return bits_of(dtype, raw[row * size:(row + 1) * size])


def check_row(name, row, out, target, vector, scale, width):
    """None where every element is right."""
    written = row_bits(out, row, width)
    origin_dtype, origin = target
    if vector is None and origin_dtype == out[0]:
        return None if written == origin else "%s row %d: %s, not %s" % (name, row, written, origin)
    for i, bits in enumerate(written):
        value = decode(origin_dtype, origin[i])
        exact, mass = value << 149, abs(value) << 149
        if vector is not None:
            (chat_dtype, chat), (base_dtype, base) = vector
            c, b = decode(chat_dtype, chat[i]), decode(base_dtype, base[i])
            exact += scale * (c - b)
            mass += abs(scale) * (abs(c) + abs(b))
        result = decode(out[0], bits)
        if result is None:
            return "%s row %d: not finite" % (name, row)
        distance = 2 * abs((result << 149) - exact)
        if distance > (ulp(out[0], max(abs(exact) >> 149, 1)) << 149) + (mass >> 21):
            return "%s row %d, element %d: %d is %d away" % (name, row, i, result, distance)
    return None


def check(case, out_folder, scale, policy, chat_tokens):
    with open(os.path.join(case, "rows.json")) as f:
        rows = json.load(f)
    vocabularies = {role: Vocabulary(os.path.join(case, role)) for role in ROLES}
    models = {role: read_folder(os.path.join(case, role)) for role in ROLES}
    out = read_folder(out_folder)
    if set(out) != set(models["target"]):
        return "the tensors are %s" % sorted(out)
    placed = placed_rows(vocabularies["target"], vocabularies["chat"], rows, chat_tokens)
    added = added_rows(vocabularies, rows, policy)
    count = max([rows["target"]] + [row + 1 for row in placed])
    factor = decode("F32", f32(scale))
    counts = {"added": 0, "kept": 0, "taken": 0}
    for name, tensor in models["target"].items():
        width = WIDTH
        is_norm = name == NORM
        expected = [WIDTH] if is_norm else [count, WIDTH]
        if out[name][1] != expected:
            return "%s is %s, not %s" % (name, out[name][1], expected)
        of = {role: models[role].get(name, models[role][EMBEDDING]) for role in ROLES}
        for row in range(1 if is_norm else count):
            pair = (0, 0) if is_norm else added.get(row)
            vector = None
            if row in placed and not is_norm:
                origin = of["chat"][0], row_bits(of["chat"], placed[row], width)
                counts["taken"] += 1
            else:
                origin = tensor[0], row_bits(tensor, row, width)
                if pair is not None and factor != 0:
                    vector = [(of[role][0], row_bits(of[role], at, width)) for role, at in zip(("chat", "base"), pair)]
                counts["added" if vector else "kept"] += 1
            wrong = check_row(name, row, out[name], origin, vector, factor, width)
            if wrong:
                return wrong
    print(json.dumps(counts))
    return None


def main(arguments):
    if arguments[0] == "write":
        return write(*arguments[1:5])
    return check(arguments[1], arguments[2], float(arguments[3]), arguments[4], arguments[5:])


sys.exit(main(sys.argv[1:]))
