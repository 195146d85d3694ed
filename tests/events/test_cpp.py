"""`shoeroot.h`, the macro, the RDataFrame script and the snippets, run with the real ROOT."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, Layout, open_events
from shoeroot.events.cpp import include_folder
from shoeroot.records import RecordType, about, stripes_from_records
from shoeroot.testing import assert_same_records

DOCS = Path(__file__).parents[2] / "docs"
CPP = Path(__file__).parent / "cpp"


@pytest.fixture(scope="module")
def root_python():
    """Run Python with ROOT in a process of its own, with our header on its path."""
    if importlib.util.find_spec("ROOT") is None:
        pytest.skip("the real ROOT is not installed (pip install 'shoeroot[root]')")
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed, whose headers ROOT's interpreter needs")

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "ROOT_INCLUDE_PATH": str(include_folder())},
        )
        assert done.returncode == 0, done.stderr
        assert not re.search("error|warning", done.stderr, re.IGNORECASE), done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The events that the documentation's examples are run on."""
    folder = tmp_path_factory.mktemp("example")
    script = [sys.executable, str(DOCS / "cpp" / "make_events.py"), str(folder)]
    subprocess.run(script, check=True)
    return folder / "part-0000.root"


def blocks(kind):
    """Blocks of docs/cpp.md: what stands in ``kind``, and the ``text`` that follows it."""
    text = (DOCS / "cpp.md").read_text()
    return re.findall(rf"```{kind}\n(.*?)```\n+(?:It prints\n+)?```text\n(.*?)```", text, re.DOTALL)


RUN_MACRO = "import ROOT, sys; ROOT.gROOT.LoadMacro(sys.argv[1]); ROOT.{}(sys.argv[2])"


def test_the_macro_prints_what_the_documentation_says(root_python, example):
    macro = DOCS / "cpp" / "annual_heating.C"
    printed = root_python("-c", RUN_MACRO.format("annual_heating"), macro, example)

    assert [wanted for command, wanted in blocks("sh") if "annual_heating" in command] == [printed]


def test_the_data_frame_script_prints_what_the_documentation_says(root_python, example):
    printed = root_python(DOCS / "cpp" / "load_duration.py", example)

    assert [wanted for command, wanted in blocks("sh") if "load_duration" in command] == [printed]
    with open_events(example) as events:
        rows = np.concatenate([rows.arrays["heating"] for rows in events.rows("zones.hourly")])
    load = np.sort(rows.sum(axis=0, dtype="f8"))[::-1]
    assert f" 1000 h at {load[999]:.2f} kW" in printed
    assert f"{rows.sum(dtype='f8'):.1f} kWh" in printed


RUN_SNIPPETS = """
import ROOT, json, os, sys
os.chdir(sys.argv[1])
for number, snippet in enumerate(json.loads(sys.argv[2])):
    print(f"=== {number}", flush=True)
    with open(f"snippet{number}.C", "w") as file:
        includes = [line for line in snippet.splitlines() if line.startswith("#include")]
        rest = [line for line in snippet.splitlines() if not line.startswith("#include")]
        file.write("\\n".join([*includes, f"void snippet{number}() {{", *rest, "}", ""]))
    ROOT.gROOT.Macro(f"snippet{number}.C")
    sys.stdout.flush()
"""


def test_every_snippet_prints_what_the_documentation_says(root_python, example, tmp_path):
    shutil.copy(example, tmp_path / "part-0000.root")
    snippets = blocks("cpp")
    assert len(snippets) >= 5

    printed = root_python("-c", RUN_SNIPPETS, tmp_path, json.dumps([each for each, _ in snippets]))

    found = re.split(r"=== \d+\n", printed)[1:]
    assert found == [wanted for _, wanted in snippets]


@dataclass(frozen=True, slots=True)
class Series:
    heat: np.ndarray = about("kWh", "heat", dtype="f4", length=4)
    note: str = about("", "note")
    spots: list[int] = about("", "spots", dtype="i4")


