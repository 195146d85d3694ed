"""The head of a ROOT file, its folders and short texts, read by hand.

uproot does the same and more; opening a hundred files to see what they hold is a matter of a
few small reads each, and every size that a damaged file claims is checked before it is used.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from shoeroot.events.decompress import decompress
from shoeroot.events.file_bytes import FileBytes

__all__ = [
    "NOT_ROOT",
    "Key",
    "check_head",
    "read_folder",
    "read_object",
    "read_text",
    "root_folder",
]

NOT_ROOT = "this is not a ROOT file"
#: The hint where a path leads to no events; others name folders of their kind instead.
WHAT_TO_GIVE = "give a campaign folder or an event file"
LARGE_FILE = 1_000_000
LARGE_KEY = 1000
LONGEST_KEY_LIST = 64 * 1024 * 1024
BYTE_COUNT = 0x40000000
_KEY = struct.Struct(">iHiIHH")
_HEAD = struct.Struct(">4sii")


@dataclass(frozen=True, slots=True)
class Key:
    """Where an object is in the file.

    Attributes
    ----------
    name, class_name : str
        What it is called and of which class it is.
    cycle : int
        The highest of a name is the current one.
    place : int
        Byte at which its own copy of this key starts.
    stored : int
        Bytes there, key included.
    header : int
        Bytes of the key.
    size : int
        Bytes of the object when it is decompressed.
    """

    name: str
    class_name: str
    cycle: int
    place: int
    stored: int
    header: int
    size: int


def check_head(file: FileBytes) -> tuple[int, int, int]:
    """See whether the file is a ROOT file with all its bytes.

    Returns
    -------
    tuple of int
        Version of the format, byte at which the records begin, and length of the first's name.

    Raises
    ------
    ValueError
        If it is not; the message is a sentence.
    """
    head = bytes(file.read(0, min(64, file.size)))
    if len(head) < 64 or head[:4] != b"root":
        raise ValueError(NOT_ROOT)
    _, version, begin = _HEAD.unpack_from(head)
    if version >= LARGE_FILE:
        end, _, _, _, name_length = struct.unpack_from(">qqiii", head, 12)
    else:
        end, _, _, _, name_length = struct.unpack_from(">iiiii", head, 12)
    if end > file.size:
        raise ValueError(f"the file is cut short: it has {file.size} bytes of {end}")
    return version, begin, name_length


def root_folder(file: FileBytes) -> dict[str, Key]:
    """Give the keys of the outermost folder by name."""
    _, begin, name_length = check_head(file)
    return _keys(file, begin + name_length)


def read_folder(file: FileBytes, key: Key) -> dict[str, Key]:
    """Give the keys of a folder by name, the current cycle of each."""
    if not key.class_name.startswith("TDirectory"):
        raise ValueError(f"{key.name!r} is a {key.class_name}, not a folder")
    return _keys(file, key.place + key.header)


def _keys(file: FileBytes, record: int) -> dict[str, Key]:
    head = file.read(record, min(42, file.size - record))
    version = struct.unpack_from(">H", head)[0]
    places = ">qqq" if version > LARGE_KEY else ">iii"
    length = struct.unpack_from(">i", head, 10)[0]
    at = struct.unpack_from(places, head, 18)[2]
    if not 0 < length <= LONGEST_KEY_LIST:
        raise ValueError(f"a list of keys of {length} bytes")
    content = file.read(at, length)
    own, position = _key(content, 0)
    if own.stored != length or position != own.header:
        raise ValueError("a list of keys whose length is not as the folder says")
    count = struct.unpack_from(">i", content, position)[0]
    position += 4
    keys: dict[str, Key] = {}
    # Each key takes 26 bytes or more: a wild count ends at the end of the list.
    for _ in range(count):
        key, position = _key(content, position)
        if key.name not in keys or key.cycle > keys[key.name].cycle:
            keys[key.name] = key
    # uproot leaves room at the end for more.
    if count < 0 or position > length:
        raise ValueError(f"a list of {count} keys that is shorter than its keys are")
    return keys


def _key(content: bytearray, start: int) -> tuple[Key, int]:
    """Read one key; also say where the next starts."""
    stored, version, size, _, header, cycle = _KEY.unpack_from(content, start)
    wide = version > LARGE_KEY
    place = struct.unpack_from(">q" if wide else ">i", content, start + _KEY.size)[0]
    position = start + _KEY.size + (16 if wide else 8)
    class_name, position = read_string(content, position)
    name, position = read_string(content, position)
    _, position = read_string(content, position)
    if stored < header or size < 0 or place < 0:
        raise ValueError(f"a key with {stored} bytes, {header} of them its header")
    key = Key(
        name.decode(errors="replace"),
        class_name.decode(errors="replace"),
        cycle,
        place,
        stored,
        header,
        size,
    )
    return key, position


def read_string(content: bytes | bytearray, start: int) -> tuple[bytes, int]:
    """Read a string with its length before it; also say where it ends."""
    length = content[start]
    start += 1
    if length == 255:
        length = struct.unpack_from(">i", content, start)[0]
        start += 4
    if length < 0 or start + length > len(content):
        raise ValueError(f"a string of {length} bytes that ends outside")
    return bytes(content[start : start + length]), start + length


def read_object(file: FileBytes, key: Key) -> bytes | bytearray:
    """Read and decompress an object; its own copy of the key must be as in the folder."""
    stored = file.read(key.place, key.stored)
    own, position = _key(stored, 0)
    if (own.stored, own.header, own.size, own.name, own.class_name) != (
        key.stored,
        key.header,
        key.size,
        key.name,
        key.class_name,
    ) or position != key.header:
        raise ValueError(f"{key.name!r} is not where the folder says")
    body = memoryview(stored)[key.header :]
    if len(body) == key.size:
        return stored[key.header :]
    return decompress(body, key.size)


def read_text(file: FileBytes, key: Key) -> str:
    """Read a TObjString."""
    if key.class_name != "TObjString":
        raise ValueError(f"{key.name!r} is a {key.class_name}, not a text")
    content = read_object(file, key)
    count, _, version, _, bits = struct.unpack_from(">IHHII", content)
    # An object that processes refer to has two more bytes.
    start = 16 + (2 if bits & (1 << 4) else 0)
    text, end = read_string(content, start)
    if count != (len(content) - 4) | BYTE_COUNT or end != len(content) or version > LARGE_KEY:
        raise ValueError(f"the text {key.name!r} is not as long as it says")
    return text.decode()
