"""The TreeMakers that come with shoeroot."""

from shoeroot.treemakers.basics import Basics
from shoeroot.treemakers.design import Design
from shoeroot.treemakers.diagnostics import Diagnostics
from shoeroot.treemakers.envelope import Envelope
from shoeroot.treemakers.loads import Loads
from shoeroot.treemakers.monthly import Monthly
from shoeroot.treemakers.quality import Quality

__all__ = ["Basics", "Design", "Diagnostics", "Envelope", "Loads", "Monthly", "Quality"]
