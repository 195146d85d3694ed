"""Record types: frozen dataclasses with a unit and a description for each field.

`about` declares a field, `RecordType.of` describes a class, `Simulation` and `Site` are the
record types that come with shoeroot. `columns_from_records` turns records into arrays.
"""

from __future__ import annotations

from shoeroot.records.changes import compute, converter, drop, fill, rename
from shoeroot.records.compare import first_difference, records_equal
from shoeroot.records.evolution import Evolution
from shoeroot.records.fields import Field, about
from shoeroot.records.html import html_of_fields, html_of_type
from shoeroot.records.pack import stripes_from_columns, stripes_from_records
from shoeroot.records.record_type import RecordType
from shoeroot.records.simulation import (
    Design,
    EndUse,
    Message,
    Simulation,
    Surface,
    Zone,
    ZoneHourly,
)
from shoeroot.records.site import (
    AdminUnit,
    BuiltUp,
    ClimateMonth,
    Flood,
    NightLight,
    ParticulateMatter,
    Route,
    Site,
)
from shoeroot.records.stripes import Column, Step, Stripe, Stripes, frame_offsets
from shoeroot.records.text import describe_fields, render, type_label
from shoeroot.records.unpack import (
    class_from_type,
    column_from_stripes,
    columns_from_records,
    records_from_stripes,
)

__all__ = [
    "AdminUnit",
    "BuiltUp",
    "ClimateMonth",
    "Column",
    "Design",
    "EndUse",
    "Evolution",
    "Field",
    "Flood",
    "Message",
    "NightLight",
    "ParticulateMatter",
    "RecordType",
    "Route",
    "Simulation",
    "Site",
    "Step",
    "Stripe",
    "Stripes",
    "Surface",
    "Zone",
    "ZoneHourly",
    "about",
    "class_from_type",
    "column_from_stripes",
    "columns_from_records",
    "compute",
    "converter",
    "describe_fields",
    "drop",
    "fill",
    "first_difference",
    "frame_offsets",
    "html_of_fields",
    "html_of_type",
    "records_equal",
    "records_from_stripes",
    "rename",
    "render",
    "stripes_from_columns",
    "stripes_from_records",
    "type_label",
]
