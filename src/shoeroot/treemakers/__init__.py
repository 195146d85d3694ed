"""The TreeMakers that come with shoeroot."""

from shoeroot.treemakers.basics import END_USES, Basics
from shoeroot.treemakers.loads import Loads, building_sums

__all__ = ["END_USES", "Basics", "Loads", "building_sums"]
