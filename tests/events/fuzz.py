"""Damaged files, one after the other: what reading and `verify` make of each.

Run as ``python tests/events/fuzz.py FILE SEED COUNT``; prints JSON. In a process of its own: a
crash of Python or a hang must not take the tests with it. Memory is limited to what importing
took and some more, and each case to some seconds.
"""

import contextlib
import hashlib
import json
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np

from shoeroot.errors import EventFileError
from shoeroot.events import open_events, verify

MEMORY = 600e6
SECONDS = 20


def read_everything(path):
    """Read in all ways there are, and give a digest of what was read."""
    digest = hashlib.sha256()
    with open_events(path, threads=2) as events:
        stripes = events.stripes()
        for name in sorted(stripes):
            digest.update(name.encode())
            digest.update(stripes[name].tobytes())
        records = repr(events.records())
        assert repr([events[number] for number in range(len(events))]) == records
        for name in events.record_type.columns:
            digest.update(repr(events.column(name).tolist()).encode())
        for rows in events.rows("parts.hourly"):
            digest.update(rows.arrays["load"].tobytes())
        reduced = events.reduce_rows("parts.hourly")
        digest.update(reduced["load"]["total"].tobytes())
        digest.update(json.dumps([events.record_type.content_id, len(events)]).encode())
    return digest.hexdigest()


def damage(whole, rng):
    """Give a damaged copy and what was done to it."""
    content = bytearray(whole)
    kind = rng.choice(["bit", "bit", "bit", "bits", "byte", "zeros", "cut", "twice", "moved"])
    place = int(rng.integers(len(content)))
    length = int(rng.integers(1, 64))
    if kind == "bit":
        content[place] ^= 1 << int(rng.integers(8))
    elif kind == "bits":
        for at in rng.integers(len(content), size=8):
            content[at] ^= 1 << int(rng.integers(8))
    elif kind == "byte":
        content[place] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF]))
    elif kind == "zeros":
        content[place : place + length] = bytes(len(content[place : place + length]))
    elif kind == "cut":
        del content[place:]
    elif kind == "twice":
        content[place:place] = content[place : place + length]
    else:
        source = int(rng.integers(len(content) - length))
        content[place : place + length] = content[source : source + length]
    return bytes(content), f"{kind} at {place}, {length}"


class TooLongError(Exception):
    pass


def too_long(*_):
    raise TooLongError


def outcome_of(path, right):
    """Say what came of a file: "refused", "right" or "seen by verify"; else what is wrong."""
    read = None
    with contextlib.suppress(EventFileError):
        read = read_everything(path)
    verification = verify(path)
    if read is None:
        return "refused"
    if read == right:
        return "right"
    return "wrong numbers unseen" if verification.ok else "seen by verify"


def main(path, seed, count):
    whole = Path(path).read_bytes()
    right = read_everything(path)
    assert verify(path).ok
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (int(used + MEMORY),) * 2)
    signal.signal(signal.SIGALRM, too_long)
    outcomes, failures = {}, []
    with tempfile.TemporaryDirectory() as folder:
        damaged = Path(folder) / "damaged.root"
        for number in range(seed, seed + count):
            content, what = damage(whole, np.random.default_rng(number))
            damaged.write_bytes(content)
            signal.alarm(SECONDS)
            begin = time.perf_counter()
            try:
                outcome = outcome_of(damaged, right)
            except BaseException:
                outcome = "failed"
                failures.append([number, what, traceback.format_exc()[-1500:]])
            signal.alarm(0)
            if outcome.startswith("wrong") or time.perf_counter() - begin > SECONDS / 2:
                failures.append([number, what, outcome])
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(json.dumps({"outcomes": outcomes, "failures": failures}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
