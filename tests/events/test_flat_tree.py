"""Flat trees: plain columns in ROOT files, written by us, read by us, uproot and ROOT."""

from __future__ import annotations

import numpy as np
import pytest
import uproot

from shoeroot.errors import EventFileError
from shoeroot.events import FlatFile, write_flat

ROWS = 50_000


@pytest.fixture(scope="module")
def columns():
    random = np.random.default_rng(0)
    return {
        "number": random.normal(size=ROWS),
        "small": random.integers(-5, 5, ROWS).astype(np.int16),
        "place": np.arange(ROWS, dtype=np.int64),
        "flag": random.random(ROWS) > 0.5,
        "status": np.array(["ok", "fatal", ""])[random.integers(0, 3, ROWS)],
        "label": np.array([f"größe {place}" for place in range(ROWS)], dtype=object),
    }


@pytest.fixture(scope="module")
def file(columns, tmp_path_factory):
    path = tmp_path_factory.mktemp("flat") / "table.root"
    write_flat(path, "table", columns, texts={"meta": '{"a": 1}'})
    return path


def test_what_is_written_is_read_back(file, columns):
    with FlatFile(file) as opened:
        found = opened.read("table")
        assert opened.text("meta") == '{"a": 1}'

    assert list(found) == list(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(found[name], values)
    assert found["small"].dtype == np.int16
    assert all(type(text) is str for text in found["status"][:5])


def test_uproot_reads_it_too(file, columns):
    with uproot.open(file) as opened:
        table = opened["table"].arrays(library="np")

    np.testing.assert_array_equal(table["number"], columns["number"])
    assert list(table["label"][:100]) == list(columns["label"][:100])


def test_root_reads_it_too(file, columns):
    ROOT = pytest.importorskip("ROOT")  # noqa: N806

    frame = ROOT.RDataFrame("table", str(file))
    opened = ROOT.TFile.Open(str(file))

    assert frame.Count().GetValue() == ROWS
    assert frame.Sum("place").GetValue() == columns["place"].sum()
    fatal = int(np.sum(columns["status"] == "fatal"))
    assert opened["table"].GetEntries('status == "fatal"') == fatal
    opened.Close()


def test_some_columns_are_read_alone_and_of_one_type_lie_together(file):
    with FlatFile(file) as opened:
        found = opened.read("table", ["place", "flag"])

    assert list(found) == ["place", "flag"]
    assert found["place"].base.shape == (1, ROWS)


def test_no_rows_are_no_rows(tmp_path):
    write_flat(tmp_path / "empty.root", "t", {"a": np.zeros(0, np.int32), "b": np.array([], "U3")})

    with FlatFile(tmp_path / "empty.root") as opened:
        found = opened.read("t")

    assert found["a"].dtype == np.int32
    assert len(found["b"]) == 0


@pytest.mark.parametrize("text", ["a" * 300, "a\0", "ü" * 40])
def test_long_and_odd_texts_survive(tmp_path, text):
    texts = np.array(["", "a", text] * 20, dtype=object)
    write_flat(tmp_path / "texts.root", "t", {"text": texts})

    with FlatFile(tmp_path / "texts.root") as opened:
        assert list(opened.read("t")["text"]) == list(texts)


def test_unknown_names_are_errors_that_name_the_nearest(file):
    with FlatFile(file) as opened:
        with pytest.raises(EventFileError, match="no column 'numbr'") as caught:
            opened.read("table", ["numbr"])
        assert "number" in caught.value.hint
        with pytest.raises(EventFileError, match="has no 'tabel'"):
            opened.read("tabel")


@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
def test_a_flipped_byte_is_an_error_and_never_another_number(file, tmp_path, place):
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 0x10
    damaged = tmp_path / "damaged.root"
    damaged.write_bytes(content)

    with pytest.raises(EventFileError), FlatFile(damaged) as opened:
        opened.read("table")


def test_a_file_that_is_cut_short_is_an_error(file, tmp_path):
    damaged = tmp_path / "short.root"
    damaged.write_bytes(file.read_bytes()[:-100])

    with pytest.raises(EventFileError, match="cut short"):
        FlatFile(damaged)
