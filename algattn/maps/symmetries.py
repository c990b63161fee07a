"""Vector fields on the parameters along which a map does not change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.arguments import checked
from algattn.errors import InputError
from algattn.exact import Polynomial, PolynomialRing
from algattn.maps.evaluators import Expanded, Row
from algattn.maps.texts import read_polynomials
from algattn.words import quoted

__all__ = ["VectorField"]


@checked
@dataclass(frozen=True)
class VectorField:
    """An infinitesimal symmetry: a name, and the velocity of every parameter.

    Parameters
    ----------
    name : str
    components : mapping, or callable
        From parameters to polynomials in them (Polynomial, text or number), zeros left out; or from
        the values of all parameters, over any ring, to ``{number of a parameter: velocity}``.

    Examples
    --------
    >>> VectorField("scaling", {"k": "k", "v": "-v"})
    VectorField(name='scaling', components={'k': 'k', 'v': '-v'})
    """

    name: str
    components: Mapping[str, Any] | Callable[[Sequence[Any]], Row]

    def bound(self, ring: PolynomialRing, parameters: Sequence[str]) -> VectorField:
        """The same with components in the ring; :class:`InputError` where that is impossible."""
        asked = f"read the symmetry {quoted(self.name)}"
        if not isinstance(self.name, str) or not self.name:
            raise InputError(asked, "its name is no text", "VectorField('scaling', {..})")
        if not isinstance(self.components, Mapping):
            if not callable(self.components):
                raise InputError(asked, "its components are no mapping", "{'x': 'y', 'y': '-x'}")
            return self
        if unknown := [x for x in self.components if x not in parameters]:
            raise InputError(asked, f"there is no parameter {quoted(unknown[0])}", "its names")
        names = list(self.components)
        given = list(self.components.values())
        found = read_polynomials(given, ring.names, ring.field) if given else []
        if any(p.ring.names != ring.names or p.ring.field != ring.field for p in found):
            raise InputError(asked, "its components are in another ring", f"use {ring}")
        moved = (Polynomial(ring, p.flint) for p in found)
        return VectorField(self.name, dict(zip(names, moved, strict=True)))

    def at(self, values: Sequence[Any], parameters: Sequence[str], field: Any) -> Row:
        """The velocities at some values that are not zero, by the number of the parameter."""
        if not isinstance(self.components, Mapping):
            return {j: x for j, x in self.components(values).items() if x != 0}
        found = Expanded(list(self.components.values()), field)(values)
        places = map(list(parameters).index, self.components)
        return {j: x for j, x in zip(places, found, strict=True) if x != 0}
