"""Several heads: the common refinement of their diagrams, by search or by a Minkowski sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import fmpq

from algattn.arguments import checked
from algattn.progress import Monitor
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.joint_heads import Heads
from algattn.tropical.numbers import read_number, read_vector

if TYPE_CHECKING:
    from algattn.tropical.diagram import PowerDiagram
    from algattn.tropical.results import RegionsResult, StabilityResult
    from algattn.tropical.warm_stack import WarmStack


@checked
class MultiHead(Heads):
    """Several heads on one query space; their outputs are added.

    Parameters
    ----------
    heads : TropicalAttention, or sequence of them
        Heads of one query dimension (and one value dimension, when they have values).

    Examples
    --------
    >>> x = TropicalAttention(keys=[[0, 0], [1, 0]])
    >>> y = TropicalAttention(keys=[[0, 0], [0, 1]])
    >>> [c.index for c in MultiHead([x, y]).cells()]
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """

    heads: tuple[TropicalAttention, ...]

    def diagram(
        self, *, backend: str = "auto", time_limit: float | None = None, progress: bool = False
    ) -> PowerDiagram:
        """The joint diagram: the power diagram of the Minkowski sum, cells named by tuples.

        Parameters and errors are those of :meth:`TropicalAttention.diagram`.
        """
        with Monitor("join the diagrams", time_limit=time_limit, progress=progress) as monitor:
            return self._joint(backend).within(time_limit=monitor.remaining, progress=progress)

    def _joint(self, backend: str) -> PowerDiagram:
        from algattn.tropical.diagram import PowerDiagram

        envelope, labels = self._sum(backend)
        keep = sorted(
            (tuple(group[0] for group in self._groups(labels[i])), i) for i in envelope.essential
        )
        scale = 1
        for head in self.heads:
            scale *= head.functions.scale
        joint = TropicalAttention(
            keys=[[fmpq(x, scale) for x in envelope.rows[i][:-1]] for _, i in keep],
            biases=[fmpq(envelope.rows[i][-1], scale) for _, i in keep],
        )
        return PowerDiagram(joint, backend=backend, names=tuple(name for name, _ in keep))

    def at(self, q: Any, temperature: Any, *, bits: int = 128) -> WarmStack:
        """The sum of the heads at a positive temperature; see :mod:`.warm_stack`."""
        from algattn.tropical.layers import Layer, Layers
        from algattn.tropical.warm_stack import WarmStack

        point = read_vector(q, "evaluate a stack", dimension=self.dimension)
        tau = read_number(temperature, "read a temperature")
        return WarmStack(Layers([Layer(self, skip=None)]), point, tau, bits)

    def regions(
        self, *, box: Any = None, time_limit: float | None = None, progress: bool = False
    ) -> RegionsResult:
        """Count cells, linear regions and components, with evidence; see :mod:`.regions`."""
        from algattn.tropical.regions import regions

        return regions(self, box=box, time_limit=time_limit, progress=progress)

    def stability(self, *, error: Any, box: Any) -> StabilityResult:
        """A temperature below which the output in a box is near its limit."""
        from algattn.tropical.stability import stability

        return stability(self, error=error, box=box)
