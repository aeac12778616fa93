"""Writes small PyTorch checkpoints without PyTorch: Python's own pickle and zipfile, with stand-ins for PyTorch's names.

usage: write_torch_checkpoint.py FOLDER --format zip|zip64|legacy [--protocol 2..5] [--shards N] [--seed S] [--experts N]
       write_torch_checkpoint.py FOLDER --hostile

Beside the model it writes expected.json: for each tensor its file, dtype, shape and elements' bytes in hex, in the shape's order.
With --hostile it writes files whose unpickling would make the file FOLDER/ran, and expected.json with the name of what they call.
"""

import argparse
import collections
import io
import json
import os
import pickle
import pickletools
import random
import struct
import sys
import types
import zipfile

WIDTHS = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8, "BOOL": 1}
CLASSES = {"F32": "FloatStorage", "F16": "HalfStorage", "BF16": "BFloat16Storage", "I64": "LongStorage", "BOOL": "BoolStorage"}


def stand_in(module, name):
    """A class that pickles as `module.name`."""
    parent = sys.modules.setdefault(module, types.ModuleType(module))
    cls = type(name, (), {"__module__": module, "__qualname__": name})
    setattr(parent, name, cls)
    return cls


def stand_in_function(module, name):
    def function(*_):
        raise NotImplementedError

    function.__module__, function.__name__, function.__qualname__ = module, name, name
    setattr(sys.modules.setdefault(module, types.ModuleType(module)), name, function)
    return function


STORAGE_CLASSES = {dtype: stand_in("torch", name) for dtype, name in CLASSES.items()}
REBUILD = stand_in_function("torch._utils", "_rebuild_tensor_v2")
REBUILD_PARAMETER = stand_in_function("torch._utils", "_rebuild_parameter")


class Storage:
    def __init__(self, key, dtype, data):
        self.key, self.dtype, self.data = key, dtype, data

    @property
    def count(self):
        return len(self.data) // WIDTHS[self.dtype]


class Tensor:
    def __init__(self, storage, offset, shape, strides, parameter=False):
        self.storage, self.offset, self.shape, self.strides, self.parameter = storage, offset, shape, strides, parameter

    def __reduce_ex__(self, _):
        if self.parameter:
            data = Tensor(self.storage, self.offset, self.shape, self.strides)
            return REBUILD_PARAMETER, (data, True, collections.OrderedDict())
        hooks = collections.OrderedDict()
        return REBUILD, (self.storage, self.offset, self.shape, self.strides, False, hooks)

    def elements(self):
        """Bytes of the elements in the shape's order, one by one."""
        width, places = WIDTHS[self.storage.dtype], [self.offset]
        for dimension, stride in zip(self.shape, self.strides):
            places = [place + i * stride for place in places for i in range(dimension)]
        return b"".join(self.storage.data[place * width : (place + 1) * width] for place in places)


class TorchPickler(pickle.Pickler):
    def __init__(self, file, protocol, legacy):
        super().__init__(file, protocol=protocol)
        self.legacy = legacy

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        entry = ("storage", STORAGE_CLASSES[value.dtype], value.key, "cpu", value.count)
        return entry + (None,) if self.legacy else entry


def dump(value, protocol, legacy):
    buffer = io.BytesIO()
    TorchPickler(buffer, protocol, legacy).dump(value)
    return buffer.getvalue()


def contiguous(shape):
    strides = []
    for dimension in reversed(shape):
        strides.insert(0, strides[0] * previous if strides else 1)
        previous = dimension
    return tuple(strides)


def model(rng, experts=0):
    """Tensors by name: plain, shared, sliced, transposed, permuted, expanded, scalar, empty, parameters; every dtype."""
    keys = iter(range(1_000_000))

    def storage(dtype, count):
        values = 2 if dtype == "BOOL" else 256
        return Storage(str(next(keys)), dtype, bytes(rng.randrange(values) for _ in range(count * WIDTHS[dtype])))

    def whole(dtype, *shape, parameter=False):
        count = 1
        for dimension in shape:
            count *= dimension
        return Tensor(storage(dtype, count), 0, shape, contiguous(shape), parameter)

    tensors = collections.OrderedDict()
    tensors["model.embed_tokens.weight"] = embed = whole("BF16", 24, 8)
    for layer in range(3):
        prefix = f"model.layers.{layer}."
        qkv = whole("BF16", 24, 8)
        for i, name in enumerate("qkv"):
            tensors[f"{prefix}self_attn.{name}_proj.weight"] = Tensor(qkv.storage, i * 64, (8, 8), (8, 1))
        down = whole("F16", 20, 8)
        tensors[prefix + "mlp.down_proj.weight"] = Tensor(down.storage, 0, (8, 20), (1, 8))
        tensors[prefix + "mlp.up_proj.weight"] = whole("F16", 20, 8, parameter=True)
        tensors[prefix + "input_layernorm.weight"] = whole("F32", 8)
    cube = whole("F32", 2, 3, 4)
    tensors["permuted"] = Tensor(cube.storage, 0, (4, 2, 3), (1, 12, 4))
    tensors["every other column"] = Tensor(cube.storage, 1, (6, 2), (4, 2))
    tensors["expanded"] = Tensor(cube.storage, 3, (3, 2), (0, 5))
    tensors["scalar"] = whole("F32")
    tensors["empty"] = whole("F32", 0, 8)
    tensors["position_ids"] = whole("I64", 1, 5)
    tensors["mask"] = whole("BOOL", 3, 3)
    tensors["ключ"] = whole("F32", 3)
    tensors["lm_head.weight"] = embed
    for expert in range(experts):
        tensors[f"model.layers.{expert % 48}.mlp.experts.{expert // 48}.down_proj.weight"] = whole("BF16", 1, 2)
    return tensors