@dataclass(frozen=True, slots=True)
class Room:
    area: float = about("m2", "area")
    label: str = about("", "label")
    monthly: np.ndarray = about("kWh", "monthly", dtype="f4", length=12)
    height: float | None = about("m", "height", dtype="f4")
    corners: list[float] = about("m", "corners")
    words: list[str] = about("", "words")
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class Kinds:
    event_id: int = about("", "number")
    flag: bool = about("", "flag")
    small: int = about("", "small", dtype="i2")
    short: float = about("m", "short", dtype="f4")
    name: str = about("", "name")
    empty: str = about("", "always empty")
    months: np.ndarray = about("kWh", "months", dtype="f8", length=12)
    marks: np.ndarray = about("", "marks", dtype="?", length=3)
    maybe: float | None = about("", "perhaps a number")
    title: str | None = about("", "perhaps a text")
    numbers: list[int] = about("", "numbers")
    flags: list[bool] = about("", "flags")
    grid: list[list[float]] = about("", "grid")
    tags: list[str] = about("", "tags")
    rooms: list[Room] = about("", "rooms")


def room(number, rng):
    return Room(
        area=float(rng.normal()),
        label=["", "Küche", "x" * 300][number % 3],
        monthly=rng.normal(size=12).astype("f4"),
        height=None if number % 2 else 2.5,
        corners=[float(x) for x in rng.normal(size=number % 4)],
        words=["é", "", "three"][: number % 4],
        series=Series(rng.normal(size=4).astype("f4"), "n" * number, list(range(number))),
    )


def kinds(number):
    rng = np.random.default_rng(number)
    return Kinds(
        event_id=10 + number,
        flag=number % 2 == 0,
        small=-number,
        short=number / 4,
        name="é" * number * 60,
        empty="",
        months=rng.normal(size=12),
        marks=np.array([number % 2 == 1, True, False]),
        maybe=None if number % 3 else number / 2,
        title=[None, "", "title"][number % 3],
        numbers=[2**40 + number] * (number % 4),
        flags=[bool(x) for x in rng.integers(0, 2, size=number % 3)],
        grid=[[float(x) for x in range(k)] for k in range(number % 4)],
        tags=["", "ü", "three"][: number % 4],
        rooms=[room(number + k, rng) for k in range(number % 4)],
    )


RECORDS = [kinds(number) for number in range(9)]


def nested(record):
    """A record as JSON has it, in the form that dump_kinds.C prints."""
    if hasattr(record, "__dataclass_fields__"):
        return {name: nested(getattr(record, name)) for name in record.__dataclass_fields__}
    if isinstance(record, list | np.ndarray):
        return [nested(item) for item in record]
    return record.item() if isinstance(record, np.generic) else record


@pytest.fixture(scope="module")
def kinds_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    with EventWriter(folder, Kinds, batch=4) as writer:
        writer.write(RECORDS)
    return writer.paths[0]


@pytest.mark.parametrize("way", ["with_reader", "with_data_frame"])
def test_every_kind_of_branch_with_the_header(root_python, kinds_file, way):
    printed = root_python("-c", RUN_MACRO.format(way), CPP / f"{way}.C", kinds_file)

    found = [json.loads(line) for line in printed.splitlines()]
    assert found == [nested(record) for record in RECORDS]


DRAW = """
import ROOT, json, sys
file = ROOT.TFile(sys.argv[1])
drawn = {}
for name in json.loads(sys.argv[2]):
    tree, branch = name.split("/")
    tree = file.Get(tree)
    count = tree.Draw(branch, "", "goff")
    values = tree.GetV1()
    drawn[name] = [values[i] for i in range(count)]
events = file.Get("events")
drawn["empty"] = events.Draw("event_id", 'empty==""', "goff")
drawn["title"] = events.Draw("event_id", 'title=="title" && title_valid', "goff")
drawn["matrix"] = events.Draw("rooms_monthly[12*1+3]", "rooms_n>1", "goff")
drawn["matrix"] = [events.GetV1()[i] for i in range(drawn["matrix"])]
print(json.dumps(drawn))
"""


