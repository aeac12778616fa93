"""Writes model triples that differ in names, layouts and dtypes, and checks what was merged from them. Python's own struct, json,
pickle, zipfile and fractions: nothing here comes from the application.

    families_oracle.py write CASE FOLDER              base/, chat/ and target/ of the case
    families_oracle.py adapter FOLDER [BESIDE]         a LoRA adapter in FOLDER/adapter, or beside the model in FOLDER/BESIDE
    families_oracle.py check CASE OUT SCALE           exits 0 when OUT is what the case must give, 1 with a message otherwise

    families_oracle.py measure CASE < REPORT           the same of what `measure --json` printed, to 1e-5

Values are made from seeded bits and decoded by formula, so that checking needs only OUT. The contract: each output lies within half
an ULP of its dtype plus 2^-22 (F64: 2^-51) times |target| + |scale| * (|chat| + |base|) of the exact result. An FP8 value is the
element times its scale, rounded to f32.
"""
import json
import math
import os
import pickle
import random
import struct
import sys
import types
import zipfile
from fractions import Fraction

WIDTH = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E4M3FNUZ": 1, "I64": 8}
# exponent bits, fraction bits, bias
FLOATS = {"F64": (11, 52, 1023), "F32": (8, 23, 127), "F16": (5, 10, 15), "BF16": (8, 7, 127), "F8_E4M3": (4, 3, 7), "F8_E5M2": (5, 2, 15),
          "F8_E4M3FNUZ": (4, 3, 8)}
SEED = {"base": 1, "chat": 2, "target": 3}


def count(shape):
    return math.prod(shape)


def make(rng, dtype, shape):
    """Random bits of ordinary magnitudes: an exponent of up to 6 below 1."""
    exponent_bits, fraction_bits, bias = FLOATS[dtype]
    width = WIDTH[dtype]
    raw = bytearray()
    for _ in range(count(shape)):
        bits = rng.getrandbits(1) << (exponent_bits + fraction_bits) | (bias - rng.randrange(6)) << fraction_bits | rng.getrandbits(fraction_bits)
        raw += bits.to_bytes(width, "little")
    return bytes(raw)


def decode(dtype, raw):
    exponent_bits, fraction_bits, bias = FLOATS[dtype]
    width = WIDTH[dtype]
    values = []
    for at in range(0, len(raw), width):
        bits = int.from_bytes(raw[at:at + width], "little")
        fraction = bits & ((1 << fraction_bits) - 1)
        exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1)
        if exponent == (1 << exponent_bits) - 1 and not dtype.startswith("F8_E4M3"):
            values.append(None)
            continue
        significand = fraction if exponent == 0 else fraction | (1 << fraction_bits)
        value = Fraction(significand) * Fraction(2) ** (max(exponent, 1) - bias - fraction_bits)
        values.append(-value if bits >> (exponent_bits + fraction_bits) else value)
    return values


def f32(value):
    """Exact for the products here: 4 bits times 24 fit a double, which is then rounded once."""
    return Fraction(struct.unpack("<f", struct.pack("<f", float(value)))[0])


