"""Flat trees: plain columns in ROOT files, written by us, read by us, uproot and ROOT."""

from __future__ import annotations

import numpy as np
import pytest
import uproot

from shoeroot.errors import EventFileError
from shoeroot.events import FlatFile, flat_tree, write_flat
from shoeroot.events.compress import CheckedZSTD

ROWS = 50_000
NUMBERS = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]


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


def noise(dtype, rows):
    """Give numbers of a type that no codec makes smaller, and whose bytes have an order."""
    values = np.random.default_rng(rows).bytes(rows * np.dtype(dtype).itemsize)
    if dtype == "?":
        return np.frombuffer(values, "u1") > 127
    if "f" in dtype:
        return np.random.default_rng(0).normal(9, 1, rows).astype(dtype)
    return np.frombuffer(values, dtype)


def rounded(dtype, rows):
    """Give numbers of a type that have a few bytes only that differ."""
    return (np.random.default_rng(rows).integers(0, 90, rows) / (4 if "f" in dtype else 1)).astype(
        dtype
    )


@pytest.mark.parametrize("make", [noise, rounded])
@pytest.mark.parametrize("rows", [1, 17, 70_000])
@pytest.mark.parametrize("batch", [None, 30_000], ids=["one basket", "several baskets"])
def test_numbers_of_every_type_are_read_as_from_the_codec_of_before(
    tmp_path, monkeypatch, make, rows, batch
):
    if batch:
        monkeypatch.setattr(flat_tree, "LARGEST_BATCH", batch)
    columns = {f"column_{dtype.strip('?')}": make(dtype, rows) for dtype in NUMBERS}
    columns["status"] = np.array(["ok", "größe"] * rows, dtype=object)[:rows]
    write_flat(tmp_path / "now.root", "t", columns)
    monkeypatch.setattr(flat_tree, "QuicklyReadLZ4", CheckedZSTD)
    write_flat(tmp_path / "before.root", "t", columns)

    with FlatFile(tmp_path / "now.root") as one, FlatFile(tmp_path / "before.root") as other:
        found, as_before = one.read("t"), other.read("t")
    with uproot.open(tmp_path / "now.root") as file:
        by_uproot = file["t"].arrays(library="np")

    assert list(found) == list(as_before) == list(columns)
    for name, values in columns.items():
        assert found[name].dtype == as_before[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)
        np.testing.assert_array_equal(as_before[name], values)
        np.testing.assert_array_equal(by_uproot[name], values)


def test_what_compresses_well_is_compressed_and_noise_costs_no_more_than_its_size(tmp_path):
    sizes = {}
    for name, values in {"noise": noise("f8", ROWS), "hour": np.arange(ROWS) % 24}.items():
        write_flat(tmp_path / f"{name}.root", "t", {name: values})
        sizes[name] = (tmp_path / f"{name}.root").stat().st_size

    assert sizes["hour"] < 8 * ROWS / 5
    assert 0.99 * 8 * ROWS < sizes["noise"] < 1.01 * 8 * ROWS + 32_768


@pytest.mark.parametrize("make", [noise, rounded])
def test_root_reads_numbers_of_every_type(tmp_path, make):
    ROOT = pytest.importorskip("ROOT")  # noqa: N806
    # Its AsNumpy does not know bytes.
    values = {f"column_{dtype}": make(dtype, ROWS) for dtype in NUMBERS if dtype[-1] in "248"}
    write_flat(tmp_path / "numbers.root", "t", values)

    found = ROOT.RDataFrame("t", str(tmp_path / "numbers.root")).AsNumpy()

    for name, wanted in values.items():
        np.testing.assert_array_equal(np.asarray(found[name]), wanted)


@pytest.mark.parametrize("make", [noise, rounded])
def test_a_flipped_bit_is_an_error_here_and_for_uproot_wherever_it_is(tmp_path, make):
    path = tmp_path / "numbers.root"
    write_flat(path, "t", {"number": make("f8", ROWS)})
    with uproot.open(path) as file:
        basket = file["t"]["number"].basket_key(0)
        first, last = basket.fSeekKey + basket.fKeylen, basket.fSeekKey + basket.fNbytes
    whole = path.read_bytes()

    for place in np.linspace(first + 30, last - 40, 30).astype(int):
        content = bytearray(whole)
        content[place] ^= 1
        path.write_bytes(content)
        with pytest.raises(EventFileError), FlatFile(path) as opened:
            opened.read("t")
        with pytest.raises(Exception, match=r"(?i)checksum|corrupt"), uproot.open(path) as file:
            file["t"].arrays(library="np")
