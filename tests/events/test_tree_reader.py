"""Trees are read by hand as uproot reads them, whoever wrote them and with whatever codec."""

from concurrent.futures import ThreadPoolExecutor

import awkward as ak
import numpy as np
import pytest
import uproot

from shoeroot.events.branch_reading import run
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.header import read_folder, read_text, root_folder
from shoeroot.events.other_files import UprootFile
from shoeroot.events.tree_header import OtherVersionError
from shoeroot.events.tree_reader import TreeReader

WRITE = """
import json, sys
from array import array
import ROOT
for name, algorithm in (("zlib", 1), ("lzma", 2), ("lz4", 4), ("zstd", 5), ("none", 0)):
    file = ROOT.TFile(f"{sys.argv[1]}/{name}.root", "RECREATE")
    if algorithm:
        file.SetCompressionAlgorithm(algorithm)
        file.SetCompressionLevel(4)
    else:
        file.SetCompressionLevel(0)
    folder = file.mkdir("meta")
    folder.cd()
    ROOT.TObjString("a long text " * 100).Write("text")
    file.cd()
    tree = ROOT.TTree("some", "by ROOT")
    tree.SetAutoFlush(40)
    count, lists, series = array("i", [0]), array("d", [0] * 9), array("f", [0] * 500)
    flag, small, text = array("B", [0]), array("H", [0]), bytearray(400)
    tree.Branch("count", count, "count/I")
    tree.Branch("lists", lists, "lists[count]/D")
    tree.Branch("series", series, "series[500]/F")
    tree.Branch("flag", flag, "flag/O")
    tree.Branch("small", small, "small/s")
    tree.Branch("text", text, "text/C")
    for entry in range(100):
        count[0] = entry % 10
        for place in range(9):
            lists[place] = entry + place / 7
        for place in range(500):
            series[place] = entry * place
        flag[0], small[0] = entry % 3 == 0, entry * 600
        letters = ("é" * (entry * 2)).encode()
        text[: len(letters) + 1] = letters + bytes(1)
        tree.Fill()
    tree.Write()
    file.Close()
print(json.dumps(True))
"""


@pytest.fixture(scope="module")
def by_root(run_root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("root")
    run_root(WRITE, folder)
    return folder


@pytest.fixture
def opened():
    """Give what opens a file; all are closed in the end."""
    files = []

    def open_file(path):
        files.append(FileBytes(path))
        return files[-1]

    yield open_file
    for file in files:
        file.close()


def kind_of(branch):
    if branch.dtype == "S":
        return "text"
    return "jagged" if branch.counted else "value"


def read(tree, name, start, stop, executor):
    branch = tree.branch(name)
    length = 0 if branch.length == 1 else branch.length
    work = tree.plan(name, kind_of(branch), branch.dtype, length, start, stop)
    run([work], executor)
    return work.finish()


@pytest.mark.parametrize("codec", ["zlib", "lzma", "lz4", "zstd", "none"])
@pytest.mark.parametrize("span", [(0, 100), (35, 81), (99, 100)])
def test_files_of_root(by_root, opened, codec, span):
    path = by_root / f"{codec}.root"
    file = opened(path)
    folder = root_folder(file)
    tree = TreeReader(file, folder["some"], UprootFile(path, None))
    start, stop = span
    with ThreadPoolExecutor(2) as executor, uproot.open({str(path): None}) as other:
        assert read_text(file, read_folder(file, folder["meta"])["text"]) == "a long text " * 100
        assert tree.entries == 100
        for name in ("count", "series", "flag", "small"):
            (values,) = read(tree, name, start, stop, executor)
            wanted = other["some"][name].array(library="np")[start:stop]
            assert values.dtype == wanted.dtype.newbyteorder("=")
            assert np.array_equal(values, wanted)
        lengths, values = read(tree, "lists", start, stop, executor)
        wanted = other["some"]["lists"].array()[start:stop]
        assert lengths.tolist() == ak.num(wanted).tolist()
        assert values.tolist() == ak.flatten(wanted).tolist()
        lengths, letters = read(tree, "text", start, stop, executor)
        assert lengths.tolist() == [4 * entry for entry in range(start, stop)]
        assert letters.tobytes().decode() == "é" * sum(2 * entry for entry in range(start, stop))


def test_every_branch_of_a_campaign(campaign, opened):
    path = campaign / "events" / "part-0000.root"
    file = opened(path)
    with ThreadPoolExecutor(2) as executor, uproot.open({str(path): None}) as other:
        for name, key in root_folder(file).items():
            if key.class_name != "TTree":
                continue
            tree = TreeReader(file, key, UprootFile(path, executor))
            assert tree.entries == other[name].num_entries
            for branch in other[name].branches:
                header = tree.branch(branch.name)
                assert header.edges.tolist() == branch.entry_offsets
                assert header.uncompressed == branch.member("fTotBytes")
                found = read(tree, branch.name, 0, tree.entries, executor)[-1]
                if kind_of(header) != "text":
                    wanted = branch.array()
                    flat = ak.flatten(wanted, axis=None) if header.counted else wanted
                    assert np.array_equal(found, ak.to_numpy(flat)), branch.name


NTUPLE = """
import json, sys
import ROOT
file = ROOT.TFile(sys.argv[1], "RECREATE")
tree = ROOT.TTree("some", "with what is not known here")
values = ROOT.std.vector("double")()
tree.Branch("vector", values)
for entry in range(5):
    values.push_back(entry)
    tree.Fill()
ntuple = ROOT.TNtuple("pairs", "numbers", "x:y")
for entry in range(5):
    ntuple.Fill(entry, 2 * entry)
tree.Write()
ntuple.Write()
file.Close()
print(json.dumps(True))
"""


def test_what_is_not_known_is_left_to_uproot(run_root, tmp_path, opened):
    path = tmp_path / "other.root"
    run_root(NTUPLE, path)
    file = opened(path)
    with ThreadPoolExecutor(1) as executor:
        other = UprootFile(path, executor)
        pairs = TreeReader(file, root_folder(file)["pairs"], other)
        assert pairs.entries == 5
        with pytest.raises(OtherVersionError):
            pairs.branch("y")
        work = pairs.plan("y", "value", "f4", 0, 1, 4)
        run([work], executor)
        assert work.finish()[0].tolist() == [2, 4, 6]
        wrong = pairs.plan("y", "value", "f8", 0, 1, 4)
        run([wrong], executor)
        with pytest.raises(ValueError, match="float32"):
            wrong.finish()
        other.close()
