"""The TreeMakers that come with shoeroot."""

from shoeroot.treemakers.basics import Basics
from shoeroot.treemakers.loads import Loads

__all__ = ["Basics", "Loads"]
