"""ESP-r's databases and patterns of use: read, written, found where they may be found."""

import contextlib
import math

import numpy as np
import pytest

from shoeroot.building import Pane, transmit
from shoeroot.errors import MetaError
from shoeroot.meta import (
    example_constructions,
    read,
    read_databases,
    read_databases_of,
    to_epjson,
    write_databases,
)
from shoeroot.meta.database_files import (
    read_constructions_text,
    read_materials_text,
    read_optics_text,
)
from shoeroot.meta.operations import read_operations_text

from .espr_files import (
    CONSTRUCTIONS,
    OLD_MATERIALS,
    OPERATIONS_1,
    OPERATIONS_2,
    OPTICS,
    TAGGED_MATERIALS,
)
from .handmade import small


@pytest.mark.parametrize("text", [TAGGED_MATERIALS, OLD_MATERIALS])
def test_materials_of_both_forms(text):
    brick = read_materials_text(text).by_index[6]
    assert (brick.conductivity, brick.density, brick.specific_heat) == (0.96, 2000.0, 650.0)
    assert (brick.emissivity, brick.absorptivity) == ((0.9, 0.9), (0.7, 0.7))


def test_a_material_that_stands_for_air_is_a_gap():
    assert read_materials_text(TAGGED_MATERIALS).by_name["void 400mm"].is_gap


def test_constructions_have_their_layers_from_outside_to_inside():
    wall = read_constructions_text(CONSTRUCTIONS, read_materials_text(TAGGED_MATERIALS))["wall"]
    assert [layer.name for layer in wall.layers] == ["Lt brown brick", "glasswool", "gap"]
    # 0.1/0.96 + 0.075/0.04 + 0.18, and films of 0.13 and 0.04.
    assert wall.u_value == pytest.approx(1 / (0.1 / 0.96 + 0.075 / 0.04 + 0.18 + 0.17))
    assert wall.optics == ""


def test_sides_of_a_coated_pane_are_told_apart():
    text = CONSTRUCTIONS.replace("  242    0.0060  plate glass : Plate glass\n", "", 1).replace(
        "  242 ", "  246 "
    )
    text = text.replace("    3    d_glz ", "    2    d_glz ")
    pane = read_constructions_text(text, read_materials_text(TAGGED_MATERIALS))["d_glz"].layers[-1]
    assert (pane.emissivity, pane.inside_face[0]) == (0.84, 0.10)
    assert pane.turned().emissivity == 0.10


def test_panes_together_have_the_optics_of_the_file():
    optics = read_optics_text(OPTICS)["TEST_06nb"]
    passed, taken = transmit([Pane(one, back, back) for one, back in optics.panes])
    assert passed == pytest.approx(0.611, abs=5e-4)
    assert taken == pytest.approx((0.157, 0.117), abs=5e-4)
    # The spec's pane: two of it reproduce the glazing.
    assert optics.panes[0] == pytest.approx((0.780, 0.071), abs=2e-3)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (CONSTRUCTIONS.replace("0.0750", "thick"), 8),
        (CONSTRUCTIONS.replace("  211 ", "  999 ").replace("glasswool :", "unknown :"), 8),
        (CONSTRUCTIONS.replace("OPAQ  OPAQUE", "something"), 5),
        ("*CONSTRUCTIONS 1.1\n", None),
        (CONSTRUCTIONS[:200], None),
    ],
)
def test_wrong_constructions_are_errors_with_a_line(text, line):
    with pytest.raises(MetaError) as caught:
        read_constructions_text(text, read_materials_text(TAGGED_MATERIALS), "multicon.db")
    assert "multicon.db" in caught.value.where
    if line:
        assert f"line {line}" in caught.value.where


@pytest.mark.parametrize("cut", range(20, len(TAGGED_MATERIALS + OPTICS), 97))
def test_files_that_are_cut_anywhere_give_errors_or_less_but_no_traceback(cut):
    for reader, text in ((read_materials_text, TAGGED_MATERIALS), (read_optics_text, OPTICS)):
        with contextlib.suppress(MetaError):
            reader(text[:cut])


