"""ROOT's hadd merges files whose texts differ in length, and then reads them as they were."""

# ruff: noqa: RUF009 (a field's declaration is a call)

import json
from dataclasses import dataclass

import numpy as np
import pytest
import uproot

from shoeroot.events import EventWriter, merge, open_events, write_flat
from shoeroot.events.text_room import room_for
from shoeroot.records import about, records_equal

MERGES = """
import json, sys, ROOT

TEXTS = json.loads(sys.argv[1])
folder, sources = sys.argv[2], sys.argv[3:]
codec = ROOT.TFile(sources[0]).GetCompressionSettings()

def texts(path, tree):
    frame = ROOT.RDataFrame(tree, path)
    made = frame
    for name in TEXTS[tree]:
        made = made.Define(f"{name}_text", f"std::string({name}.data())")
    taken = {name: made.Take["std::string"](f"{name}_text") for name in TEXTS[tree]}
    return {name: [str(text) for text in each.GetValue()] for name, each in taken.items()}

def hadd(path, fast):
    merger = ROOT.TFileMerger(False)
    merger.SetFastMethod(fast)
    merger.OutputFile(path, "RECREATE", codec if fast else 101)
    for source in sources:
        merger.AddFile(source)
    assert merger.Merge()

def clone(path, fast):
    output = ROOT.TFile(path, "RECREATE")
    for name in TEXTS:
        chain = ROOT.TChain(name)
        for source in sources:
            chain.Add(source)
        output.cd()
        chain.CloneTree(-1, "fast" if fast else "").Write()
    output.Close()

seen = {}
for make in (hadd, clone):
    for fast in (True, False):
        name = f"{make.__name__}_{'fast' if fast else 'slow'}"
        make(f"{folder}/{name}.root", fast)
        seen[name] = {tree: texts(f"{folder}/{name}.root", tree) for tree in TEXTS}
print(json.dumps(seen))
"""

BY_ROOT_ALONE = """
import array, json, sys, ROOT

def write(path, texts):
    file, letters = ROOT.TFile(path, "RECREATE"), bytearray(2000)
    tree = ROOT.TTree("events", "written by ROOT")
    tree.Branch("name", letters, "name/C")
    for text in texts:
        letters[:len(text) + 1] = text.encode() + bytes(1)
        tree.Fill()
    tree.Write()
    file.Close()
    return path

folder = sys.argv[1]
sources = [write(f"{folder}/short.root", ["ok"]), write(f"{folder}/long.root", ["severe"])]
merger = ROOT.TFileMerger(False)
merger.OutputFile(f"{folder}/all.root", "RECREATE", ROOT.TFile(sources[0]).GetCompressionSettings())
for source in sources:
    merger.AddFile(source)
assert merger.Merge()
file = ROOT.TFile(f"{folder}/all.root")
tree = file.Get("events")
print(json.dumps([tree.Draw("1", f'name=="{text}"', "goff") for text in ("ok", "severe", "se")]))
"""


@dataclass(frozen=True, slots=True)
class Part:
    label: str = about("", "text in a list")
    size: float = about("m", "size")


@dataclass(frozen=True, slots=True)
class Row:
    note: str = about("", "text in a tree of its own")


@dataclass(frozen=True, slots=True)
class Holder:
    row: Row = about("", "row of an own tree", own_tree=True)


@dataclass(frozen=True, slots=True)
class Labelled:
    event_id: int = about("", "number")
    first: str = about("", "text before all else")
    maybe: str | None = about("", "perhaps a text")
    parts: list[Part] = about("", "parts")
    tags: list[str] = about("", "texts")
    holders: list[Holder] = about("", "what has rows")
    last: str = about("", "text after all else")


SCALARS = {"events": ["first", "maybe", "last"], "holders_row": ["note"], "provenance": ["version"]}
SIZES = (0, 1, 254, 255, 256)


def text(rng, sizes):
    letters = rng.choice(list("ab✓ü"), size=int(rng.choice(sizes)))
    return "".join(letters)


def labelled(number, sizes, listed=(0, 1, 10_000)):
    rng = np.random.default_rng(number)
    return Labelled(
        event_id=number,
        first=text(rng, sizes),
        maybe=text(rng, sizes) if number % 3 else None,
        parts=[Part(label=text(rng, listed), size=0.5) for _ in range(number % 3)],
        tags=[text(rng, listed) for _ in range(number % 4)],
        holders=[Holder(row=Row(note=text(rng, sizes))) for _ in range(number % 3)],
        last=text(rng, sizes),
    )