def storages_of(tensors):
    return list({tensor.storage.key: tensor.storage for tensor in tensors.values()}.values())


def write_zip(path, value, storages, protocol, zip64):
    root = os.path.splitext(os.path.basename(path))[0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:

        def add(name, data):
            with archive.open(zipfile.ZipInfo(f"{root}/{name}"), "w", force_zip64=zip64) as member:
                member.write(data)

        add("data.pkl", dump(value, protocol, False))
        add("byteorder", b"little")
        for storage in storages:
            add(f"data/{storage.key}", storage.data)
        add("version", b"3\n")


def write_legacy(path, value, storages, protocol):
    machine = dict(protocol_version=1001, little_endian=True, type_sizes=dict(short=2, int=4, long=4))
    with open(path, "wb") as file:
        for item in (0x1950A86A20F9469CFC6C, 1001, machine):
            file.write(pickle.dumps(item, protocol=protocol))
        file.write(dump(value, protocol, True))
        keys = sorted(storage.key for storage in storages)
        file.write(pickle.dumps(keys, protocol=protocol))
        by_key = {storage.key: storage for storage in storages}
        for key in keys:
            file.write(struct.pack("<q", by_key[key].count) + by_key[key].data)


def write_model(options):
    rng = random.Random(options.seed)
    tensors = model(rng, options.experts)
    names = list(tensors)
    weight_map, expected = {}, []
    # Tensors that share a storage may be in different files: each has the storage then.
    for shard in range(options.shards):
        part = collections.OrderedDict((name, tensors[name]) for name in names[shard :: options.shards])
        part._metadata = collections.OrderedDict({"": dict(version=1)})
        file = "pytorch_model.bin" if options.shards == 1 else f"pytorch_model-{shard + 1:05}-of-{options.shards:05}.bin"
        path = os.path.join(options.folder, file)
        if options.format == "legacy":
            write_legacy(path, part, storages_of(part), options.protocol)
        else:
            write_zip(path, part, storages_of(part), options.protocol, options.format == "zip64")
        for name, tensor in part.items():
            weight_map[name] = file
            expected.append(dict(name=name, dtype=tensor.storage.dtype, shape=tensor.shape, file=file, hex=tensor.elements().hex()))
    if options.shards > 1:
        with open(os.path.join(options.folder, "pytorch_model.bin.index.json"), "w", encoding="utf-8") as file:
            json.dump(dict(metadata=dict(total_size=0), weight_map=weight_map), file)
    write_expected(options.folder, expected)


class Calls:
    """Unpickles by a call."""

    def __init__(self, function, *arguments, state=None):
        self.reduction = (function, arguments) if state is None else (function, arguments, state)

    def __reduce_ex__(self, _):
        return self.reduction


def name_in_pickle(function, protocol):
    """Protocol 2 writes some modules' names as Python 2 had them."""
    texts = [text for _, text, _ in pickletools.genops(pickle.dumps(function, protocol)) if isinstance(text, str)]
    return ".".join(texts).replace(" ", ".")


def write_hostile(options):
    mark = f"touch {os.path.join(options.folder, 'ran')}"
    tensors = model(random.Random(options.seed))
    values = {
        "os-system": Calls(os.system, mark),
        "eval": Calls(eval, f"__import__('os').system({mark!r})"),
        "exec": Calls(exec, f"import os; os.system({mark!r})"),
        "nested": Calls(pickle.loads, pickle.dumps(Calls(os.system, mark))),
        "state": Calls(collections.OrderedDict, state=Calls(os.system, mark)),
    }
    expected = []
    for name, hostile in values.items():
        called = pickle.loads if name == "nested" else os.system if name == "state" else hostile.reduction[0]
        for place, value in (("alone", hostile), ("beside", {"state_dict": tensors, "extra": hostile}), ("inside", {**tensors, "w": hostile})):
            for protocol in (2, 3, 4, 5):
                stem = f"{name}-{place}-{protocol}"
                write_zip(os.path.join(options.folder, stem + ".pt"), value, storages_of(tensors), protocol, False)
                write_legacy(os.path.join(options.folder, stem + "-legacy.pt"), value, storages_of(tensors), protocol)
                for file in (stem + ".pt", stem + "-legacy.pt"):
                    expected.append(dict(file=file, calls=name_in_pickle(called, protocol)))
    write_expected(options.folder, expected)


def write_expected(folder, expected):
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--format", choices=["zip", "zip64", "legacy"], default="zip")
    parser.add_argument("--protocol", type=int, default=2)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--experts", type=int, default=0)
    parser.add_argument("--hostile", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    if options.hostile:
        write_hostile(options)
    else:
        write_model(options)


main()
