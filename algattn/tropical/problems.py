"""What the questions of this room are asked of, as stored in results."""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq

from algattn.errors import InputError
from algattn.tropical.head import Head
from algattn.tropical.joint_heads import Heads
from algattn.tropical.layers import Layer, Layers, read_box

#: Rational bounds for each coordinate.
Sides = tuple[tuple[fmpq, fmpq], ...]


@dataclass(frozen=True)
class RegionsProblem:
    """A stack, and the box in which its regions are counted; None for the whole space."""

    stack: Layers
    box: Sides | None

    @property
    def is_one_layer(self) -> bool:
        """Whether the cells are those of one layer of heads on the whole space."""
        return self.box is None and len(self.stack.layers) == 1 and self.stack.entry is None

    def sides(self) -> Sides | None:
        """The box, which has to fit and to have an interior."""
        found = read_box(self.box, self.stack.dimension)
        return None if found is None else tuple(found)


@dataclass(frozen=True)
class Sizes:
    """The numbers of heads in a layer, keys in a head, and layers, and the dimension."""

    heads: int
    keys: int
    dimension: int
    depth: int


@dataclass(frozen=True)
class BoxRegion:
    """A box."""

    box: Sides


@dataclass(frozen=True)
class GapRegion:
    """The part of the cell of a key where it leads every other score by a number."""

    cell: int
    gap: fmpq


@dataclass(frozen=True)
class HeadsProblem:
    """Heads whose outputs are added, a region, and the error that is allowed."""

    heads: tuple[Head, ...]
    region: BoxRegion | GapRegion
    error: fmpq

    def unpacked(self) -> tuple[tuple[Head, ...], BoxRegion | GapRegion, fmpq]:
        """Heads, region and error, which have to fit together."""
        joint = Heads(self.heads)
        if isinstance(self.region, BoxRegion):
            read_box(self.region.box, joint.dimension)
        elif len(self.heads) != 1:
            raise InputError("certify stability", "a gap is for one head", "use a box")
        return self.heads, self.region, self.error

    def as_stack(self) -> Layers:
        """The heads as one layer."""
        return Layers([Layer(Heads(self.heads), skip=None)])


@dataclass(frozen=True)
class StackProblem:
    """A stack, a box, and the error that is allowed."""

    stack: Layers
    region: BoxRegion
    error: fmpq

    def unpacked(self) -> tuple[Layers, BoxRegion, fmpq]:
        """Layers, region and error, which have to fit together."""
        read_box(self.region.box, self.stack.dimension)
        return self.stack, self.region, self.error

    def as_stack(self) -> Layers:
        return self.stack