def test_draw_sees_every_number(root_python, kinds_file):
    record_type = RecordType.of(Kinds)
    stripes = stripes_from_records(record_type, RECORDS)
    wanted = {
        f"{tree.name}/{branch.name}": stripes[branch.stripe.name].reshape(-1).tolist()
        for tree in Layout.of(record_type).trees.values()
        for branch in tree.branches
        if branch.kind != "text"
    }

    drawn = json.loads(root_python("-c", DRAW, kinds_file, json.dumps(list(wanted))))

    assert drawn.pop("empty") == len(RECORDS)
    assert drawn.pop("title") == sum(each.title == "title" for each in RECORDS)
    several = [each.rooms for each in RECORDS if len(each.rooms) > 1]
    assert drawn.pop("matrix") == [float(rooms[1].monthly[3]) for rooms in several]
    assert drawn == wanted


MADE_BY_ROOT = "import ROOT, sys; ROOT.gROOT.LoadMacro(sys.argv[1]); " + (
    "ROOT.write_events(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])"
)


@dataclass(frozen=True, slots=True)
class Wall:
    area: float = about("m2", "area")
    names: list[str] = about("", "names")
    monthly: np.ndarray = about("kWh", "monthly", dtype="f4", length=12)
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class FromRoot:
    event_id: int = about("", "number")
    flag: bool = about("", "flag")
    name: str = about("", "name")
    months: np.ndarray = about("kWh", "months", dtype="f8", length=12)
    maybe: float | None = about("", "perhaps a number")
    numbers: list[int] = about("", "numbers", dtype="i4")
    walls: list[Wall] = about("", "walls")


def from_root(number):
    walls = [
        Wall(
            area=float(k),
            names=["é" * k, ""][: k + 1],
            monthly=np.arange(12, dtype="f4") + k,
            series=Series(np.arange(4, dtype="f4") * k, f"note {k}", [k] * k),
        )
        for k in range(number % 3)
    ]
    return FromRoot(
        event_id=1000 + number,
        flag=number % 2 == 1,
        name="ö" * (number % 200),
        months=np.arange(12.0) * number,
        maybe=None if number % 3 else number / 2,
        numbers=list(range(number % 5)),
        walls=walls,
    )


def written_by_root(root_python, path, setting, *description):
    root_python("-c", MADE_BY_ROOT, CPP / "write_events.C", path, setting, *description)
    return path


@pytest.mark.parametrize(("codec", "setting"), [("ZLIB", 101), ("LZ4", 404), ("ZSTD", 505)])
def test_files_that_root_wrote_are_read(root_python, tmp_path, codec, setting):
    record_type = RecordType.of(FromRoot)
    description = (record_type.to_json(), record_type.content_id)
    path = written_by_root(root_python, tmp_path / f"{codec}.root", setting, *description)

    with open_events(path, record_class=FromRoot) as events:
        assert len(events) == 500
        assert_same_records(events.records(), [from_root(number) for number in range(500)])
        assert events.walls.monthly[5].to_list() == [w.monthly.tolist() for w in from_root(5).walls]


def test_a_compiler_takes_the_header_without_a_warning(root_python):
    headers = Path(importlib.util.find_spec("ROOT").origin).parent / "include"
    if not (headers / "TTree.h").is_file():
        pytest.skip("this ROOT has its headers elsewhere")
    command = ["g++", "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    folders = ["-isystem", str(headers), "-I", str(include_folder())]
    macro = str(DOCS / "cpp" / "annual_heating.C")
    subprocess.run([*command, *folders, "-x", "c++", macro], check=True)


def test_files_of_root_without_metadata_need_the_class(root_python, tmp_path):
    path = written_by_root(root_python, tmp_path / "bare.root", 101, "", "")

    with pytest.raises(EventFileError, match="does not say what its events are") as caught:
        open_events(path)
    assert "record_class" in caught.value.hint
    with pytest.raises(
        EventFileError, match="no small, short, empty, marks, title_valid, as Kinds"
    ):
        open_events(path, record_class=Kinds)
    with open_events(path, record_class=FromRoot) as events:
        assert events.metadata == {}
        assert_same_records(events.records(), [from_root(number) for number in range(500)])
