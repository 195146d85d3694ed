"""Designs for sites: how many each weather file gets, by the weight of the sites near it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shoeroot.building import Weather
from shoeroot.campaign.site_settings import SiteSettings
from shoeroot.campaign.site_table import counted, read_sites
from shoeroot.campaign.site_weather import match_notes, match_weather, nearest_files
from shoeroot.campaign.site_weights import site_weights, weather_shares
from shoeroot.errors import ConfigError, WeatherError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SiteShares", "share_out", "weather_for_sites", "weather_in_turn", "weather_of"]

Floats = NDArray[np.float64]

#: The fractional parts of its multiples fill 0..1 evenly, however many there are.
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class SiteShares:
    """Sites matched with weather files, and what each of these gets.

    Attributes
    ----------
    match : pandas.DataFrame
        Of `match_weather`, and `weight`.
    files : tuple of str
        The weather catalogue.
    shares : (n_weather,) float64
        The share of the designs.
    designs : (n_weather,) int64
        How many designs there are; empty before they are drawn.
    together : int
        Designs that are drawn together, and so are one for error bars.
    """

    match: pd.DataFrame
    files: tuple[str, ...]
    shares: Floats
    designs: NDArray[np.int64]
    together: int = 1

    def counted(self, weather: ArrayLike, together: int = 1) -> SiteShares:
        """Count the designs, whose weather files are given."""
        numbers = np.asarray(weather).astype(np.int64)
        designs = np.bincount(numbers, minlength=len(self.files))
        return replace(self, designs=designs, together=together)

    def by_weather(self) -> pd.DataFrame:
        """Return a row a weather file that any site has.

        Columns: `file`, `zone`, `sites`, `weight`, `share` of the designs, `designs`,
        `distance_km` to the farthest of its sites, `disagree`: sites of another climate zone.
        """
        other = ~self.match["agrees"].astype("boolean").fillna(True)
        grouped = self.match.assign(other=other.astype(int)).groupby("weather", sort=True)
        table = grouped.agg(
            file=("file", "first"),
            zone=("weather_zone", "first"),
            sites=("site", "size"),
            weight=("weight", "sum"),
            distance_km=("distance_km", "max"),
            disagree=("other", "sum"),
        )
        places = table.index.to_numpy()
        table.insert(4, "share", self.shares[places])
        table.insert(5, "designs", self.designs[places] if len(self.designs) else 0)
        return table.reset_index()

    def as_dict(self) -> dict[str, Any]:
        """Return the weather files that sites have, and the notes, as plain figures and texts."""
        rows = self.by_weather().to_dict(orient="records")
        return {"sites": len(self.match), "weather": rows, "notes": self.notes()}

    def __str__(self) -> str:
        lines = [f"{counted(len(self.match), 'site')}:"]
        for one in self.by_weather().to_dict(orient="records"):
            zone = f", zone {one['zone']}" if one["zone"] else ""
            lines.append(
                f"  {one['file']}{zone}: {counted(one['sites'], 'site')} up to "
                f"{one['distance_km']:.0f} km away, {one['share']:.1%} of the designs wanted, "
                f"{counted(one['designs'], 'design')}"
            )
        return "\n".join([*lines, *(f"  {note}" for note in self.notes())])

    def notes(self) -> list[str]:
        """Say in words what is not as it should be."""
        notes = match_notes(self.match)
        least = 2 * self.together
        few = (self.shares > 0) & (self.designs < least) if len(self.designs) else np.empty(0)
        if few.any():
            notes.append(
                f"{counted(int(few.sum()), 'weather file')} got fewer than {least} designs, too "
                "few for error bars: draw more, or lower `power` in the settings of sites"
            )
        return notes


def share_out(settings: SiteSettings, catalogue: Sequence[Weather]) -> SiteShares:
    """Match the sites of settings with weather files, and share designs out to these.

    Raises
    ------
    SiteError
        Sites are missing, have no such weight, or are too far from all stations.
    """
    table = read_sites(settings.path, level=settings.level, places=settings.places)
    match = match_weather(table, catalogue, max_distance=settings.max_distance)
    match["weight"] = site_weights(table, settings.weights, epoch=settings.epoch)
    return SiteShares(
        match=match,
        files=tuple(one.name for one in catalogue),
        shares=weather_shares(
            match["weather"], match["weight"], len(catalogue), power=settings.power
        ),
        designs=np.empty(0, dtype=np.int64),
    )


def weather_for_sites(
    weather: Sequence[str | Path], sites: Mapping[str, Any] | None
) -> list[str | Path]:
    """Replace folders among weather files by the files in them that are the nearest to a site.

    Raises
    ------
    WeatherError
        A folder has no .epw file.
    ConfigError
        There are no sites to choose by.
    """
    folders = [Path(one) for one in weather if Path(one).is_dir()]
    if not folders:
        return list(weather)
    if sites is None:
        raise ConfigError(
            "weather files are to be chosen from a folder, but there are no sites",
            where=str(folders[0]),
            hint="name sites, or the files one by one",
        )
    settings = SiteSettings.model_validate(sites)
    table = read_sites(settings.path, level=settings.level, places=settings.places)
    files = []
    for folder in folders:
        inside = sorted(folder.glob("*.epw"))
        if not inside:
            raise WeatherError(
                "the folder has no weather file", where=str(folder), hint="put .epw files in it"
            )
        files += inside
    others = [one for one in weather if not Path(one).is_dir()]
    return [*others, *nearest_files(table, files)]


def weather_of(shares: Floats, numbers: Floats) -> Floats:
    """Map numbers in 0..1 to weather files, so that each has its share of that range."""
    edges = np.cumsum(shares)
    places: Floats = np.searchsorted(edges, numbers * edges[-1], side="right").astype(np.float64)
    # Rounding may leave the last edge below 1: the last file with a share takes what is above.
    last: Floats = np.minimum(places, np.flatnonzero(shares)[-1])
    return last


def weather_in_turn(shares: Floats, count: int, seed: int) -> NDArray[np.int64]:
    """Return the weather files of `count` boxes, evenly mixed: as many of each as it has a share.

    The n-th box has the fractional part of n times the golden section as its place in 0..1, from
    a start that is drawn by chance.
    """
    start = np.random.default_rng([seed, len(shares)]).random()
    places: Floats = (start + _GOLDEN * np.arange(count, dtype=np.float64)) % 1.0
    return weather_of(shares, places).astype(np.int64)
