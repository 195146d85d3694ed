"""``BatchSimulator``: the notebook's way to simulate a batch that lies in an HDF5 file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.campaign.results import JOULES_PER_KWH, by_month
from shoeroot.campaign.run import Campaign, run_campaign
from shoeroot.design import FloatArray, Schema, read_designs
from shoeroot.errors import CampaignError
from shoeroot.hdf5_file import new_hdf5
from shoeroot.optional import import_optional
from shoeroot.uploading import Upload, upload

if TYPE_CHECKING:
    from shoeroot.events import Events

__all__ = ["BatchSimulator"]

#: The series of `hourly` and `monthly`, in their order, and the zones of `areas`.
SERIES = ("perimeter heating", "perimeter cooling", "core heating", "core cooling")
ZONES = ("perimeter", "core")
#: The environment variable that says where `upload` copies results to by default.
UPLOAD_URL = "SHOEROOT_UPLOAD_URL"


class BatchSimulator:
    """Simulates the designs of ``batch_00023.hdf5`` and writes ``batch_00023_results.hdf5``.

    The events, from which the results are taken, lie in the campaign folder ``batch_00023``
    beside them.

    Parameters
    ----------
    schema : Schema
        For files that do not say their own.
    batch_id : int
        The number in the files' names.
    processes : int, optional
        Simulations at once; by default one for each processor.
    folder : path
        Where the files lie.
    upload_url : str, optional
        The folder that `upload` copies to, such as ``"s3://my-bucket/demo"``; by default that
        of the environment variable ``SHOEROOT_UPLOAD_URL``.

    Attributes
    ----------
    storage_batch : (n_designs, 90) float64
        The designs.

    Raises
    ------
    DesignError
        The file is missing, damaged, or not a batch of designs.
    """

    def __init__(
        self,
        schema: Schema,
        batch_id: int,
        processes: int | None = None,
        *,
        folder: str | Path = "data/hdf5",
        upload_url: str | None = None,
    ) -> None:
        self.batch_id = batch_id
        self.processes = processes
        self.folder = Path(folder)
        self.upload_url = upload_url
        self.schema, self.storage_batch = read_designs(self.storage_batch_filepath, schema)

    @property
    def storage_batch_filepath(self) -> Path:
        """Where the designs lie."""
        return self.folder / f"batch_{self.batch_id:05d}.hdf5"

    @property
    def results_batch_filepath(self) -> Path:
        """Where the results lie after `run`."""
        return self.folder / f"batch_{self.batch_id:05d}_results.hdf5"

    @property
    def campaign_folder(self) -> Path:
        """Where the events lie; `shoeroot.open` opens them."""
        return self.folder / f"batch_{self.batch_id:05d}"

    def run(self, **options: Any) -> Campaign:
        """Simulate what has not been simulated yet, and write the results.

        The file of results has the datasets

        hourly : (n_designs, 4, 8760) float32
            Heat delivered and removed in each hour [J]: perimeter heating, perimeter
            cooling, core heating, core cooling. A box without a core has zeros there;
            a design whose simulation failed has NaN.
        monthly : (n_designs, 4, 12) float32
            The same by month.
        areas : (n_designs, 2) float64
            Floor area of perimeter and core [m2].
        status : (n_designs,) text
            ``ok``, or how the simulation failed.
        storage_vectors : (n_designs, 90) float64

        Parameters
        ----------
        **options
            Of `run_campaign`, such as ``weather`` and ``show_progress``.

        Raises
        ------
        ShoerootError
            Of `run_campaign`; results that are there stay as they are.
        CampaignError
            It was interrupted: `run` goes on from there.
        """
        campaign = run_campaign(
            self.storage_batch,
            self.campaign_folder,
            schema=self.schema,
            **{"workers": self.processes, **options},
        )
        with campaign.open() as events:
            if len(events) < len(self.storage_batch):
                raise CampaignError(
                    f"{len(self.storage_batch) - len(events)} designs have not been simulated yet",
                    where=str(self.campaign_folder),
                    hint="call run() again: it goes on where it stopped",
                )
            self._write(events)
        return campaign

    def upload(
        self,
        url: str | None = None,
        *,
        storage_options: Mapping[str, Any] | None = None,
        show_progress: bool = True,
    ) -> Upload:
        """Copy the file of results to a cloud, or any place that fsspec knows.

        What arrived is read back and compared by size and SHA-256.

        Parameters
        ----------
        url : str, optional
            The folder to copy to, such as ``"s3://my-bucket/demo"``; by default `upload_url`,
            then the environment variable ``SHOEROOT_UPLOAD_URL``.
        storage_options : mapping, optional
            For the file system of fsspec: keys, endpoints, ...
        show_progress : bool

        Raises
        ------
        CampaignError
            There are no results yet, or no place to copy them to.
        ExportError
            The file did not arrive whole. Nothing that did not is left there.
        MissingExtraError
            fsspec, or the package for this kind of URL, is not installed.
        """
        url = url or self.upload_url or os.environ.get(UPLOAD_URL)
        if not url:
            raise CampaignError(
                "there is no place to upload to",
                where="url",
                hint=f"give a URL, such as s3://my-bucket/demo, or set {UPLOAD_URL}",
            )
        if not self.results_batch_filepath.is_file():
            raise CampaignError(
                "there are no results yet",
                where=str(self.results_batch_filepath),
                hint="call run() first",
            )
        return upload(
            self.results_batch_filepath,
            url.rstrip("/") + "/",
            storage_options=storage_options,
            show_progress=show_progress,
        )

    def _write(self, events: Events) -> None:
        path = self.results_batch_filepath
        temporary = path.with_name(path.name + ".part")
        try:
            with new_hdf5(temporary, "writes HDF5") as (file, check):
                self._fill(file, events, check)
            temporary.replace(path)
        except OSError as problem:
            raise CampaignError(
                f"the results cannot be written: {problem.strerror or problem}",
                where=str(path),
                hint="make room on the disk; the events are there, and run() only writes them",
            ) from problem
        finally:
            temporary.unlink(missing_ok=True)

    def _fill(self, file: Any, events: Events, check: Callable[[], None]) -> None:
        count = len(self.storage_batch)
        numbers = np.asarray(events.event_id, dtype=np.int64)
        hourly, monthly = (
            file.create_dataset(
                name,
                shape=(count, len(SERIES), length),
                dtype=np.float32,
                chunks=(1, len(SERIES), length),
                compression="gzip",
                compression_opts=4,
                shuffle=True,
            )
            for name, length in (("hourly", 8760), ("monthly", 12))
        )
        for one in (hourly, monthly):
            one.attrs["series"], one.attrs["unit"] = SERIES, "J"
        areas = np.full((count, len(ZONES)), np.nan)
        for rows in events.rows("zones.hourly", ["heating", "cooling"]):
            first = 0
            for offset, zones in enumerate(rows.counts.tolist()):
                part = slice(first, first + zones)
                series = _series(rows.arrays["heating"][part], rows.arrays["cooling"][part])
                row = int(numbers[rows.start + offset])
                hourly[row] = series
                monthly[row] = np.stack([by_month(one) for one in series])
                first += zones
            check()
        for row, zone_areas in zip(numbers.tolist(), events.zones.floor_area, strict=True):
            if len(zone_areas):
                areas[row] = 0.0
                areas[row, : len(zone_areas)] = zone_areas
        file["areas"] = areas
        file["areas"].attrs["zones"], file["areas"].attrs["unit"] = ZONES, "m2"
        statuses = np.empty(count, dtype=object)
        statuses[numbers] = [str(one) for one in events.status]
        text = import_optional("h5py", "writes HDF5", "pip install 'shoeroot[hdf5]'").string_dtype()
        file.create_dataset("status", data=statuses, dtype=text)
        file["storage_vectors"] = self.storage_batch

    def __repr__(self) -> str:
        return f"BatchSimulator of {len(self.storage_batch)} designs in {self.folder}"


def _series(heating: FloatArray, cooling: FloatArray) -> FloatArray:
    """Return a design's series from those of its zones, (n_zones, 8760) [kWh]: (4, 8760) [J]."""
    if not len(heating):
        return np.full((len(SERIES), 8760), np.nan)
    series = np.zeros((len(SERIES), 8760))
    for zone, (heat, cold) in enumerate(zip(heating, cooling, strict=True)):
        series[2 * zone], series[2 * zone + 1] = heat, cold
    return series * JOULES_PER_KWH
