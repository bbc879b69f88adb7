"""Ways to break a file, each decided by a seed: bytes, cuts, splices, and headers that lie."""

import random
from collections.abc import Callable

Bytes = bytearray
INTERESTING = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
HEAD = 2048

# Elements of Matroska: headers, times, sizes, clusters, blocks.
EBML = [
    *("1a45dfa3", "18538067", "1549a966", "1654ae6b", "2ad7b1", "4489", "1c53bb6b", "1f43b675"),
    *("e7", "a3", "e0", "b0", "ba", "23e383", "63a2"),
]
# What stands before the numbers of a header: sizes, rates, durations, counts, offsets.
TAGS = {
    "mp4": b"mvhd tkhd mdhd stts ctts stsc stsz stco elst avcC stsd moov mdat trak hdlr".split(),
    "mov": b"mvhd tkhd mdhd stts stsc stsz stco elst esds stsd moov mdat trak".split(),
    "avi": b"avih strh strf idx1 movi hdrl JUNK LIST RIFF 00dc".split(),
    "flv": [b"FLV", b"onMetaData", b"duration", b"width", b"height", b"framerate", b"filesize"],
    "mkv": list(map(bytes.fromhex, EBML)),
    "webm": list(map(bytes.fromhex, EBML)),
    "ts": [b"\x47\x40\x00", b"\x47\x40\x11", b"\x47\x50\x00", b"\x47\x41\x00", b"\x00\x00\x01\xe0"],
    "mpg": [b"\x00\x00\x01\xba", b"\x00\x00\x01\xbb", b"\x00\x00\x01\xe0", b"\x00\x00\x01\xb3"],
    "gif": [b"GIF89a", b"\x21\xf9\x04", b"\x21\xff\x0b", b"\x2c\x00\x00"],
    "nut": [b"NM", b"NS", b"NK", b"NX", b"nut/multimedia container"],
    "mxf": [bytes.fromhex("060e2b34"), bytes.fromhex("000001b3"), bytes.fromhex("00000100")],
    "asf": [bytes.fromhex("3026b2758e66cf11"), bytes.fromhex("a1dcab8c47a9cf11"),
            bytes.fromhex("9107dcb7b7a9cf11"), bytes.fromhex("3626b2758e66cf11")],
}  # fmt: skip


def flipped(whole: Bytes, chance: random.Random, kind: str) -> Bytes:
    """Some bytes, anywhere, are other ones."""
    for _ in range(chance.choice([1, 3, 10, 40, 200])):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return whole


def head_flipped(whole: Bytes, chance: random.Random, kind: str) -> Bytes:
    """Some bytes of the first or the last 2 kB are other ones."""
    length = min(HEAD, len(whole))
    first = chance.choice([0, len(whole) - length])
    for _ in range(chance.choice([1, 2, 5, 20])):
        whole[first + chance.randrange(length)] = chance.randrange(256)
    return whole


def truncated(whole: Bytes, chance: random.Random, kind: str) -> Bytes:
    """Cut off at the end, and sometimes at the start."""
    first = chance.randrange(len(whole)) if chance.random() < 0.2 else 0
    return whole[first : chance.randrange(first, len(whole)) + 1]


def lying(whole: Bytes, chance: random.Random, kind: str) -> Bytes:
    """Numbers behind a header's tags are the ones that overflow, or any."""
    for _ in range(chance.choice([1, 1, 2, 4])):
        tag = chance.choice(TAGS[kind])
        places = [n for n in range(len(whole)) if whole.startswith(tag, n)] if tag in whole else [0]
        at = (
            chance.choice(places[:50]) + len(tag) * chance.choice([0, 1]) + chance.randrange(-4, 40)
        )
        at = min(max(at, 0), len(whole) - 8)
        value = chance.choice([*INTERESTING, chance.getrandbits(32)])
        width = chance.choice([1, 2, 4, 8])
        order = chance.choice(["big", "little"])
        number = (value & (1 << 8 * width) - 1).to_bytes(width, order)  # type: ignore[arg-type]
        whole[at : at + width] = number
    return whole


def spliced(whole: Bytes, chance: random.Random, kind: str) -> Bytes:
    """A piece is repeated, left out, moved, or made of zeros."""
    length = chance.choice([1, 4, 188, 1000, len(whole) // 4])
    first, to = (chance.randrange(len(whole)) for _ in range(2))
    piece = whole[first : first + length]
    way = chance.choice(["repeat", "leave out", "move", "zeros"])
    if way == "zeros":
        whole[first : first + len(piece)] = bytes(len(piece))
        return whole
    if way != "repeat":
        del whole[first : first + length]
    if way != "leave out":
        whole[to:to] = piece
    return whole


MUTATIONS: dict[str, Callable[[Bytes, random.Random, str], Bytes]] = {
    "bytes flipped": flipped,
    "head or tail flipped": head_flipped,
    "truncated": truncated,
    "headers that lie": lying,
    "spliced": spliced,
}


def mutated(seed: int, films: dict[str, bytes]) -> tuple[str, str, bytes]:
    """A container, a way, and the broken film that a seed stands for."""
    chance = random.Random(seed)
    kind, way = chance.choice(sorted(films)), chance.choice(sorted(MUTATIONS))
    content = bytearray(films[kind])
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        content = MUTATIONS[way](content, chance, kind) or bytearray(1)
    return kind, way, bytes(content)
