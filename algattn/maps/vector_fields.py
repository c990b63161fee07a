"""Vector fields that a search has found, and what is checked about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

from algattn.arguments import checked
from algattn.errors import DisagreementError, InputError
from algattn.exact import GF, Field, Matrix, Polynomial
from algattn.exact.polynomials import variable_latex
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.symmetries import VectorField
from algattn.maps.texts import read_all, spell
from algattn.results import Status, decode
from algattn.results.card import below, tex
from algattn.words import quoted

__all__ = ["KINDS", "VectorFields"]

#: What may be asked for, and what it says.
KINDS = {
    "fiber": "along them the map does not change",
    "affine": "along them the map does not change",
    "projective": "along them the map moves on lines through the origin",
    "equivariant": "along them the map moves by linear maps and translations",
}
#: Characters of fields in one line.
MAX_SHOWN = 120
_FIELDS = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@checked
@dataclass(frozen=True, eq=False)
class VectorFields(Sequence[VectorField]):
    """Independent vector fields on the parameters of a map.

    Attributes
    ----------
    problem : PolynomialMap
    kind : {"fiber", "affine", "projective", "equivariant"}
        Along the fields the map does not change, and their components are forms of the degree, or
        polynomials of at most the degree; or along them (of at most the degree) the map is
        multiplied by :attr:`factors`, or moved by a linear map and a translation.
    degree : int
        Of the components.
    fields : tuple of VectorField
    factors : tuple of Polynomial
        For the kind "projective".
    complete : bool
        Whether a search has shown that they span all there are.  A file does not tell it.

    Notes
    -----
    In characteristic p they are what they say, but bound neither the fibers nor the dimension of
    the image: d/dx does not change x^p.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["a*b", "b*c"]).symmetries()
    <1 field of degree 1 along which the map does not change [PROVED]: a ∂a - b ∂b + c ∂c>
    """

    problem: PolynomialMap
    kind: str
    degree: int
    fields: tuple[VectorField, ...]
    factors: tuple[Polynomial, ...] = ()
    complete: bool = False

    def __len__(self) -> int:
        return len(self.fields)

    @overload
    def __getitem__(self, position: int) -> VectorField: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[VectorField, ...]: ...
    def __getitem__(self, position: Any) -> Any:
        return self.fields[position]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VectorFields):
            return NotImplemented
        return self is other or self.to_data() == other.to_data()

    def __hash__(self) -> int:
        return hash((self.kind, self.degree, len(self.fields)))

    def check(self, *, seed: int = 0) -> Status:
        """Check again that the map changes along each field as it should.

        Returns
        -------
        Status
            PROVED for identities of polynomials; PROBABLE when the map is too large to expand.

        Raises
        ------
        DisagreementError
            With the first field that is none.
        """
        self._check_degrees()
        self._check_independence()
        if self.kind == "equivariant":
            from algattn.maps.equivariance import Equivariances

            rules = Equivariances(self.problem)
            for field in self.fields:
                if rules.of(field) is None:
                    wrong = "along it the map does not move by a linear map and a translation"
                    raise DisagreementError(
                        f"check the symmetry {field.name}", wrong, "leave it out"
                    )
            return Status.PROVED
        return self.problem.check_fields(self.fields, self.factors, seed=seed)

    def _check_degrees(self) -> None:
        """The components have the degree that is said (`fields` given by functions are let be)."""
        least = self.degree if self.kind == "fiber" else 0
        k = len(self.problem.parameters)
        for field in self.fields:
            if isinstance(field.components, Mapping):
                for p in field.components.values():
                    if any(not least <= sum(e[:k]) <= self.degree for e, _ in p.terms()):
                        wrong = f"it has a component that is not of degree {self.degree}"
                        raise DisagreementError(
                            f"check the symmetry {quoted(field.name)}", wrong, "leave it out"
                        )

    def _check_independence(self) -> None:
        """No field is a combination of others."""
        k, over, rows = len(self.problem.parameters), self.problem.field, []
        if any(not isinstance(f.components, Mapping) for f in self.fields):
            return
        for field in self.fields:
            row: dict[Any, Any] = {}
            for x, p in dict(field.components).items():  # type: ignore[arg-type]
                for e, c in p.terms():
                    at = (x, *e[:k])
                    here = c if len(e) == k else over([*[0] * e[k], c])
                    row[at] = row.get(at, over(0)) + over(here)
            rows.append(row)
        places = sorted({at for row in rows for at in row})
        dense = [[row.get(at, over(0)) for at in places] for row in rows]
        if dense and (not places or Matrix(over, dense).rank() < len(rows)):
            raise DisagreementError("check symmetries", "they are dependent", "leave some out")

    @cached_property
    def status(self) -> Status:
        """That of the fields, checked when first asked for."""
        return self.check()

    def rank(self, point: Any = None, *, prime: int | None = None, seed: int = 0) -> int:
        """How many directions they give at a point.

        Parameters
        ----------
        point : sequence or mapping, optional
            Exact numbers; a random point modulo a prime unless given, where the rank is at most
            the largest one.
        prime : int, optional
            Of the random point, or to reduce the point.
        seed : int

        Examples
        --------
        >>> from algattn import PolynomialMap
        >>> turns = PolynomialMap(["x^2+y^2+z^2"]).symmetries()
        >>> len(turns), turns.rank(), turns.rank([0, 0, 0])
        (3, 2, 0)
        """
        phi, names = self.problem, self.problem.parameters
        if point is None:
            prime = prime or next(phi.primes())
            values = phi.random_point(seed, prime)
        else:
            values = phi.values(point)
        field: Field = phi.field
        if prime is not None:
            field = GF(prime)
            values = [field(x) for x in values]
        rows = [f.at(values, names, phi.field) for f in self.fields]
        dense = [[row.get(j, 0) for j in range(len(names))] for row in rows]
        return Matrix(field, dense).rank() if dense else 0

    # --- data and print ----------------------------------------------------------------------

    def to_data(self) -> dict[str, Any]:
        """The fields as JSON data, with the map; :meth:`from_data` is the inverse."""
        fields = []
        for f in self.fields:
            assert isinstance(f.components, Mapping)
            row = [[x, *spell([p])] for x, p in f.components.items()]
            fields.append([f.name, row])
        return {
            "map": self.problem.to_data(),
            "kind": self.kind,
            "degree": self.degree,
            "fields": fields,
            "factors": list(spell(self.factors)),
        }

    @classmethod
    def from_data(cls, data: Any) -> VectorFields:
        """Read fields, without checking them; `.status` does."""
        asked, hint = "read vector fields", "use the file as written"
        parts = {"map", "kind", "degree", "fields", "factors"}
        if not isinstance(data, Mapping) or set(data) != parts or data["kind"] not in KINDS:
            raise InputError(asked, "its parts are others", hint)
        phi = PolynomialMap.from_data(data["map"])
        fields = []
        for name, row in decode(_FIELDS, data["fields"]):
            found = read_all(tuple(text for _, text in row), phi.ring)
            components = dict(zip([x for x, _ in row], found, strict=True))
            fields.append(VectorField(name, components).bound(phi.ring, phi.parameters))
        factors = read_all(decode(tuple[str, ...], data["factors"]), phi.ring)
        if len(factors) != (len(fields) if data["kind"] == "projective" else 0):
            raise InputError(asked, "there is not a factor for each field", hint)
        return cls(phi, data["kind"], decode(int, data["degree"]), tuple(fields), factors)

    def _spelled(self, field: VectorField, latex: bool = False) -> str:
        """A field as a sum of derivations."""
        assert isinstance(field.components, Mapping)
        pieces = []
        for x, p in field.components.items():
            text = p.latex() if latex else str(p)
            along = rf"\partial_{{{variable_latex(x)}}}" if latex else f"∂{x}"
            text = {"1": "", "-1": "-"}.get(text, f"({text}) " if len(p) > 1 else f"{text} ")
            pieces.append(text + along)
        return " + ".join(pieces).replace("+ -", "- ") or "0"

    def _sentence(self) -> str:
        """How many there are, of what, and the status."""
        n, word = len(self.fields), "degree" if self.kind == "fiber" else "at most degree"
        moves = {"projective": "moves on lines", "equivariant": "moves by affine maps"}
        what = moves.get(self.kind, "does not change")
        several = not self.problem.rational and len(self.problem.blocks()) > 1
        if self.kind == "equivariant" and several:
            what += " and multiples of its blocks"
        count = str(n or "no") if self.complete else f"at least {n}"
        many = "s" * (n > 1 or (not n and not self.complete))
        kind = f"{count} field{many} of {word} {self.degree}"
        return f"{kind} along which the map {what} [{self.status.name}]"

    def __repr__(self) -> str:
        n, shown = len(self.fields), [self._spelled(f) for f in self.fields[:3]]
        while len(", ".join(shown)) > MAX_SHOWN:
            shown.pop()
        more = [f"and {n - len(shown)} more"] if 0 < len(shown) < n else []
        listed = ": " * bool(shown) + ", ".join([*shown, *more])
        return f"<{self._sentence()}{listed}>"

    def text(self) -> str:
        """What they are, and each field in its line.

        >>> from algattn import PolynomialMap
        >>> print(PolynomialMap(["a*b", "c"]).symmetries().text())
        1 field of degree 1 along which the map does not change [PROVED]
          -a ∂a + b ∂b
        """
        return "\n  ".join([self._sentence(), *map(self._spelled, self.fields)])

    def latex(self) -> str:
        r"""The fields in LaTeX.

        >>> from algattn import PolynomialMap
        >>> PolynomialMap(["x^2+y^2"]).symmetries().latex()
        'y \\partial_{x} - x \\partial_{y}'
        """
        return r",\ ".join(self._spelled(f, latex=True) for f in self.fields)

    def _repr_latex_(self) -> str:
        said = rf"\text{{{tex(self._sentence())}}}"
        return f"${below([said, *(self._spelled(f, latex=True) for f in self.fields)])}$"
