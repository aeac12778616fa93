"""Matches the rows of three vocabularies, by other means than the application: its own readers, bytes for keys, plain lists.

    python3 vocabulary_oracle.py CASE...

Each CASE is a folder with target/, chat/, base/ and rows.json, {"target": n, "chat": n, "base": n}. Prints a JSON list with, for
each case, the triples [target row, chat row, base row] and the counts. Only Python's standard library.
"""

import json
import os
import re
import sys

NORMAL, SPECIAL, BYTE, UNUSED = "normal", "special", "byte", "unused"
ROLES = ["bos_token", "eos_token", "pad_token", "unk_token"]
OTHERS = ["sep_token", "cls_token", "mask_token"]
UNUSED_NAMES = re.compile(
    r"[<\[]\|?unused_?(token_?)?\d+\|?[>\]]|<\|?reserved(_special)?(_token|_id)?_?\d+\|?>|<\|extra_\d+\|>"
    r"|<\|?(dummy|place_?holder|free)_?\d+\|?>|<special_\d+>|\[control_\d+\]|<｜place▁holder▁no▁\d+｜>", re.I)
BYTE_NAME = re.compile(r"<0x[0-9A-F]{2}>")


def alphabet():
    """Character -> byte of the byte-level spelling: printable Latin-1 stands for itself, the rest is numbered from 256."""
    kept = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    moved = [b for b in range(256) if b not in kept]
    return {**{chr(b): b for b in kept}, **{chr(256 + i): b for i, b in enumerate(moved)}}


ALPHABET = alphabet()


