"""Writes and checks checkpoints with Python's own json, struct and integers: nothing here comes from the application.

    oracle.py write FOLDER [SEED]                  base/ and chat/ in sharded bf16, target/ in one f16 file, seeded
    oracle.py measure BASE CHAT TARGET SCALE       reads what `measure --json` printed from stdin, exits 0 when its norms and
                                                   cosines agree with float64 (summed exactly) to 1e-5
    oracle.py check BASE CHAT TARGET OUT SCALE [BASE CHAT SCALE]...
                                                   exits 0 when OUT keeps the numeric contract, 1 with a message otherwise;
                                                   further vectors may follow

The contract, in exact integer arithmetic (every f32 is a multiple of 2^-149): each finite output lies within half an ULP of
its dtype plus 2^-22 * (|target| + sum of |scale| * (|chat| + |base|)) of the exact target + sum of scale * (chat - base).
"""
import json
import math
import os
import random
import struct
import sys

FORMATS = {"F32": ("I", 8, 23), "F16": ("H", 5, 10), "BF16": ("H", 8, 7)}


def bits_of(dtype, raw):
    code = FORMATS[dtype][0]
    return struct.unpack("<%d%s" % (len(raw) // struct.calcsize(code), code), raw)


def decode(dtype, bits):
    """The value in units of 2^-149, exactly; None for NaN and infinities."""
    _, exponent_bits, fraction_bits = FORMATS[dtype]
    bias = (1 << (exponent_bits - 1)) - 1
    fraction = bits & ((1 << fraction_bits) - 1)
    exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1)
    if exponent == (1 << exponent_bits) - 1:
        return None
    significand = fraction if exponent == 0 else fraction | (1 << fraction_bits)
    value = significand << (max(exponent, 1) - bias - fraction_bits + 149)
    return -value if bits >> (exponent_bits + fraction_bits) else value


def ulp(dtype, magnitude):
    """Distance of neighbouring values at a magnitude, both in units of 2^-149."""
    _, exponent_bits, fraction_bits = FORMATS[dtype]
    least = 2 - (1 << (exponent_bits - 1)) - fraction_bits + 149
    return 1 << max(magnitude.bit_length() - 1 - fraction_bits, least)


def f32(value):
    return struct.unpack("<I", struct.pack("<f", value))[0]


def read_folder(path):
    """name -> (dtype, shape, bytes) of a file, or of every .safetensors file of a folder."""
    files = [path] if os.path.isfile(path) else [os.path.join(path, f) for f in sorted(os.listdir(path)) if f.endswith(".safetensors")]
    tensors = {}
    for file in files:
        with open(file, "rb") as f:
            data = f.read()
        (length,) = struct.unpack("<Q", data[:8])
        for name, entry in json.loads(data[8:8 + length]).items():
            if name != "__metadata__":
                begin, end = entry["data_offsets"]
                tensors[name] = (entry["dtype"], entry["shape"], data[8 + length + begin:8 + length + end])
    return tensors


def write_file(path, tensors):
    header, at = {}, 0
    for name, (dtype, shape, raw) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(raw)]}
        at += len(raw)
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(raw for _, _, raw in tensors.values()))


def write_folder(path, tensors, shards):
    os.makedirs(path)
    names = list(tensors)
    weight_map = {}
    for i in range(shards):
        file = "model.safetensors" if shards == 1 else "part-%d-of-%d.safetensors" % (i + 1, shards)
        part = names[i::shards]
        write_file(os.path.join(path, file), {n: tensors[n] for n in part})
        weight_map.update({n: file for n in part})
    if shards > 1:
        with open(os.path.join(path, "model.safetensors.index.json"), "w") as f:
            json.dump({"metadata": {"total_size": 1}, "weight_map": weight_map}, f)


def write(folder, seed="7"):
    rng = random.Random(int(seed))
    shapes = {"model.embed_tokens.weight": [40, 24], "model.norm.weight": [24], "model.scalar": [], "model.empty": [0, 24]}
    for layer in range(3):
        shapes["model.layers.%d.self_attn.q_proj.weight" % layer] = [24, 24]
        shapes["model.layers.%d.mlp.up_proj.weight" % layer] = [67, 24]
        shapes["model.layers.%d.input_layernorm.weight" % layer] = [24]

    def half(dtype, spread):
        _, exponent_bits, fraction_bits = FORMATS[dtype]
        bias = (1 << (exponent_bits - 1)) - 1
        exponent = max(0, bias - rng.randrange(spread))
        return rng.getrandbits(1) << 15 | exponent << fraction_bits | rng.getrandbits(fraction_bits)

    def model(dtype, spread):
        count = lambda shape: 1 if not shape else shape[0] * count(shape[1:])
        return {n: (dtype, s, struct.pack("<%dH" % count(s), *(half(dtype, spread) for _ in range(count(s))))) for n, s in shapes.items()}

    write_folder(os.path.join(folder, "base"), model("BF16", 24), 2)
    write_folder(os.path.join(folder, "chat"), model("BF16", 24), 3)
    write_folder(os.path.join(folder, "target"), model("F16", 20), 1)


