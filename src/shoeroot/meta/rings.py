"""Polygons that hold others: which surface is in which, and the outline without its holes."""

from __future__ import annotations

from collections import defaultdict

from shoeroot.meta.expand import ZoneFaces
from shoeroot.meta.geometry import Ring

__all__ = ["children_of", "outline_of"]

#: A wall with a hole goes round its own corners, once more to its first, and round the hole.
_MORE_CORNERS = 4


def children_of(faces: ZoneFaces) -> list[int]:
    """Give the parent of each surface, from 0, or -1; also where polygons alone tell."""
    parents = list(faces.parents)
    corners = [frozenset(ring) for ring in faces.rings]
    at: dict[int, list[int]] = defaultdict(list)
    for place, own in enumerate(corners):
        for vertex in own:
            at[vertex].append(place)
    for place, own in enumerate(corners):
        if parents[place] != -1:
            continue
        # A wall goes round what is in it: more corners than its child, and all of those.
        for other in at[faces.rings[place][0]]:
            enough = len(faces.rings[other]) >= len(own) + _MORE_CORNERS
            if enough and other != place and own < corners[other]:
                parents[place] = other
                break
    return parents


def outline_of(ring: Ring) -> Ring:
    """Give the outer ring of a wall: without the walk round the holes in it."""
    first = ring[0]
    for place in range(3, len(ring)):
        if ring[place] == first:
            return ring[:place]
    return ring
