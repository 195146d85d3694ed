"""EnergyPlus shoebox campaigns as nested events in ROOT files, reduced to mini-trees for pandas.

The names below load when first used, so that ``import shoeroot`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from shoeroot import (
        building,
        campaign,
        design,
        engine,
        errors,
        events,
        exports,
        meta,
        minitrees,
        plots,
        records,
        sites,
        testing,
        treemakers,
    )
    from shoeroot.campaign import (
        Campaign,
        WhiteboxSimulation,
        open_campaign,
        resume_campaign,
        run_campaign,
        run_demo,
        sample_designs,
    )
    from shoeroot.design import Schema
    from shoeroot.errors import ShoerootError
    from shoeroot.events import open_events as open  # noqa: A004
    from shoeroot.minitrees import cuts

#: Where each public name lives; a name that stands for a module has no second part.
_HOMES = {
    "Campaign": "shoeroot.campaign:Campaign",
    "Schema": "shoeroot.design:Schema",
    "ShoerootError": "shoeroot.errors:ShoerootError",
    "WhiteboxSimulation": "shoeroot.campaign:WhiteboxSimulation",
    "cuts": "shoeroot.minitrees.cuts",
    "building": "shoeroot.building",
    "campaign": "shoeroot.campaign",
    "design": "shoeroot.design",
    "engine": "shoeroot.engine",
    "errors": "shoeroot.errors",
    "events": "shoeroot.events",
    "exports": "shoeroot.exports",
    "meta": "shoeroot.meta",
    "minitrees": "shoeroot.minitrees",
    "open": "shoeroot.events:open_events",
    "plots": "shoeroot.plots",
    "records": "shoeroot.records",
    "sites": "shoeroot.sites",
    "testing": "shoeroot.testing",
    "treemakers": "shoeroot.treemakers",
    "open_campaign": "shoeroot.campaign:open_campaign",
    "resume_campaign": "shoeroot.campaign:resume_campaign",
    "run_campaign": "shoeroot.campaign:run_campaign",
    "run_demo": "shoeroot.campaign:run_demo",
    "sample_designs": "shoeroot.campaign:sample_designs",
}

__all__ = [
    "Campaign",
    "Schema",
    "ShoerootError",
    "WhiteboxSimulation",
    "__version__",
    "building",
    "campaign",
    "cuts",
    "design",
    "engine",
    "errors",
    "events",
    "exports",
    "meta",
    "minitrees",
    "open",
    "open_campaign",
    "plots",
    "records",
    "resume_campaign",
    "run_campaign",
    "run_demo",
    "sample_designs",
    "sites",
    "testing",
    "treemakers",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'shoeroot' has no attribute {name!r}")
    module, _, inside = home.partition(":")
    loaded = importlib.import_module(module)
    return getattr(loaded, inside) if inside else loaded


def __dir__() -> list[str]:
    return sorted(__all__)
