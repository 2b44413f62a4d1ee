#!/usr/bin/env python3
"""Reduces ICU's data, which Foundation brings, to what English and the root locale need: `icu_subset.py IN.dat OUT.dat`.

A third of a library that links the runtime statically is the data of some seven hundred other locales. Nothing that
PhaseFlow prints depends on a locale; where one is missing ICU falls back to the root.

The package's format is ICU's own, `ucmndata.h`: a header that says its length, then a table of contents that counts from
its own beginning, and items, each at a multiple of 16 bytes.
"""

import re
import struct
import sys

# Of these trees a file belongs to a locale: aa.res, pt_BR.res. Others have longer names: root.res, supplementalData.res.
LOCALE = re.compile(r"(?:(?:coll|curr|lang|region|unit|zone|rbnf|brkitr)/)?([a-z]{2,3})(?:_\w+)?\.res")
# Dictionaries that tell words apart where no spaces do, transliterations, tables of old character sets (UTF-8, UTF-16 and
# Latin 1 need none), names of characters, look-alikes, and how names of hosts and users are prepared.
UNUSED = re.compile(r"brkitr/\w+\.(?:dict|brk)$|brkitr/lstm|translit/|.*\.(?:lstm|cnv|spp|cfu)$|unames\.icu$")
KEPT_BREAKS = {"brkitr/char.brk", "brkitr/word.brk", "brkitr/line.brk", "brkitr/sent.brk"}


def is_kept(name: str) -> bool:
    """Whether an item, named without the package's prefix, stays."""
    locale = LOCALE.fullmatch(name)
    if locale:
        return locale.group(1) == "en"
    return not UNUSED.match(name) or name in KEPT_BREAKS


def subset(package: bytes) -> bytes:
    """The package with the items that stay."""
    (header_size,) = struct.unpack_from("<H", package, 0)
    if package[2:4] != b"\xda\x27" or package[12:16] != b"CmnD":
        raise SystemExit("this is no package of ICU's data of this machine's byte order")
    (count,) = struct.unpack_from("<I", package, header_size)
    entries = [struct.unpack_from("<II", package, header_size + 4 + 8 * i) for i in range(count)]
    ends = [offset for _, offset in entries[1:]] + [len(package) - header_size]
    items = []
    for (name_at, data_at), end in zip(entries, ends):
        start = header_size + name_at
        name = package[start : package.index(b"\0", start)]
        if is_kept(name.decode().split("/", 1)[1]):
            items.append((name, package[header_size + data_at : header_size + end]))

    names, name_offsets = b"", []
    first_name = 4 + 8 * len(items)
    for name, _ in items:
        name_offsets.append(first_name + len(names))
        names += name + b"\0"
    data, data_offsets = b"", []
    place = -(-(header_size + first_name + len(names)) // 16) * 16 - header_size
    body = bytearray()
    for _, content in items:
        data_offsets.append(place + len(body))
        body += content + b"\0" * (-len(content) % 16)
    table = struct.pack("<I", len(items)) + b"".join(
        struct.pack("<II", *pair) for pair in zip(name_offsets, data_offsets)
    )
    contents = table + names
    contents += b"\0" * (place - len(contents))
    return package[:header_size] + contents + bytes(body)


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, "rb") as file:
        original = file.read()
    reduced = subset(original)
    with open(target, "wb") as file:
        file.write(reduced)
