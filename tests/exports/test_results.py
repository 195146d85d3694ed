"""Results in the notebook's layout, as HDF5 and as Parquet, are those of the events."""

import numpy as np
import pytest

from shoeroot.design import read_designs
from shoeroot.errors import ExportError
from shoeroot.exports import RESULT_SERIES, write_results


def expected(event):
    if not event.zones:
        return np.full((4, 8760), np.nan)
    series = np.zeros((4, 8760))
    for place, zone in enumerate(event.zones):
        series[2 * place] = zone.hourly.heating
        series[2 * place + 1] = zone.hourly.cooling
    return series * 3.6e6


def test_hdf5_has_the_notebooks_layout(campaign, events, tmp_path):
    h5py = pytest.importorskip("h5py", reason="needs the extra hdf5")

    path = write_results(campaign.folder, tmp_path / "results.hdf5", show_progress=False)

    with h5py.File(path) as file:
        hourly, monthly, areas = (file[name][...] for name in ("hourly", "monthly", "areas"))
        status, ids = file["status"].asstr()[...].tolist(), file["event_id"][...]
        vectors = file["storage_vectors"][...]
        assert list(file["hourly"].attrs["series"]) == list(RESULT_SERIES)
    assert hourly.shape == (len(events), 4, 8760)
    for row, event in enumerate(events):
        assert (ids[row], status[row]) == (event.event_id, event.status)
        np.testing.assert_allclose(hourly[row], expected(event), rtol=1e-6)
        if event.zones:
            np.testing.assert_allclose(areas[row], [zone.floor_area for zone in event.zones])
            np.testing.assert_allclose(
                monthly[row, 0] / 3.6e6, event.zones[0].monthly_heating, rtol=1e-4, atol=1e-4
            )
    np.testing.assert_array_equal(vectors, campaign.designs[ids])
    assert np.array_equal(read_designs(path)[1], vectors)


def test_parquet_has_a_row_a_simulation(campaign, events, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")

    path = write_results(campaign.folder, tmp_path / "results.parquet", show_progress=False)

    frame = parquet.read_table(path).to_pandas()
    assert frame.status.tolist() == [event.status for event in events]
    for row, event in enumerate(events):
        np.testing.assert_allclose(frame.hourly_core_cooling[row], expected(event)[3], rtol=1e-6)
    np.testing.assert_array_equal(np.stack(frame.storage_vector), campaign.designs[frame.event_id])


def test_files_that_cannot_be_made(campaign, tmp_path):
    with pytest.raises(ExportError, match=r"cannot become a \.csv file"):
        write_results(campaign.folder, tmp_path / "results.csv")
    with pytest.raises(ExportError, match="no such folder"):
        write_results(campaign.folder, tmp_path / "nowhere" / "results.hdf5", show_progress=False)
    (tmp_path / "results.hdf5").write_text("of somebody")
    with pytest.raises(ExportError, match="exists already"):
        write_results(campaign.folder, tmp_path / "results.hdf5")
    assert [path.name for path in tmp_path.iterdir()] == ["results.hdf5"]
