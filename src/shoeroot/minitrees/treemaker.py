"""TreeMakers: small classes that reduce events to rows of a flat table."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import CodeType, MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self, cast

from shoeroot.errors import TreeMakerError, nearest
from shoeroot.minitrees.options import checked_options
from shoeroot.minitrees.source import CLASS_BODY, FIRST_MEMBERS

__all__ = ["ColumnInfo", "MultipleRowExtractor", "TreeMaker", "is_columnar"]

SHOWN = 6


class ColumnInfo(NamedTuple):
    """Unit and one-line description of a column."""

    unit: str
    description: str


class _TreeMakerClass(type):
    """Lets a TreeMaker class show in a notebook what it makes, and remember its own code."""

    def __init__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> None:
        super().__init__(name, bases, members)
        # The code of the class's body is among the constants of the code that makes the class.
        constants = sys._getframe(1).f_code.co_consts
        bodies = [
            one
            for one in constants
            if isinstance(one, CodeType) and one.co_qualname == cls.__qualname__
        ]
        if len(bodies) == 1:
            setattr(cls, CLASS_BODY, bodies[0])
        at_first = {
            key: value
            for key, value in members.items()
            if not key.startswith("__") and not callable(value)
        }
        setattr(cls, FIRST_MEMBERS, at_first)

    def __repr__(cls) -> str:
        maker = cast("type[TreeMaker]", cls)
        if maker.__module__ == __name__:
            return super().__repr__()
        first_line = (maker.__doc__ or "").strip().partition("\n")[0]
        lines = [f"<TreeMaker {maker.__name__}, version {maker.__version__}>"]
        lines += [f"  {first_line}"] if first_line else []
        names = [
            f"{name} [{info.unit}]" if info.unit else name
            for name, info in maker.column_info().items()
        ]
        if names:
            more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            lines.append(f"  columns: {', '.join(names[:SHOWN])}{more}")
        if maker.options:
            told = ", ".join(f"{name}={value!r}" for name, value in maker.options.items())
            lines.append(f"  options: {told}")
        if maker.depends_on:
            lines.append(f"  depends on: {', '.join(map(_name_of, _as_tuple(maker.depends_on)))}")
        return "\n".join(lines)


class TreeMaker(metaclass=_TreeMakerClass):
    """Reduces each event to a row.

    Subclass it and write one of two methods. `extract` gets many events at once
    and returns one array a column; it is fast. `extract_data` gets one event
    at a time and returns a dict of its values, or an empty dict for none; it is
    easy to write. Only the branches that are touched are read either way.

    Attributes
    ----------
    __version__ : str
        Raise it to have the mini-trees made anew; a change of the source does so too.
    columns : dict of str to (unit, description)
        What the columns mean. A TreeMaker that declares columns must return exactly these;
        where they depend on options, write `describe_columns` instead.
    options : dict of str to value
        Settings with their defaults: numbers, texts, flags, or tuples of them. Others are asked
        for as ``Loads(quantiles=(1, 5))``; ``self.options`` holds the values.
    depends_on : sequence of names, classes or TreeMakers
        Their columns are at hand as ``events.minitrees["Basics"].eui``.
    extra_branches : text or sequence of texts
        Branches that it needs, such as ``"zones.heating_peak"`` or ``"zones.*"``. They need not
        be declared; those that are must be in the events.
    branch_selection : text or sequence of texts, optional
        The same; hax reads nothing else. Here what is touched is read.
    uses_arrays : bool
        Whether an event may have arrays of numbers: those that `extract_data` returns become a
        column of numpy arrays, and a list for each row in `extract` does. Reading arrays needs
        nothing.
    never_store : bool
        Make it each time instead of keeping the mini-tree in a file.
    extra_metadata : dict
        Kept in the file beside version, time and creator: what JSON can hold.
    chunk_events : int
        About how many events `extract` gets at a time: what bounds the memory.
    events_of : str
        Record type that it is for, "Simulation" or "Site"; empty for any that has its fields.

    Examples
    --------
    >>> import shoeroot.minitrees
    >>> class GlazedShare(shoeroot.minitrees.TreeMaker):
    ...     __version__ = "0.0.1"
    ...
    ...     def extract_data(self, event):
    ...         return dict(glazed=event.window_area / event.facade_area)
    """

    __version__: ClassVar[str] = "0"
    columns: ClassVar[Mapping[str, tuple[str, str]]] = {}
    options: Mapping[str, Any] = {}
    depends_on: ClassVar[str | type[TreeMaker] | TreeMaker | Sequence[Any]] = ()
    extra_branches: ClassVar[str | Sequence[str]] = ()
    branch_selection: ClassVar[str | Sequence[str] | None] = None
    uses_arrays: ClassVar[bool] = False
    never_store: ClassVar[bool] = False
    extra_metadata: ClassVar[Mapping[str, Any]] = {}
    chunk_events: ClassVar[int] = 1000
    events_of: ClassVar[str] = ""
    rows_per_event: ClassVar[str] = "one"

    def __init__(self, **options: Any) -> None:
        chosen = checked_options(type(self).__name__, type(self).options, options)
        self.options = MappingProxyType(chosen)

    @classmethod
    def with_options(cls, **options: Any) -> Self:
        """Give the TreeMaker with other options than the defaults; the same as calling it."""
        return cls(**options)

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.changed_options.items())
        return f"{type(self).__name__}({told})"

    def _repr_html_(self) -> str:
        from shoeroot.minitrees.html import html_of_treemaker

        return html_of_treemaker(self)

    @property
    def name(self) -> str:
        """What it is called: the name of its class."""
        return type(self).__name__

    @property
    def changed_options(self) -> dict[str, Any]:
        """The options that are not as by default."""
        return {
            name: value for name, value in self.options.items() if value != type(self).options[name]
        }

    def describe_columns(self) -> Mapping[str, tuple[str, str]]:
        """Give unit and description of each column; override it where they depend on options."""
        return type(self).columns

    @classmethod
    def column_info(cls) -> dict[str, ColumnInfo]:
        """Give unit and description of the declared columns, with the default options."""
        return cls().columns_made()

    def columns_made(self) -> dict[str, ColumnInfo]:
        """Give unit and description of the declared columns, with these options.

        Raises
        ------
        TreeMakerError
            They are not declared as ``{"name": ("unit", "description")}``.
        """
        found = {}
        for column, info in self.describe_columns().items():
            if not (isinstance(info, tuple | list) and len(info) == 2):
                raise TreeMakerError(
                    f"TreeMaker {self.name} declares its column {column!r} as {info!r}",
                    where=f"{self.name}.columns",
                    hint=f'write {{"{column}": ("unit", "what it is")}}',
                )
            found[column] = ColumnInfo(str(info[0]), str(info[1]))
        return found

    def extract(self, events: Any) -> Any:
        """Return one array a column, each of `len(events)` values."""
        from shoeroot.minitrees.rows import columns_of_rows

        return columns_of_rows(self, events)

    def extract_data(self, event: Any) -> Any:
        """Return the values of one event by column, or an empty dict."""
        raise TreeMakerError(
            f"TreeMaker {type(self).__name__} has neither extract nor extract_data",
            hint="write extract_data(self, event) and return a dict",
        )


class MultipleRowExtractor(TreeMaker):
    """Reduces each event to any number of rows: its zones, its surfaces, its messages.

    `extract_data` returns a list of dicts, one a row. `extract` returns arrays with a list for
    each event, as ``events.zones.area`` has; arrays with one value an event are repeated.

    Examples
    --------
    >>> import shoeroot.minitrees
    >>> class ZoneAreas(shoeroot.minitrees.MultipleRowExtractor):
    ...     __version__ = "0.0.1"
    ...
    ...     def extract_data(self, event):
    ...         return [dict(zone=zone.name, area=zone.floor_area) for zone in event.zones]
    """

    rows_per_event: ClassVar[str] = "many"


def fresh(maker: TreeMaker) -> TreeMaker:
    """Give the same TreeMaker anew: what it keeps in itself for one dataset is not for another."""
    try:
        return type(maker)(**maker.changed_options)
    except TypeError:  # an __init__ of its own, with other arguments
        return copy.deepcopy(maker)


def is_columnar(maker: TreeMaker) -> bool:
    """Say whether it has `extract`; otherwise it is asked one event at a time."""
    return type(maker).extract is not TreeMaker.extract


def _as_tuple(one_or_many: Any) -> tuple[Any, ...]:
    single = isinstance(one_or_many, str | type | TreeMaker)
    return (one_or_many,) if single else tuple(cast("Iterable[Any]", one_or_many))


def wanted_dependencies(maker: TreeMaker) -> tuple[Any, ...]:
    """Give what it depends on: names, classes or TreeMakers."""
    return _as_tuple(maker.depends_on)


def wanted_branches(maker: TreeMaker) -> tuple[str, ...]:
    """Give the branches that it declares."""
    selected = maker.branch_selection or ()
    return (
        *((selected,) if isinstance(selected, str) else tuple(selected)),
        *(
            (maker.extra_branches,)
            if isinstance(maker.extra_branches, str)
            else tuple(maker.extra_branches)
        ),
    )


def _name_of(wanted: Any) -> str:
    return wanted if isinstance(wanted, str) else getattr(wanted, "__name__", repr(wanted))


def unknown_column(maker: str, column: str, known: Iterable[str], problem: str) -> TreeMakerError:
    """Make the error for a column that is declared but not returned, or the other way around."""
    return TreeMakerError(
        f"TreeMaker {maker} {problem} column {column!r}",
        where=f"{maker}.columns",
        hint=nearest(column, known),
    )
