"""Deep stacks: layers of heads one after the other, at temperature zero.

Reading a stack makes its heads of the classes that are imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.arguments import checked
from algattn.tropical.layers import Layer, Layers, Piece, read_box
from algattn.tropical.multihead import MultiHead
from algattn.tropical.numbers import read_number, read_vector

if TYPE_CHECKING:
    from algattn.tropical.results import RegionsResult, StabilityResult
    from algattn.tropical.warm_stack import WarmStack

__all__ = ["Layer", "MultiHead", "Piece", "Stack", "read_box"]


@checked
class Stack(Layers):
    """Layers of heads, one after the other, at temperature zero.

    Parameters
    ----------
    layers : sequence of Layer
        Every layer but the last needs values.
    entry : (matrix, offset), optional
        An affine map in front: the input is ``u`` and the first layer sees ``matrix @ u + offset``.

    Examples
    --------
    >>> from algattn.tropical import depth_stack
    >>> stack = depth_stack(keys=2, dimension=1, depth=3)
    >>> pieces = stack.cells(box=[(0, 1)])
    >>> len(pieces), len({p.map for p in pieces})
    (8, 8)
    """

    def regions(
        self, *, box: Any = None, time_limit: float | None = None, progress: bool = False
    ) -> RegionsResult:
        """Count cells, linear regions and components, with evidence; see :mod:`.regions`."""
        from algattn.tropical.regions import regions

        return regions(self, box=box, time_limit=time_limit, progress=progress)

    def at(self, x: Any, temperature: Any, *, bits: int = 128) -> WarmStack:
        """The stack at a positive temperature, in ball arithmetic; see :mod:`.warm_stack`."""
        from algattn.tropical.warm_stack import WarmStack

        point = read_vector(x, "evaluate a stack", dimension=self.dimension)
        return WarmStack(self, point, read_number(temperature, "read a temperature"), bits)

    def stability(self, *, error: Any, box: Any) -> StabilityResult:
        """A temperature below which the output in a box is near its limit.

        Examples
        --------
        >>> from algattn.tropical import depth_stack
        >>> stack = depth_stack(keys=2, dimension=1, depth=2)
        >>> result = stack.stability(error="1/100", box=[("1/16", "1/8")])
        >>> result.temperature, result.status.name
        (Fraction(1939, 50000), 'PROVED')
        """
        from algattn.tropical.stability import stability

        return stability(self, error=error, box=box)