def check(target, out, vectors):
    target, out = map(read_folder, (target, out))
    vectors = [(read_folder(base), read_folder(chat), decode("F32", f32(scale))) for base, chat, scale in vectors]
    if set(out) != set(target):
        return "the tensors differ: %s" % (set(out) ^ set(target))
    compared = 0
    values = lambda dtype, raw: [decode(dtype, bits) for bits in bits_of(dtype, raw)]
    for name, (dtype, shape, raw) in target.items():
        out_dtype, out_shape, out_raw = out[name]
        if out_shape != shape:
            return "%s: shape %s became %s" % (name, shape, out_shape)
        if dtype not in FORMATS:
            if (out_dtype, out_raw) != (dtype, raw):
                return "%s: %s was not copied" % (name, dtype)
            continue
        # In units of 2^-298, like the products.
        exact = [t << 149 for t in values(dtype, raw)]
        mass = [abs(e) for e in exact]
        for base, chat, scale in vectors:
            pairs = zip(values(chat[name][0], chat[name][2]), values(base[name][0], base[name][2]))
            for i, (c, b) in enumerate(pairs):
                exact[i] += scale * (c - b)
                mass[i] += abs(scale) * (abs(c) + abs(b))
        for i, o in enumerate(values(out_dtype, out_raw)):
            if o is None:
                return "%s[%d] is not finite" % (name, i)
            # Twice the distance, so that half an ULP stays whole.
            distance = 2 * abs((o << 149) - exact[i])
            allowed = (ulp(out_dtype, max(abs(exact[i]) >> 149, 1)) << 149) + (mass[i] >> 21)
            if distance > allowed:
                return "%s[%d]: distance %d of %d allowed" % (name, i, distance, allowed)
            compared += 1
    print("%d elements in %d tensors" % (compared, len(target)))
    return None


def measure(base, chat, target, scale):
    report = json.load(sys.stdin)
    base, chat, target = map(read_folder, (base, chat, target))
    worst, compared = 0.0, 0
    for tensor in report["tensors"]:
        values = [[math.ldexp(v, -149) for v in map(lambda bits, d=m[tensor["name"]][0]: decode(d, bits), bits_of(*m[tensor["name"]][::2]))]
                  for m in (base, chat, target)]
        rows = [(b, c, t, c - b, t - b) for b, c, t in zip(*values)]
        norm = lambda f: math.sqrt(math.fsum(f(r) ** 2 for r in rows))
        vector, shift = norm(lambda r: r[3]), norm(lambda r: r[4])
        expected = {"base": norm(lambda r: r[0]), "chat": norm(lambda r: r[1]), "target": norm(lambda r: r[2]), "vector": vector,
                    "shift": shift, "merged": norm(lambda r: r[2] + scale * r[3]), "relative": vector / norm(lambda r: r[0]) if rows and norm(lambda r: r[0]) else None,
                    "cosine": math.fsum(r[3] * r[4] for r in rows) / (vector * shift) if vector * shift else None,
                    "maxAbs": max((abs(f32_value(r[3])) for r in rows), default=0.0),
                    "meanAbs": math.fsum(abs(r[3]) for r in rows) / len(rows) if rows else None,
                    "zeroFraction": sum(r[3] == 0 for r in rows) / len(rows) if rows else None}
        for key, value in expected.items():
            actual = tensor[key]
            if value is None or not rows:
                continue
            # A cosine near 0 has no relative error to speak of: its bar is 1e-5 of its range.
            error = abs(actual - value) / (1.0 if key == "cosine" else max(abs(value), 1e-300)) if actual != value else 0.0
            if error > 1e-5:
                return "%s of %s: %r, expected %r" % (key, tensor["name"], actual, value)
            worst, compared = max(worst, error), compared + 1
    print("%d figures of %d tensors, worst error %.1e" % (compared, len(report["tensors"]), worst))
    return None


def f32_value(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def main(arguments):
    if arguments[:1] == ["measure"]:
        return measure(*arguments[1:4], scale=float(arguments[4]))
    if arguments[:1] == ["write"]:
        return write(*arguments[1:3])
    base, chat, target, out, scale = arguments[1:6]
    more = arguments[6:]
    vectors = [(base, chat, float(scale))] + [(more[i], more[i + 1], float(more[i + 2])) for i in range(0, len(more), 3)]
    return check(target, out, vectors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
