"""Units are read with codes as texts; what would count people twice or nowhere is refused."""

from __future__ import annotations

import json
import shutil

import geopandas
import pytest
import shapely

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import check_units, read_units


@pytest.fixture
def written(tmp_path, draw_boxes):
    """Write two neighbours to a file; columns can be added and replaced."""

    def write(name, crs="EPSG:3035", boxes=((0, 0, 1, 1), (1, 0, 2, 1)), **columns):
        units = draw_boxes(boxes, crs=crs)
        units["code"] = [f"0{number}" for number in units["id"]]
        for column, values in columns.items():
            units[column] = values
        units.to_file(tmp_path / name)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["units.gpkg", "units.geojson", "units.shp"])
def test_units_are_read_from_files_of_several_formats(written, name):
    path = written(name, called=["Ås", "Bø"])

    units = read_units(path, "code", "called")

    assert units["code"].tolist() == ["01", "02"]
    assert units["name"].tolist() == ["Ås", "Bø"]
    assert list(units.columns) == ["code", "name", "geometry"]
    assert units.to_crs("EPSG:3035").geometry.area.tolist() == pytest.approx([1e6, 1e6], rel=1e-4)


@pytest.mark.parametrize(("codes", "texts"), [([7, 2000], ["7", "2000"]), ([7.0, 8.0], ["7", "8"])])
def test_codes_that_are_numbers_become_texts(written, codes, texts):
    units = read_units(written("units.gpkg", code=codes))

    assert units["code"].tolist() == texts
    assert units["name"].tolist() == texts


def test_a_missing_column_names_the_nearest(written):
    with pytest.raises(SiteError, match="did you mean 'code'"):
        read_units(written("units.gpkg"), "codes")
    with pytest.raises(SiteError, match="no column 'label'"):
        read_units(written("others.gpkg"), "code", "label")


def test_a_file_without_a_crs_is_refused_unless_it_is_told(written):
    path = written("units.shp")
    path.with_suffix(".prj").unlink()

    with pytest.raises(SiteError, match=r"no coordinate reference system[\s\S]*crs such as"):
        read_units(path)
    assert read_units(path, crs="EPSG:3035").crs == "EPSG:3035"
    with pytest.raises(SiteError, match="no coordinate reference system 'EPSG:99999'"):
        read_units(path, crs="EPSG:99999")


@pytest.mark.parametrize(
    ("name", "problem"),
    [("absent.gpkg", "cannot be read"), ("text.geojson", "cannot be read")],
)
def test_what_cannot_be_read_is_named(tmp_path, name, problem):
    (tmp_path / "text.geojson").write_text("no units")

    with pytest.raises(SiteError, match=rf"{problem}[\s\S]*{name}"):
        read_units(tmp_path / name)


def test_an_unknown_layer_is_refused(written):
    with pytest.raises(SiteError, match="'nothing'"):
        read_units(written("units.gpkg"), layer="nothing")


def test_a_table_without_geometry_is_refused(tmp_path):
    table = {"type": "Feature", "properties": {"code": "1"}, "geometry": None}
    (tmp_path / "units.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [table]})
    )

    with pytest.raises(SiteError, match="Units without a polygon: 1"):
        read_units(tmp_path / "units.geojson")


def test_a_table_of_text_is_refused(tmp_path):
    (tmp_path / "units.csv").write_text("code\n1\n")

    # GDAL does not take such a file for a table in every process.
    with pytest.raises(SiteError, match=r"no geometries|cannot be read"):
        read_units(tmp_path / "units.csv")


def test_a_file_of_no_units_is_refused(tmp_path, draw_boxes):
    draw_boxes([(0, 0, 1, 1)], "code").iloc[:0].to_file(tmp_path / "units.gpkg")

    with pytest.raises(SiteError, match="no units"):
        read_units(tmp_path / "units.gpkg")


def test_codes_that_stand_twice_or_nowhere_are_refused(written):
    with pytest.raises(SiteError, match="stand twice: x"):
        read_units(written("twice.gpkg", code=["x", "x"]))
    with pytest.raises(SiteError, match="1 units have no code, the first in row 1"):
        read_units(written("missing.gpkg", code=["x", None]))


def test_units_without_a_polygon_are_refused(draw_boxes):
    units = draw_boxes([(0, 0, 1, 1), (1, 0, 2, 1)], "code", ["a", "b"]).assign(name="")
    units.loc[1, "geometry"] = shapely.Point(0, 0)

    with pytest.raises(SiteError, match="without a polygon: b"):
        check_units(units)


@pytest.mark.parametrize(
    "boxes",
    [
        [(0, 0, 2, 2), (1, 1, 3, 3)],
        [(0, 0, 3, 3), (1, 1, 2, 2)],
        [(0, 0, 1, 1), (0, 0, 1, 1)],
    ],
    ids=["in part", "one in the other", "the same"],
)
def test_units_that_overlap_are_refused_by_name(written, boxes):
    path = written("units.gpkg", boxes=boxes)

    with pytest.raises(SiteError, match="01 and 02"):
        read_units(path)
    with pytest.warns(SiteWarning, match="01 and 02"):
        assert len(read_units(path, overlap=1)) == 2


def test_a_small_overlap_is_a_warning(written):
    path = written("units.gpkg", boxes=[(0, 0, 1, 1), (0.995, 0, 2, 1)])

    with pytest.warns(SiteWarning, match=r"01 and 02 \(0.50% of the smaller\)"):
        read_units(path)


def test_a_polygon_that_crosses_itself_is_repaired_and_told(tmp_path):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    geopandas.GeoDataFrame({"code": ["bow"]}, geometry=[bow], crs=3035).to_file(
        tmp_path / "units.gpkg"
    )

    with pytest.warns(SiteWarning, match="bow cross themselves"):
        units = read_units(tmp_path / "units.gpkg")

    assert units.geometry.is_valid.all()
    assert units.geometry.area.tolist() == pytest.approx([0.5])


def test_communes_of_belgium(communes):
    assert len(communes) == 581
    assert communes.set_index("code").loc["11002", "name"] == "Antwerpen"


def test_a_zipped_shapefile_is_read(written, tmp_path):
    folder = tmp_path / "shape"
    folder.mkdir()
    path = written("units.shp")
    for part in tmp_path.glob("units.*"):
        shutil.move(part, folder)
    archive = shutil.make_archive(str(tmp_path / path.stem), "zip", folder)

    assert read_units(archive)["code"].tolist() == ["01", "02"]
