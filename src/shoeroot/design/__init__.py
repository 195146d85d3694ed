"""Designs as numbers: schema, schedule operations, sampling, batches on disk."""

from shoeroot.design.batches import read_designs, read_sampling, write_designs
from shoeroot.design.duplicates import Duplicates, find_duplicates
from shoeroot.design.ml import MLBatch
from shoeroot.design.parameters import (
    BuildingTemplateParameter,
    FloatArray,
    IndexParameter,
    MassParameter,
    NumericParameter,
    OneHotParameter,
    Parameter,
    RValueParameter,
    SchedulesParameter,
    ShoeboxGeometryParameter,
    ShoeboxOrientationParameter,
    WindowParameter,
)
from shoeroot.design.rows import DesignRows
from shoeroot.design.sampling import (
    sample_latin_hypercube,
    sample_normal,
    sample_sobol,
    sample_uniform,
)
from shoeroot.design.schedules import apply_operations
from shoeroot.design.schema import Schema
from shoeroot.design.shares import ShareMethod, draw_shares
from shoeroot.design.variations import perturb, product, sample_grid
from shoeroot.design.vocabulary import (
    CLIMATE_ZONES,
    CLIMATEZONES,
    HOURS,
    ORIENTATIONS,
    PROGRAMS,
    RESTYPES,
    SCHEDULE_OPERATIONS,
)

__all__ = [
    "CLIMATEZONES",
    "CLIMATE_ZONES",
    "HOURS",
    "ORIENTATIONS",
    "PROGRAMS",
    "RESTYPES",
    "SCHEDULE_OPERATIONS",
    "BuildingTemplateParameter",
    "DesignRows",
    "Duplicates",
    "FloatArray",
    "IndexParameter",
    "MLBatch",
    "MassParameter",
    "NumericParameter",
    "OneHotParameter",
    "Parameter",
    "RValueParameter",
    "SchedulesParameter",
    "Schema",
    "ShareMethod",
    "ShoeboxGeometryParameter",
    "ShoeboxOrientationParameter",
    "WindowParameter",
    "apply_operations",
    "draw_shares",
    "find_duplicates",
    "perturb",
    "product",
    "read_designs",
    "read_sampling",
    "sample_grid",
    "sample_latin_hypercube",
    "sample_normal",
    "sample_sobol",
    "sample_uniform",
    "write_designs",
]
