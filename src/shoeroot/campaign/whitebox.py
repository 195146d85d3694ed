"""One simulation to look into: its template, its box as a picture, its results as tables."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.building import (
    COOLING,
    EQUIPMENT,
    HEATING,
    LIGHTING,
    TEMPERATURE,
    Box,
    Finding,
    Model,
    Polygon,
    TemplateLibrary,
    build_model,
    check_model,
    draw_shoebox,
    explain_design,
    ideal_loads_name,
    shading_blocks,
)
from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.notebook_names import NotebookView, view_template
from shoeroot.campaign.prepare import default_weather, prepare, read_templates
from shoeroot.campaign.results import by_month
from shoeroot.campaign.shipped import shipped_library
from shoeroot.design import FloatArray, Schema
from shoeroot.engine import Engine, RunResult, find_engine, run_model
from shoeroot.engine import EngineModel as EngineInput
from shoeroot.errors import DesignError, EngineError, ModelError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["ShoeboxView", "WhiteboxSimulation"]

Series = dict[tuple[str, str], FloatArray]

#: Messages of the engine that an error repeats: the first ones say where it began.
SHOWN_MESSAGES = 5


class ShoeboxView:
    """The geometry of one simulation.

    Attributes
    ----------
    box : Box
        Its figures.
    surfaces : list of Polygon
        The surfaces of its zones, in m.
    """

    def __init__(self, model: Model, title: str) -> None:
        self.box: Box = model.shoebox.box
        self.surfaces: list[Polygon] = model.surfaces
        self._title = title

    def view_model(self) -> Figure:
        """Draw the box in three dimensions: surfaces by boundary, window, shading, north.

        Returns
        -------
        matplotlib.figure.Figure
            Shown by a notebook when it is the last value of a cell; needs no display.
        """
        return draw_shoebox(self.surfaces, shading_blocks(self.box), title=self._title)

    def __repr__(self) -> str:
        zones = ", ".join(f"{zone.name} {zone.depth:.3g} m" for zone in self.box.zones())
        return f"{self._title}: {zones} deep"


class WhiteboxSimulation:
    """One design as a model that can be looked into, drawn, explained and simulated.

    Parameters
    ----------
    schema : Schema
    storage_vector : (90,) float64
        Copied: later changes to it do not reach the simulation.
    library : TemplateLibrary or path, optional
        By default the one that ships with shoeroot.
    weather : sequence of paths or names, optional
        The catalogue that `base_epw` points into; by default the files that
        come with the engine, in the order of their names.
    engine : Engine or path, optional
        By default it is searched for.
    timesteps_per_hour : int

    Attributes
    ----------
    template : NotebookView
        The template with the design's values in it, by the names of UMI:
        ``template.Perimeter.Loads.EquipmentPowerDensity``.
    shoebox : ShoeboxView
        The geometry; ``shoebox.view_model()`` draws it.
    epw_path : pathlib.Path
        The weather file.
    model : Model
        What the engine gets.

    Raises
    ------
    DesignError
        The vector is not a design of the schema.
    ModelError
        The design cannot be built; the message names the parameter.
    TemplateError, WeatherError, ConfigError, EngineNotFoundError
        Something else is missing or wrong.
    """

    def __init__(
        self,
        schema: Schema,
        storage_vector: FloatArray,
        *,
        library: TemplateLibrary | str | Path | None = None,
        weather: Sequence[str | Path] | None = None,
        engine: Engine | str | Path | None = None,
        timesteps_per_hour: int = 4,
    ) -> None:
        vector = np.array(storage_vector, dtype=np.float64)
        if vector.ndim != 1:
            raise DesignError(
                f"a storage vector has shape {vector.shape}",
                hint=f"give one design of {schema.storage_length} values, such as batch[0]",
            )
        self.schema = schema
        self.storage_vector = vector
        self.engine = engine if isinstance(engine, Engine) else find_engine(engine)
        names = default_weather(self.engine) if weather is None else weather
        config = CampaignConfig.from_values(
            {
                "weather": tuple(str(name) for name in names),
                "timesteps_per_hour": timesteps_per_hour,
            },
            where="the arguments of WhiteboxSimulation",
        )
        found = prepare(
            schema, vector[None, :], config, engine=self.engine, library=_library(library)
        )
        context = found.context(schema, config)
        self._template, self._weather = context.template_of(vector), context.weather_of(vector)
        self.model = build_model(
            schema, vector, self._template, self._weather, timesteps_per_hour=timesteps_per_hour
        )
        self._input_schema = found.input_schema
        self.epw_path: Path = self._weather.path
        self.template: NotebookView = view_template(self._template, self.model.shoebox)
        box = self.model.shoebox.box
        self.shoebox = ShoeboxView(
            self.model,
            f"{self._template.name}\n{box.width:.3g} m wide, {box.depth:.3g} m deep, "
            f"{box.height:.3g} m high",
        )

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the model, by design parameter; empty where it may run."""
        return tuple(check_model(self.model, self._input_schema))

    def simulate(self, *, timeout: float = 600.0) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Simulate a year.

        Parameters
        ----------
        timeout : float
            Longest time [s].

        Returns
        -------
        hourly : pandas.DataFrame
            One row an hour: index 0 to 8759.
        monthly : pandas.DataFrame
            One row a month: index 1 to 12.

        Both have columns of two levels, group and name. ``"System"`` is what the
        ideal-loads system of a zone moves, heat delivered plus heat removed;
        ``"Heating"`` and ``"Cooling"`` are its two parts; all in J in the hour or
        month: times 2.777e-7 for kWh. ``"Temperature"`` is the mean operative
        temperature of a zone [degC]. The months also have ``"Lights"`` and
        ``"Equipment"``, the electricity of a zone [J]. ``attrs["units"]`` has the
        unit of each group. Coefficients of performance are not in these numbers.

        Raises
        ------
        ModelError
            The model is wrong; says why by design parameter. Nothing has been run.
        EngineError
            The simulation failed; has the messages of the engine.
        """
        if self.findings:
            raise ModelError(
                "; ".join(finding.problem for finding in self.findings),
                where=", ".join(dict.fromkeys(n for f in self.findings for n in f.parameters)),
                hint="; ".join(dict.fromkeys(finding.hint for finding in self.findings)),
            )
        result = run_model(
            self.engine,
            EngineInput(self.model.text, self.model.files),
            self.epw_path,
            timeout=timeout,
        )
        if result.status != "ok":
            raise _failure(result)
        zones = [zone.name for zone in self.model.shoebox.box.zones()]
        return _hourly_table(result, zones), _monthly_table(result, zones)

    def to_epjson(self, path: str | Path | None = None) -> dict[str, Any]:
        """Return the engine's input, and write it where a path is given.

        Parameters
        ----------
        path : path, optional
            A file such as ``"model.epJSON"``; the schedules that it names are
            written beside it.
        """
        if path is not None:
            target = Path(path)
            target.write_bytes(self.model.text)
            for name, content in self.model.files.items():
                (target.parent / name).write_bytes(content)
        return copy.deepcopy(self.model.epjson)

    def explain(self) -> pd.DataFrame:
        """Tell what each parameter of the design did to the model.

        Returns
        -------
        pandas.DataFrame
            One row for each thing that a parameter sets, with the columns

            parameter, value, unit
                the design parameter;
            kind, name, field
                what it sets: a kind of object, object and field of the engine's
                input, or of what stands beside it (the template, the weather
                file, the event that comes of the run);
            before, after
                the figure in the template and in this model; `before` is missing
                where templates say nothing of it;
            quantity
                what these figures are, with their unit.
        """
        import pandas as pd

        rows = explain_design(self.schema, self.storage_vector, self._template, self.model)
        return pd.DataFrame([row.as_dict() for row in rows])

    def __repr__(self) -> str:
        return (
            f"WhiteboxSimulation of {self._template.name!r} in {self.epw_path.name} "
            f"({self.engine.label})"
        )


def _library(library: TemplateLibrary | str | Path | None) -> TemplateLibrary:
    if isinstance(library, TemplateLibrary):
        return library
    return shipped_library() if library is None else read_templates(str(library))


def _failure(result: RunResult) -> EngineError:
    """Return the error of a failed run: the first messages that are no warnings."""
    said = [f"{one.severity}: {one.text}" for one in result.messages if one.severity != "warning"]
    more = len(said) - SHOWN_MESSAGES
    shown = [*said[:SHOWN_MESSAGES], *([f"and {more} more messages"] if more > 0 else [])]
    return EngineError(
        "\n  ".join([f"the simulation ended with status {result.status!r}", *shown]),
        where=f"EnergyPlus {result.engine}, return code {result.return_code}",
        hint="look at .findings, .explain() and .shoebox.view_model(); "
        ".to_epjson(path) writes the model for a run by hand",
    )


def _hourly_table(result: RunResult, zones: list[str]) -> pd.DataFrame:
    series = _system_series(result, zones)
    for zone in zones:
        series["Temperature", zone.upper()] = result.hourly[zone.upper(), TEMPERATURE]
    hours = np.arange(len(next(iter(series.values()))))
    return _table(series, hours, "hour")


def _monthly_table(result: RunResult, zones: list[str]) -> pd.DataFrame:
    series = {key: by_month(hourly) for key, hourly in _system_series(result, zones).items()}
    for group, variable in (("Lights", LIGHTING), ("Equipment", EQUIPMENT)):
        for zone in zones:
            series[group, zone.upper()] = result.monthly[zone.upper(), variable]
    for zone in zones:
        key = zone.upper()
        hourly = result.hourly[key, TEMPERATURE]
        series["Temperature", key] = by_month(hourly) / by_month(np.ones_like(hourly))
    return _table(series, np.arange(1, 13), "month")


def _system_series(result: RunResult, zones: list[str]) -> Series:
    """Return heat delivered and removed by the zones' systems: (8760,) [J]."""
    systems = [ideal_loads_name(zone).upper() for zone in zones]
    parts = {
        group: {system: result.hourly[system, variable] for system in systems}
        for group, variable in (("Heating", HEATING), ("Cooling", COOLING))
    }
    both = {name: parts["Heating"][name] + parts["Cooling"][name] for name in systems}
    return {
        (group, name): values
        for group, named in {"System": both, **parts}.items()
        for name, values in named.items()
    }


def _table(series: Series, index: Any, step: str) -> pd.DataFrame:
    import pandas as pd

    columns = pd.MultiIndex.from_tuples(list(series), names=["group", "name"])
    table = pd.DataFrame(
        np.stack(list(series.values()), axis=1), index=pd.Index(index, name=step), columns=columns
    )
    groups = dict.fromkeys(group for group, _ in series)
    table.attrs["units"] = {group: "degC" if group == "Temperature" else "J" for group in groups}
    return table