def ascii_texts(number, length):
    return Labelled(number, "x" * length, None, [], [], [], "y" * length)


def write(path, records):
    with EventWriter(path, Labelled, batch=4) as writer:
        writer.write(records)
    return path


@pytest.fixture
def merged_by_root(run_root, tmp_path):
    """Merge sources by hadd and by clones, each fast and slow; what ROOT reads is compared."""

    def merged(sources, records):
        seen = run_root(MERGES, json.dumps(SCALARS), tmp_path, *sources)
        wanted = {
            "first": [each.first for each in records],
            "maybe": [each.maybe or "" for each in records],
            "last": [each.last for each in records],
        }
        notes = [holder.row.note for each in records for holder in each.holders]
        for name, trees in seen.items():
            assert trees["events"] == wanted, name
            assert trees["holders_row"] == {"note": notes}, name
            assert len(set(trees["provenance"]["version"])) == 1, name
        return [tmp_path / "hadd_fast.root", tmp_path / "hadd_slow.root"]

    return merged


def assert_reads(path, records):
    with open_events(path, record_class=Labelled) as events:
        assert all(map(records_equal, events.records(), records))


def test_longer_texts_after_short_ones(merged_by_root, tmp_path):
    files = [
        [ascii_texts(0, 0)],  # its tree of notes is empty
        [labelled(number, sizes=(0, 1)) for number in range(1, 5)],
        [labelled(number, sizes=SIZES) for number in range(5, 25)],
        [ascii_texts(25, 1019)],
    ]
    sources = [write(tmp_path / f"{n}.root", records) for n, records in enumerate(files)]
    records = [record for each in files for record in each]

    fast, slow = merged_by_root(sources, records)

    assert_reads(fast, records)
    assert_reads(slow, records)
    with uproot.open(fast) as one, uproot.open(slow) as other:
        assert one.file.compression == uproot.ZSTD(1)
        assert other.file.compression == uproot.ZLIB(1)


def test_very_long_texts_in_each_file(merged_by_root, tmp_path):
    # Alike in number of letters, not in bytes.
    files = [
        [labelled(number, sizes=(*SIZES, 10_000)) for number in range(10 * n, 10 * n + 10)]
        for n in range(3)
    ]
    sources = [write(tmp_path / f"{n}.root", records) for n, records in enumerate(files)]
    records = [record for each in files for record in each]

    for path in merged_by_root(sources, records):
        assert_reads(path, records)

    assert_reads(merge(sources, tmp_path / "ours.root").path, records)


def test_our_merge_takes_any_texts_in_any_order(merged_by_root, tmp_path):
    short = [ascii_texts(number, 1) for number in range(3)]
    long = [labelled(number, sizes=(10_000,)) for number in range(3, 6)]
    sources = [write(tmp_path / "short.root", short), write(tmp_path / "long.root", long)]

    ours = merge(sources, tmp_path / "ours.root").path

    assert_reads(ours, [*short, *long])
    more = write(tmp_path / "more.root", [ascii_texts(7, 30_000)])
    merged_by_root([ours, more], [*short, *long, ascii_texts(7, 30_000)])


def test_room_of_every_text_branch(tmp_path):
    path = write(tmp_path / "a.root", [ascii_texts(0, 1019), ascii_texts(1, 2)])
    longer = write(tmp_path / "b.root", [ascii_texts(0, 1020)])
    write_flat(tmp_path / "c.root", "flat", {"name": np.array(["a", "b"])})

    def rooms(path, tree, names):
        with uproot.open(path) as file:
            return {file[tree][name].member("fLeaves")[0].member("fLen") for name in names}

    assert rooms(path, "events", ["first", "maybe", "last"]) == {1024}
    assert rooms(longer, "events", ["first", "last"]) == {4096}
    assert rooms(path, "provenance", ["software", "version", "time"]) == {1024}
    assert rooms(tmp_path / "c.root", "flat", ["name"]) == {1024}


def test_rooms_are_few():
    assert {room_for(longest) for longest in range(5000)} == {1024, 4096, 16384}
    assert room_for(2**31 - 1) == 2**31 - 1


def test_root_cuts_texts_of_its_own_files(run_root, tmp_path):
    # Why files say the same of all texts: once ROOT keeps "severe", that is no longer needed.
    assert run_root(BY_ROOT_ALONE, tmp_path) == [1, 0, 1]
