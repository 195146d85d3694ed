"""A start for a TreeMaker of one's own: a file that works, and its test."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from shoeroot.errors import ConfigError, TreeMakerError
from shoeroot.minitrees.registry import treemaker_names

__all__ = ["STYLES", "NewTreeMaker", "new_treemaker"]

_COLUMNAR = '''\
"""{name}: say in a sentence what it makes."""

import shoeroot.minitrees


class {name}(shoeroot.minitrees.TreeMaker):
    """Say in a sentence what a row tells."""

    __version__ = "1"  # raise it when what it makes changes
    columns = {{
        "glazed_share": ("m2/m2", "Window area over facade area"),
        "largest_peak": ("kW", "Largest heating peak of a zone; NaN for a failed simulation"),
    }}

    def extract(self, events):
        """Get many events at once, give an array with one value an event for each column.

        `events` has the fields of a simulation as arrays (shoeroot show FILE 0 lists them);
        what is not touched is not read.
        """
        import awkward as ak

        peaks = ak.max(events.zones.heating_peak, axis=1)
        return {{
            "glazed_share": events.window_area / events.facade_area,
            "largest_peak": ak.fill_none(peaks, float("nan")),
        }}
'''

_BY_EVENT = '''\
"""{name}: say in a sentence what it makes."""

import shoeroot.minitrees


class {name}(shoeroot.minitrees.TreeMaker):
    """Say in a sentence what a row tells."""

    __version__ = "1"  # raise it when what it makes changes
    columns = {{
        "glazed_share": ("m2/m2", "Window area over facade area"),
        "largest_peak": ("kW", "Largest heating peak of a zone; NaN for a failed simulation"),
    }}

    def extract_data(self, event):
        """Get one event, give a dict; what is left out is NaN.

        Writing `extract`, which gets many events at once, is faster.
        """
        row = {{"glazed_share": event.window_area / event.facade_area}}
        if len(event.zones):
            row["largest_peak"] = max(zone.heating_peak for zone in event.zones)
        return row
'''

_MANY_ROWS = '''\
"""{name}: say in a sentence what it makes."""

import shoeroot.minitrees


class {name}(shoeroot.minitrees.MultipleRowExtractor):
    """Say in a sentence what a row tells: here, one zone of a building."""

    __version__ = "1"  # raise it when what it makes changes
    columns = {{
        "zone_name": ("", "Name of the zone"),
        "zone_peak": ("kW", "Heating peak of the zone"),
    }}

    def extract(self, events):
        """Get many events at once, give arrays with a list for each event."""
        return {{
            "zone_name": events.zones.name,
            "zone_peak": events.zones.heating_peak,
        }}
'''

_TEST = '''\
"""{name}: runs, is documented, and makes the same whatever chunks events come in."""

from pathlib import Path

from shoeroot.minitrees import add_treemaker_folder, load
from shoeroot.testing import check_treemaker, example_dataset

add_treemaker_folder(Path(__file__).parent)


def test_{snake}_keeps_to_the_rules():
    check_treemaker("{name}")


def test_{snake}_loads(tmp_path):
    dataset = example_dataset(tmp_path / "example")

    data = load(dataset, "{name}")

    assert (data["{column}"].dropna() {condition}).all()
'''

#: How a TreeMaker may be written: template, and a column of it with what is true of it.
STYLES = {
    "columnar": (_COLUMNAR, "glazed_share", "> 0"),
    "by-event": (_BY_EVENT, "glazed_share", "> 0"),
    "many-rows": (_MANY_ROWS, "zone_peak", "> 0"),
}


@dataclass(frozen=True, slots=True)
class NewTreeMaker:
    """The files of a new TreeMaker.

    Attributes
    ----------
    name : str
        Its name.
    file, test : Path
        Where it and its test are.
    """

    name: str
    file: Path
    test: Path


def new_treemaker(
    name: str, folder: str | Path = "treemakers", *, style: str = "columnar"
) -> NewTreeMaker:
    """Write a TreeMaker that works, to be changed, and a test of it.

    Parameters
    ----------
    name : str
        Such as ``"ShadedHours"``.
    folder : path
        Where; made if needed. `add_treemaker_folder`, or the environment variable
        ``SHOEROOT_TREEMAKERS``, lets its TreeMakers be asked for by name.
    style : str
        "columnar" (`extract`), "by-event" (`extract_data`) or "many-rows".

    Raises
    ------
    ConfigError
        The name or the style cannot be used.
    TreeMakerError
        There is a TreeMaker or a file of that name.
    """
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} cannot be the name of a TreeMaker",
            hint="letters and digits, beginning with a capital, such as ShadedHours",
        )
    if style not in STYLES:
        raise ConfigError(f"there is no style {style!r}", hint=f"one of {', '.join(STYLES)}")
    if name in treemaker_names():
        raise TreeMakerError(f"there is a TreeMaker {name!r} already", hint="give another name")
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    made = NewTreeMaker(name, Path(folder) / f"{snake}.py", Path(folder) / f"test_{snake}.py")
    template, column, condition = STYLES[style]
    known = {"name": name, "snake": snake, "column": column, "condition": condition}
    try:
        made.file.parent.mkdir(parents=True, exist_ok=True)
        for path, text in ((made.file, template), (made.test, _TEST)):
            with path.open("x") as file:
                file.write(text.format(**known))
    except FileExistsError as error:
        raise TreeMakerError("the file exists already", where=str(error.filename)) from error
    except OSError as error:
        raise TreeMakerError(
            f"the file cannot be written: {error.strerror}", where=str(error.filename)
        ) from error
    return made
