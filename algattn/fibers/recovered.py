"""Recovered weights: a tuple, with what has to be said about them."""

from __future__ import annotations

from collections.abc import Iterable

from algattn.attention import Weights


class Recovered(tuple[Weights, ...]):
    """One tuple of weights for each class.

    Attributes
    ----------
    remarks : tuple of (str or None)
        For each class why its weights are not over the field of the function, or None.

    Examples
    --------
    >>> from algattn import Lightning, Weights
    >>> net = Lightning(widths=(3, 3), ranks=2, tokens=1)
    >>> form = [[1, 0, 0], [0, 1, 0], [0, 0, -3]]
    >>> wide = Lightning(widths=(3, 3), ranks=3, tokens=1)
    >>> f = wide.function(Weights(A=[form], V=[[[1, 2, 0], [0, 1, 0], [0, 0, 1]]]))
    >>> print(*net.recover(f).remarks)
    none exist over QQ: it has no zero over the 2-adic numbers (Hasse-Minkowski)
    """

    remarks: tuple[str | None, ...]

    @classmethod
    def of(cls, found: Iterable[tuple[Weights, str | None]]) -> Recovered:
        """Weights with their remarks."""
        pairs = list(found)
        self = cls(weights for weights, _ in pairs)
        self.remarks = tuple(remark for _, remark in pairs)
        return self