def test_databases_that_are_written_are_read_back_the_same(tmp_path):
    example = example_constructions()
    paths = write_databases(example, tmp_path)
    again = read_databases(paths["mlc"], paths["mat"], paths["opt"])
    assert again.constructions == dict(example.constructions)
    assert again.optics["DCF7671_06nb"].absorptance == example.optics["DCF7671_06nb"].absorptance


@pytest.fixture
def model_with_databases(tmp_path):
    """A model folder as ESP-r lays it out: paths count from its `cfg`."""
    home = tmp_path / "house"
    (home / "cfg").mkdir(parents=True)
    (home / "dbs").mkdir()
    (home / "dbs" / "own.constrdb").write_text(CONSTRUCTIONS)
    (home / "dbs" / "own.materialdb").write_text(TAGGED_MATERIALS)

    def make(*tags):
        path = home / "house.meta"
        path.write_text(small(*tags, at="*start_zone,room"))
        return read(path)

    return make


def test_databases_of_a_model_are_found_in_its_folder(model_with_databases):
    model = model_with_databases("*mlc ../dbs/own.constrdb", "*mat ../dbs/own.materialdb")
    known, losses = read_databases_of(model)
    assert "wall" in known
    assert "extern_wall" in known  # the shipped example stands behind
    assert losses == []


@pytest.mark.parametrize("said", ["/etc/passwd", "../../secret.db", "../../../etc/passwd", "a:b"])
def test_a_path_never_leaves_the_folder_of_the_model(model_with_databases, tmp_path, said):
    (tmp_path / "secret.db").write_text(CONSTRUCTIONS)
    known, losses = read_databases_of(model_with_databases(f"*mlc {said}"))
    assert "wall" not in known
    (loss,) = losses
    assert said in loss.what


def test_a_link_out_of_the_folder_is_not_followed(model_with_databases, tmp_path):
    (tmp_path / "secret.db").write_text(CONSTRUCTIONS)
    (tmp_path / "house" / "dbs" / "link.db").symlink_to(tmp_path / "secret.db")
    _, losses = read_databases_of(model_with_databases("*mlc ../dbs/link.db"))
    assert len(losses) == 1


def test_standard_databases_are_looked_for_in_the_users_folder(model_with_databases, tmp_path):
    standard = tmp_path / "databases"
    standard.mkdir()
    (standard / "multicon.db3").write_text(CONSTRUCTIONS)
    (standard / "material.db3.a").write_text(TAGGED_MATERIALS)
    model = model_with_databases("*stdmlc multicon.db3", "*stdmat material.db3.a")
    without, losses = read_databases_of(model)
    assert "wall" not in without
    assert len(losses) == 2
    known, losses = read_databases_of(model, standard)
    assert "wall" in known
    assert losses == []


def test_a_missing_construction_names_line_and_nearest(model_with_databases):
    model = model_with_databases()
    with pytest.raises(MetaError, match="no construction 'wall'") as caught:
        to_epjson(model)
    assert "line 7" in caught.value.where


def test_a_pattern_of_use_of_version_1():
    use = read_operations_text(OPERATIONS_1)
    assert use.infiltration[0, 8:10].tolist() == [0.2, 4.0]
    occupants, lights, equipment = use.gains
    assert occupants.sensible[0].sum() == 3 * 2000
    assert occupants.latent[0].sum() == 3 * 1000
    assert (lights.kind, lights.per_area, lights.radiant) == ("lights", True, 0.2)
    assert equipment.sensible.sum(axis=1).tolist() == [24 * 200, 24 * 200, 0]


def test_a_pattern_of_use_of_version_2():
    use = read_operations_text(OPERATIONS_2)
    assert np.unique(use.infiltration).tolist() == [0.3]
    assert use.ventilation
    assert [gain.kind for gain in use.gains] == ["occupants", "lights"]
    assert math.isclose(use.gains[1].radiant + use.gains[1].convective, 0.14)


@pytest.mark.parametrize("wrong", ["9, 30,", "x, 12,", "12, 9,"])
def test_a_wrong_pattern_is_an_error_with_a_line(wrong):
    with pytest.raises(MetaError) as caught:
        read_operations_text(OPERATIONS_1.replace("9, 24,", wrong), "use.opr")
    assert "use.opr, line" in caught.value.where