def load(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8", newline="") as f:
        return f.read() if name.endswith(".txt") else json.load(f)


def pieces(data):
    """(text, type) of every piece of a SentencePiece model."""

    def fields(buffer):
        at = 0

        def number():
            nonlocal at
            value = shift = 0
            while True:
                byte = buffer[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value

        while at < len(buffer):
            tag = number()
            kind = tag & 7
            if kind == 0:
                yield tag >> 3, number()
            else:
                size = {1: 8, 5: 4}.get(kind)
                size = number() if size is None else size
                yield tag >> 3, buffer[at:at + size]
                at += size

    for field, value in fields(data):
        if field == 1:
            piece = dict(fields(value))
            yield piece[1].decode("utf-8"), piece.get(3, 1)


def types_in(value):
    if isinstance(value, dict):
        found = {value["type"]} if isinstance(value.get("type"), str) else set()
        return found.union(*[types_in(v) for v in value.values()])
    if isinstance(value, list):
        return set().union(*[types_in(v) for v in value])
    return {"metaspace sign"} if value == "▁" else set()


class Vocabulary:
    def __init__(self, folder):
        self.tokens, self.declared, self.added, self.special_rows = {}, {}, set(), set()
        self.spelling, self.byte_tokens = None, True
        config = load(folder, "tokenizer_config.json") or {}
        tokenizer = load(folder, "tokenizer.json")
        if tokenizer is not None:
            self.from_tokenizer_json(tokenizer)
        else:
            self.from_other_files(folder)
        for row, token in config.get("added_tokens_decoder", {}).items():
            row, content = int(row), token["content"]
            if tokenizer is None or self.tokens.get(row) == content:
                self.add(row, content, token["special"])
            elif row not in self.tokens and content not in self.tokens.values():
                self.add(row, content, token["special"])
        names = {**(load(folder, "special_tokens_map.json") or {}), **{k: v for k, v in config.items() if v is not None}}
        name_of = lambda v: v.get("content") if isinstance(v, dict) else v
        self.roles = {name_of(names.get(role)) for role in ROLES} - {None}
        self.others = {name_of(names.get(role)) for role in OTHERS} | set(names.get("additional_special_tokens", []))
        if self.spelling is None:
            self.spelling = self.majority()

    def add(self, row, content, special):
        was_special = row in self.added and self.tokens[row] == content and row in self.special_rows
        self.tokens[row] = content
        self.added.add(row)
        (self.special_rows.add if special or was_special else self.special_rows.discard)(row)

    def from_tokenizer_json(self, tokenizer):
        model = tokenizer["model"]
        vocab = model["vocab"]
        if isinstance(vocab, list):
            self.tokens = {row: piece for row, (piece, _) in enumerate(vocab)}
        else:
            self.tokens = {row: token for token, row in vocab.items()}
        found = types_in([tokenizer.get(k) for k in ("normalizer", "pre_tokenizer", "decoder")]) | {model.get("type")}
        if "byte_fallback" in model:
            self.byte_tokens = model["byte_fallback"]
        if "ByteLevel" in found:
            self.spelling = "byte-level"
        elif "WordPiece" in found:
            self.spelling = "wordpiece"
        elif found & {"Metaspace", "metaspace sign", "ByteFallback", "Unigram"} or model.get("byte_fallback"):
            self.spelling = "sentencepiece"
        for token in tokenizer.get("added_tokens", []):
            self.add(token["id"], token["content"], token["special"])

    def from_other_files(self, folder):
        vocab = load(folder, "vocab.json")
        if vocab is not None:
            self.tokens = {row: token for token, row in vocab.items()}
        elif os.path.exists(os.path.join(folder, "tokenizer.model")):
            self.spelling, self.byte_tokens = "sentencepiece", False
            with open(os.path.join(folder, "tokenizer.model"), "rb") as f:
                for row, (text, kind) in enumerate(pieces(f.read())):
                    self.tokens[row] = text
                    if kind in (2, 3, 5, 6):
                        self.declared[row] = {2: SPECIAL, 3: SPECIAL, 5: UNUSED, 6: BYTE}[kind]
        else:
            lines = load(folder, "vocab.txt").split("\n")
            self.tokens = dict(enumerate(lines[:-1] if lines[-1] == "" else lines))
        for token, row in (load(folder, "added_tokens.json") or {}).items():
            self.add(row, token, False)

    def majority(self):
        tokens = list(self.tokens.values())
        counts = [("byte-level", sum(t.startswith("Ġ") for t in tokens)), ("sentencepiece", sum(t.startswith("▁") for t in tokens)),
                  ("wordpiece", sum(t.startswith("##") and t not in ("##", "###") for t in tokens))]
        best = max(counts, key=lambda pair: pair[1])
        return best[0] if best[1] else "plain"

    def kind(self, row):
        token = self.tokens[row]
        if token in self.roles:
            return SPECIAL
        unused = UNUSED_NAMES.fullmatch(token) is not None
        is_byte = self.byte_tokens and self.spelling == "sentencepiece" and BYTE_NAME.fullmatch(token) and row not in self.added
        kind = self.declared.get(row) or (BYTE if is_byte else UNUSED if unused else NORMAL)
        if kind == SPECIAL and unused:
            return UNUSED
        return SPECIAL if kind == NORMAL and (row in self.special_rows or token in self.others) else kind

    def exact(self, row):
        """What tells a token from others of the same spelling."""
        token = self.tokens[row]
        if self.spelling == "byte-level":
            if row in self.added:
                return token.encode("utf-8")
            return bytes(ALPHABET[c] for c in token) if all(c in ALPHABET for c in token) else ("raw", token)
        return self.kind(row) == BYTE, token

    def content(self, row):
        """(content, whether only to fall back on), or None where the text that it stands for is not known."""
        token, kind = self.tokens[row], self.kind(row)
        bracketed = len(token) > 2 and (token[0], token[-1]) in (("<", ">"), ("[", "]")) and not re.search(r"\s", token)
        if kind in (SPECIAL, UNUSED) or (row in self.added and bracketed):
            return ("control", token), False
        if self.spelling == "byte-level":
            return self.exact(row), False
        if self.spelling != "sentencepiece":
            return None
        if kind == BYTE:
            return bytes([int(token[3:5], 16)]), True
        return token.replace("▁", " ").encode("utf-8"), False


def groups(vocabulary, rows, key):
    found = {}
    for row in sorted(vocabulary.tokens):
        if row < rows:
            k = key(row)
            if k is not None:
                found.setdefault(k, []).append(row)
    return found


def unique_contents(vocabulary, rows):
    result = {}
    for content, members in groups(vocabulary, rows, lambda row: (vocabulary.content(row) or [None])[0]).items():
        firm = [row for row in members if not vocabulary.content(row)[1]]
        loose = [row for row in members if vocabulary.content(row)[1]]
        if len(firm) <= 1 and len(loose) <= 1:
            result[content] = (firm or loose)[0]
    return result


def match(vocabulary, rows, other, other_rows):
    if vocabulary.spelling == other.spelling:
        mine, theirs = groups(vocabulary, rows, vocabulary.exact), groups(other, other_rows, other.exact)
        return {row: theirs[k][min(i, len(theirs[k]) - 1)] for k, members in mine.items() if k in theirs for i, row in enumerate(members)}
    mine, theirs = unique_contents(vocabulary, rows), unique_contents(other, other_rows)
    return {row: theirs[content] for content, row in mine.items() if content in theirs}


def solve(folder):
    with open(os.path.join(folder, "rows.json")) as f:
        rows = json.load(f)
    target, chat, base = (Vocabulary(os.path.join(folder, role)) for role in ("target", "chat", "base"))
    to_chat = match(target, rows["target"], chat, rows["chat"])
    to_base = match(target, rows["target"], base, rows["base"])
    present = [row for row in target.tokens if row < rows["target"]]
    left = lambda v, n, taken: sum(1 for row in v.tokens if row < n and row not in taken)
    return {
        "triples": sorted([row, to_chat[row], to_base[row]] for row in present if row in to_chat and row in to_base),
        "own": sum(row not in to_chat for row in present),
        "withoutBase": sum(row in to_chat and row not in to_base for row in present),
        "padding": rows["target"] - len(present),
        "chatOnly": left(chat, rows["chat"], set(to_chat.values())),
        "baseOnly": left(base, rows["base"], set(to_base.values())),
    }


if __name__ == "__main__":
    print(json.dumps([solve(folder) for folder in sys.argv[1:]]))