class Model:
    def __init__(self, role):
        self.rng = random.Random(SEED[role])
        self.stored = {}
        self.meant = {}
        self.config = {"model_type": "llama", "hidden_size": 24, "num_hidden_layers": 2}

    def add(self, key, name, dtype, shape):
        raw = make(self.rng, dtype, shape)
        self.stored[name] = (dtype, shape, raw)
        self.meant[key] = decode(dtype, raw)

    def add_scaled(self, key, name, dtype, shape, scale_name, scale_shape, scale_dtype="F32"):
        """A quantised matrix: block (i, j) of equal parts has scale [i, j]; per tensor where there is one scale."""
        self.add(key, name, dtype, shape)
        raw = make(self.rng, scale_dtype, scale_shape)
        self.stored[scale_name] = (scale_dtype, scale_shape, raw)
        scales = decode(scale_dtype, raw)
        rows, columns = shape
        if len(scales) == 1:
            at = lambda r, c: scales[0]
        elif scale_shape == [rows, 1]:
            at = lambda r, c: scales[r]
        else:
            at = lambda r, c: scales[(r // 128) * scale_shape[1] + c // 128]
        self.meant[key] = [f32(v * at(i // columns, i % columns)) for i, v in enumerate(self.meant[key])]


def llama(model, prefix, dtype, head="lm_head.weight"):
    shapes = {"embed_tokens": [20, 24], "norm": [24]}
    for layer in range(2):
        for part, shape in {"self_attn.q_proj": [24, 24], "mlp.up_proj": [40, 24], "input_layernorm": [24]}.items():
            shapes["layers.%d.%s" % (layer, part)] = shape
    for key, shape in shapes.items():
        model.add(key, "%s%s.weight" % (prefix, key), dtype, shape)
    model.add("lm_head", head, dtype, [20, 24])


def vision(model, prefix):
    for block in range(3):
        name = "%sblocks.%d.attn.qkv.weight" % (prefix, block)
        model.add(name, name, "BF16", [12, 8])
    model.config = {"model_type": "qwen2_5_vl", "text_config": {**model.config, "model_type": "llama"}}


def vision_target(models):
    for role, model in models.items():
        llama(model, "model.language_model." if role == "target" else "model.", "BF16")
        if role == "target":
            vision(model, "model.visual.")


def vision_vector(models):
    for role, model in models.items():
        llama(model, "model." if role == "target" else "language_model.model.", "BF16", "lm_head.weight" if role == "target" else "language_model.lm_head.weight")
        if role != "target":
            vision(model, "visual.")


def prefixes(models):
    for role, prefix in {"target": "model.", "chat": "module._orig_mod.model.", "base": ""}.items():
        llama(models[role], prefix, {"target": "F16", "chat": "BF16", "base": "F32"}[role])


def fp8_tensor(models):
    for role, model in models.items():
        model.add("norm", "model.norm.weight", "BF16", [24])
        for layer in range(2):
            module = "model.layers.%d.mlp.down_proj." % layer
            if role == "target":
                model.add_scaled(module, module + "weight", "F8_E4M3", [36, 24], module + "weight_scale", [])
                model.stored[module + "input_scale"] = ("F32", [], make(model.rng, "F32", []))
            elif role == "chat":
                model.add_scaled(module, module + "weight", ["F8_E4M3", "F8_E4M3FNUZ"][layer], [36, 24], module + "weight_scale", [36, 1], "BF16")
            else:
                model.add(module, module + "weight", "BF16", [36, 24])
    models["target"].config["quantization_config"] = {"quant_method": "compressed-tensors", "format": "float-quantized"}


def fp8_blocks(models):
    for role, model in models.items():
        model.add("norm", "model.norm.weight", "BF16", [24])
        module = "model.layers.0.mlp.down_proj."
        dtype = "F8_E5M2" if role == "base" else "F8_E4M3"
        model.add_scaled(module, module + "weight", dtype, [140, 136], module + "weight_scale_inv", [2, 2])
        plain = "model.layers.1.mlp.down_proj.weight"
        model.add(plain, plain, "F8_E5M2" if role == "chat" else "BF16", [10, 24])
        model.config["quantization_config"] = {"quant_method": "fp8", "weight_block_size": [128, 128]}


def f64(models):
    for role, model in models.items():
        dtypes = {"target": ["F64", "F64", "BF16"], "chat": ["F64", "F32", "F64"], "base": ["F64", "BF16", "F32"]}[role]
        for layer, dtype in enumerate(dtypes):
            name = "model.layers.%d.mlp.up_proj.weight" % layer
            model.add(name, name, dtype, [40, 24])
        if role == "target":
            model.add("model.extra.weight", "model.extra.weight", "F64", [5])
        model.config["num_hidden_layers"] = 3


def fused(models):
    """[q; k; v] and [gate; up] in one: what the parts mean is rows of it."""
    parts = {"self_attn.qkv_proj": {"self_attn.q_proj": 24, "self_attn.k_proj": 8, "self_attn.v_proj": 8}, "mlp.gate_up_proj": {"mlp.gate_proj": 40, "mlp.up_proj": 40}}
    for role, model in models.items():
        for whole, rows in parts.items():
            name = "model.layers.0.%s.weight"
            if role == "chat":
                model.add(name % whole, name % whole, "BF16", [sum(rows.values()), 24])
                at = 0
                for part, size in rows.items():
                    model.meant[name % part] = model.meant[name % whole][at * 24:(at + size) * 24]
                    at += size
            else:
                for part, size in rows.items():
                    model.add(name % part, name % part, "BF16", [size, 24])


def strided(models):
    for role, model in models.items():
        for layer in range(3):
            name = "model.layers.%d.mlp.down_proj.weight" % layer
            model.add(name, name, "BF16" if role == "chat" else "F32", [24, 40])


CASES = {"vision-target": vision_target, "vision-vector": vision_vector, "prefixes": prefixes, "fp8-tensor": fp8_tensor,
         "fp8-blocks": fp8_blocks, "f64": f64, "fused": fused, "strided": strided}


def models_of(case):
    models = {role: Model(role) for role in SEED}
    CASES[case](models)
    return models


def write_safetensors(path, tensors):
    header, at = {}, 0
    for name, (dtype, shape, raw) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(raw)]}
        at += len(raw)
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(raw for _, _, raw in tensors.values()))


def write_torch(path, tensors):
    """A zip as torch.save writes it, each tensor another kind of view: transposed, every other column of a wider one, within a shared one."""
    def global_(module, name):
        made = types.new_class(name)
        made.__module__, made.__qualname__ = module, name
        setattr(sys.modules.setdefault(module, types.ModuleType(module)), name, made)
        return made

    storage_class = {"F32": global_("torch", "FloatStorage"), "BF16": global_("torch", "BFloat16Storage")}
    rebuild = global_("torch._utils", "_rebuild_tensor_v2")
    storages = {}

    class Stored:
        def __init__(self, key, dtype, data):
            self.key, self.dtype, self.data = key, dtype, data

    class View:
        def __init__(self, *arguments):
            self.arguments = arguments

        def __reduce__(self):
            return rebuild, self.arguments

    class Pickler(pickle._Pickler):
        def persistent_id(self, value):
            if not isinstance(value, Stored):
                return None
            return ("storage", storage_class[value.dtype], value.key, "cpu", len(value.data) // WIDTH[value.dtype])

    state = {}
    for index, (name, (dtype, (rows, columns), raw)) in enumerate(tensors.items()):
        width = WIDTH[dtype]
        element = lambda r, c: raw[(r * columns + c) * width:(r * columns + c + 1) * width]
        if index % 3 == 0:
            data = b"".join(element(r, c) for c in range(columns) for r in range(rows))
            offset, strides = 0, (1, rows)
        elif index % 3 == 1:
            data = b"".join(element(r, c) + b"\x55" * width for r in range(rows) for c in range(columns))
            offset, strides = 0, (2 * columns, 2)
        else:
            data = b"\x55" * 7 * width + b"".join(b"".join(element(r, c) for c in range(columns)) + b"\x55" * 3 * width for r in range(rows))
            offset, strides = 7, (columns + 3, 1)
        storages[str(index)] = Stored(str(index), dtype, data)
        state[name] = View(storages[str(index)], offset, (rows, columns), strides, False, {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("m/data.pkl", "w") as f:
            Pickler(f, 2).dump(state)
        for key, stored in storages.items():
            archive.writestr("m/data/" + key, stored.data)
        archive.writestr("m/version", "3\n")


def write(case, folder):
    for role, model in models_of(case).items():
        path = os.path.join(folder, role)
        os.makedirs(path)
        if case == "strided":
            write_torch(os.path.join(path, "pytorch_model.bin"), model.stored)
        else:
            write_safetensors(os.path.join(path, "model.safetensors"), model.stored)
        with open(os.path.join(path, "config.json"), "w") as f:
            json.dump(model.config, f)


def read(path):
    tensors = {}
    for file in sorted(os.listdir(path)):
        if not file.endswith(".safetensors"):
            continue
        with open(os.path.join(path, file), "rb") as f:
            data = f.read()
        (length,) = struct.unpack("<Q", data[:8])
        for name, entry in json.loads(data[8:8 + length]).items():
            if name != "__metadata__":
                begin, end = entry["data_offsets"]
                tensors[name] = (entry["dtype"], entry["shape"], data[8 + length + begin:8 + length + end])
    return tensors


def half_ulp(dtype, value):
    exponent_bits, fraction_bits, bias = FLOATS[dtype]
    magnitude = abs(value)
    exponent = 1 - bias
    if magnitude > 0:
        exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
        if Fraction(2) ** exponent > magnitude:
            exponent -= 1
    return Fraction(2) ** (max(exponent, 1 - bias) - fraction_bits - 1)


def check(case, out, scale):
    models = models_of(case)
    target, chat, base = (models[role] for role in ("target", "chat", "base"))
    key_of = {name: key for name, key in zip([n for n in target.stored if not is_scale(n)], [k for k in target.meant])}
    tensors = read(out)
    if set(tensors) != set(key_of):
        return "the tensors are %s" % sorted(tensors)
    scale = f32(scale)
    merged = 0
    for name, key in key_of.items():
        dtype, shape, raw = target.stored[name]
        expected = "BF16" if dtype.startswith("F8") else dtype
        out_dtype, out_shape, out_raw = tensors[name]
        if (out_dtype, out_shape) != (expected, shape):
            return "%s is %s %s" % (name, out_dtype, out_shape)
        if key not in chat.meant or key not in base.meant:
            if out_raw != raw:
                return "%s was not copied" % name
            continue
        merged += 1
        own = Fraction(2) ** (-51 if "F64" in (dtype, chat.stored.get(name, [""])[0], base.stored.get(name, [""])[0]) else -22)
        for i, (o, t, c, b) in enumerate(zip(decode(out_dtype, out_raw), target.meant[key], chat.meant[key], base.meant[key])):
            exact = t + scale * (c - b)
            allowed = half_ulp(out_dtype, exact) + own * (abs(t) + abs(scale) * (abs(c) + abs(b)))
            if o is None or abs(o - exact) > allowed:
                return "%s[%d] is %s, expected %s" % (name, i, o if o is None else float(o), float(exact))
    with open(os.path.join(out, "config.json")) as f:
        config = json.load(f)
    if "quantization_config" in config:
        return "the config still says that the weights are quantised"
    if "quantization_config" in target.config and config.get("torch_dtype", config.get("dtype")) != "bfloat16":
        return "the config does not say bfloat16"
    print("%d tensors merged, %d copied" % (merged, len(tensors) - merged))
    return None


def measure(case):
    """Of what `measure --json` printed, from stdin: norms and cosines of every tensor that the three have."""
    models = models_of(case)
    target, chat, base = (models[role] for role in ("target", "chat", "base"))
    report = {tensor["name"]: tensor for tensor in json.load(sys.stdin)["tensors"]}
    compared = 0
    for name, key in zip([n for n in target.stored if not is_scale(n)], target.meant):
        if key not in chat.meant or key not in base.meant:
            continue
        rows = [tuple(map(float, row)) + (float(row[1] - row[2]), float(row[0] - row[2])) for row in zip(target.meant[key], chat.meant[key], base.meant[key])]
        norm = lambda at: math.sqrt(math.fsum(row[at] ** 2 for row in rows))
        expected = {"target": norm(0), "chat": norm(1), "base": norm(2), "vector": norm(3), "shift": norm(4),
                    "cosine": math.fsum(row[3] * row[4] for row in rows) / (norm(3) * norm(4))}
        for field, value in expected.items():
            if abs(report[name][field] - value) > 1e-5 * (1 if field == "cosine" else value):
                return "%s of %s is %r, expected %r" % (field, name, report[name][field], value)
            compared += 1
    print("%d figures agree" % compared)
    return None


def is_scale(name):
    return name.endswith(("weight_scale", "weight_scale_inv", "input_scale"))


def adapter(folder, beside="adapter"):
    model = Model("chat")
    for side, shape in {"A": [4, 24], "B": [24, 4]}.items():
        name = "base_model.model.model.layers.0.self_attn.q_proj.lora_%s.weight" % side
        model.add(name, name, "F32", shape)
    os.makedirs(os.path.join(folder, beside), exist_ok=True)
    write_safetensors(os.path.join(folder, beside, "adapter_model.safetensors"), model.stored)


def main(arguments):
    if arguments[0] == "adapter":
        return adapter(*arguments[1:])
    if arguments[0] == "measure":
        return measure(arguments[1])
    if arguments[0] == "write":
        return write(arguments[1], arguments[2])
    return check(arguments[1], arguments[2], float(arguments[3]))


sys.exit(main(sys.argv[1:]))
