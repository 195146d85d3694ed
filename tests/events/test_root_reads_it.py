"""The real ROOT reads our files with no dictionary and sees the same numbers and texts."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from dataclasses import dataclass

import awkward as ak
import numpy as np
import pytest

from shoeroot.events import EventWriter, open_events
from shoeroot.records import about

SUMS = """
import json, sys, ROOT
chain, hourly = ROOT.TChain("events"), ROOT.TChain("zones_hourly")
for path in sys.argv[1:]:
    chain.Add(path)
    hourly.Add(path)

def draw(tree, expression, cut=""):
    count = tree.Draw(expression, cut, "goff")
    values = tree.GetV1()
    return [values[i] for i in range(count)]

add = "double sum = 0; for (float x : heating) sum += x; return sum;"
yearly = ROOT.RDataFrame(hourly).Define("year", add)
frame = ROOT.RDataFrame(chain)
print(json.dumps({
    "entries": [chain.GetEntries(), hourly.GetEntries()],
    "heating": draw(chain, "zones_heating"),
    "monthly": draw(chain, "zones_monthly_cooling"),
    "schedules": draw(chain, "Sum$(design_schedules)"),
    "ok": draw(chain, "event_id", 'status=="ok"'),
    "hour": draw(hourly, "heating[4321]"),
    "owners": draw(hourly, "event_id"),
    "zones": draw(chain, "zones_n"),
    "letters": draw(chain, "messages_text_len"),
    "year": [float(x) for x in yearly.Take["double"]("year").GetValue()],
    "total": frame.Sum("zones_heating").GetValue(),
    "text_ok": frame.Filter('std::string(status.data()) == "ok"').Count().GetValue(),
    "column": str(frame.GetColumnType("zones_monthly_cooling")),
}))
"""

KINDS = """
import json, sys, ROOT
file = ROOT.TFile(sys.argv[1])
tree = file.Get("events")
rows = []
for event in tree:
    letters, start, tags = bytes(event.tags_chars), 0, []
    for length in event.tags_len:
        tags.append(letters[start:start + length].decode())
        start += length
    rows.append([bool(event.flag), event.number, event.maybe if event.maybe_valid else None, tags,
                 [bool(x) for x in event.flags], event.grid_n, list(event.grid_item_n),
                 list(event.grid)])
clusters, iterator = [], tree.GetClusterIterator(0)
while (first := iterator.Next()) < tree.GetEntries():
    clusters.append(first)
print(json.dumps({
    "rows": rows,
    "empty": tree.Draw("number", 'empty==""', "goff"),
    "named": tree.Draw("number", 'name=="last one"', "goff"),
    "clusters": clusters,
    "schema": str(file.Get("meta/schema_id").GetString()),
    "provenance": file.Get("provenance").GetEntries(),
    "titles": [tree.GetBranch(n).GetTitle() for n in ("flag", "name", "grid", "tags_chars")],
}))
"""


@pytest.fixture(scope="module")
def seen(run_root, campaign):
    with open_events(campaign) as events:
        return run_root(SUMS, *events.paths)


@pytest.fixture
def events(campaign):
    with open_events(campaign) as opened:
        yield opened


def test_numbers_are_the_same(seen, events):
    assert seen["entries"] == [len(events), ak.sum(events.counts("zones"))]
    assert seen["heating"] == ak.flatten(events.zones.heating).tolist()
    assert seen["monthly"] == ak.flatten(events.zones.monthly_cooling, axis=None).tolist()
    assert np.allclose(seen["schedules"], events.design.schedules.sum(axis=1), atol=1e-12)
    assert seen["zones"] == events.counts("zones").tolist()
    assert seen["total"] == pytest.approx(ak.sum(events.zones.heating), rel=1e-12)
    assert seen["column"] == "ROOT::VecOps::RVec<Float_t>"


def test_texts_are_the_same(seen, events):
    wanted = events.event_id[events.status == "ok"].tolist()
    assert seen["ok"] == wanted
    assert seen["text_ok"] == len(wanted)
    texts = [text for each in events.messages.text.to_list() for text in each]
    assert seen["letters"] == [len(text.encode()) for text in texts]


def test_hourly_series_are_the_same(seen, events):
    rows = np.concatenate([rows.arrays["heating"] for rows in events.rows("zones.hourly")])
    assert np.allclose(seen["year"], rows.sum(axis=1, dtype="f8"), rtol=1e-12, atol=1e-9)
    assert seen["hour"] == rows[:, 4321].tolist()
    assert seen["owners"] == np.repeat(events.event_id, events.counts("zones")).tolist()


@dataclass(frozen=True, slots=True)
class Mixed:
    number: int = about("", "number")
    flag: bool = about("", "flag")
    flags: list[bool] = about("", "flags")
    maybe: float | None = about("", "perhaps a number")
    name: str = about("", "name")
    empty: str = about("", "always empty")
    tags: list[str] = about("", "tags")
    grid: list[list[float]] = about("", "rows of numbers")


def test_every_kind_of_branch(run_root, tmp_path):
    rng = np.random.default_rng(0)
    written = [
        Mixed(
            number=number,
            flag=number % 2 == 0,
            flags=[bool(x) for x in rng.integers(0, 2, size=number % 4)],
            maybe=None if number % 3 else number / 2,
            name="last one" if number == 10 else "é" * number * 30,
            empty="",
            tags=["", "ü", "three"][: number % 4],
            grid=[[float(x) for x in range(k)] for k in range(number % 4)],
        )
        for number in range(11)
    ]
    with EventWriter(tmp_path, Mixed, batch=4) as writer:
        writer.write(written)

    seen = run_root(KINDS, writer.paths[0])

    assert seen["rows"] == [
        [
            each.flag,
            each.number,
            each.maybe,
            each.tags,
            each.flags,
            len(each.grid),
            [len(row) for row in each.grid],
            [x for row in each.grid for x in row],
        ]
        for each in written
    ]
    assert seen["empty"] == len(written)
    assert seen["named"] == 1
    assert seen["clusters"] == [0, 4, 8]
    assert seen["schema"] == writer.record_type.content_id
    assert seen["provenance"] == 1
    assert seen["titles"] == ["flag", "name", "rows of numbers", "UTF-8 letters of: tags"]
