#!/usr/bin/env python3
"""Compresses the files of a zip archive, such as a wheel, as far as deflate can: `recompress.py ARCHIVE`.

Python's own zlib stops some 4 % before libdeflate does, which the module `deflate` brings. The files, their names, times and
modes stay as they are.
"""

import os
import struct
import sys
import zipfile
import zlib

import deflate

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
DEFLATED, STORED = 8, 0
# The version of the format that deflate needs, on Unix, whose modes the attributes hold.
VERSION, MADE_BY = 20, 3 << 8 | 20
# Names are UTF-8.
FLAGS = 0x800


def dos_time(when) -> tuple[int, int]:
    year, month, day, hour, minute, second = when
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def recompressed(archive: zipfile.ZipFile) -> bytes:
    """The archive with each file compressed anew, or stored where that is shorter."""
    files, directory = bytearray(), bytearray()
    entries = archive.infolist()
    for entry in entries:
        content, name = archive.read(entry), entry.filename.encode()
        packed, method = bytes(deflate.deflate_compress(content, 12)), DEFLATED
        if zlib.decompress(packed, -15) != content:
            raise SystemExit(f"{entry.filename} cannot be read back")
        if len(packed) >= len(content):
            packed, method = content, STORED
        common = struct.pack(
            "<HHHHHIIIHH",
            *(VERSION, FLAGS, method, *dos_time(entry.date_time)),
            *(zlib.crc32(content), len(packed), len(content), len(name), 0),
        )
        directory += CENTRAL + struct.pack("<H", MADE_BY) + common
        directory += struct.pack("<HHHII", 0, 0, 0, entry.external_attr, len(files)) + name
        files += LOCAL + common + name + packed
    end = END + struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(files), 0)
    return bytes(files + directory + end)


if __name__ == "__main__":
    (path,) = sys.argv[1:]
    with zipfile.ZipFile(path) as before:
        contents = recompressed(before)
    with open(path + ".part", "wb") as file:
        file.write(contents)
    os.replace(path + ".part", path)
