"""A merge or a measuring as scripts do it: tensor by tensor, in PyTorch or NumPy.

usage: contender.py merge-torch-bf16|merge-torch-f32|merge-numpy|measure-torch BASE CHAT TARGET OUT SCALE

BASE, CHAT and TARGET are folders of bf16 safetensors files. Prints the seconds of the work as JSON, without the start of
Python and its packages. Files are mapped into memory and tensors are views of the map, as safetensors' own reader gives them;
results are written one after another, which is less work than collecting a shard first.
"""

import json
import mmap
import os
import struct
import sys
import time

work, base_folder, chat_folder, target_folder, out_folder, scale = sys.argv[1:]
scale = float(scale)
if "torch" in work:
    import torch

    # Its own default leaves hyperthreads idle.
    torch.set_num_threads(os.cpu_count())
else:
    import numpy


class Checkpoint:
    def __init__(self, folder):
        self.files = {}
        self.places = {}
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".safetensors"):
                continue
            with open(os.path.join(folder, name), "rb") as file:
                view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            (length,) = struct.unpack("<Q", view[:8])
            header = json.loads(view[8 : 8 + length])
            header.pop("__metadata__", None)
            self.files[name] = (view, view[: 8 + length], header)
            for tensor, entry in header.items():
                begin, end = entry["data_offsets"]
                self.places[tensor] = (view, 8 + length + begin, (end - begin) // 2)

    def torch(self, name):
        view, offset, count = self.places[name]
        return torch.frombuffer(view, dtype=torch.bfloat16, count=count, offset=offset)

    def numpy(self, name):
        view, offset, count = self.places[name]
        return numpy.frombuffer(view, dtype=numpy.uint16, count=count, offset=offset)


def merge_torch_bf16(name):
    """What mergekit's task arithmetic computes in the models' dtype: rounded three times."""
    merged = target.torch(name) + scale * (chat.torch(name) - base.torch(name))
    return merged.view(torch.int16).numpy()


def merge_torch_f32(name):
    delta = chat.torch(name).float() - base.torch(name).float()
    merged = target.torch(name).float() + scale * delta
    return merged.to(torch.bfloat16).view(torch.int16).numpy()


def merge_numpy(name):
    def widen(bits):
        return (bits.astype(numpy.uint32) << 16).view(numpy.float32)

    delta = widen(chat.numpy(name)) - widen(base.numpy(name))
    bits = (widen(target.numpy(name)) + numpy.float32(scale) * delta).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def merge(one):
    for file, (_, header_bytes, header) in target.files.items():
        with open(os.path.join(out_folder, file), "wb") as out:
            out.write(header_bytes)
            for name, _ in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
                out.write(one(name).data)


def measure_torch():
    for name in target.places:
        a, b, t = (model.torch(name).float() for model in (chat, base, target))
        vector, shift = a - b, t - b
        for part in (t, a, b, vector, shift, t + scale * vector):
            torch.linalg.vector_norm(part).item()
        torch.dot(vector, shift).item()
        vector.abs().max().item()
        (vector == 0).sum().item()
        torch.isfinite(vector).sum().item()


base, chat, target = Checkpoint(base_folder), Checkpoint(chat_folder), Checkpoint(target_folder)
started = time.perf_counter()
if work == "measure-torch":
    measure_torch()
else:
    merge({"merge-torch-bf16": merge_torch_bf16, "merge-torch-f32": merge_torch_f32, "merge-numpy": merge_numpy}[work])
print(json.dumps({"seconds": time.perf_counter() - started}))
