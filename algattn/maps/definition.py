"""What a map is given by: polynomials in any form, and names of parameters and coordinates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from algattn.arguments import checked
from algattn.errors import FieldError, HypothesisError, InputError, ShapeError
from algattn.exact import QQ, Field, NumberField, Polynomial, PolynomialRing
from algattn.exact.field_data import field_from_data
from algattn.exact.polynomials import variable_latex
from algattn.maps.blocks import ASKED, names_of, read_blocks
from algattn.maps.evaluators import Evaluator, Expanded
from algattn.maps.files import arguments
from algattn.maps.symmetries import VectorField
from algattn.maps.texts import GENERATOR, read_all, read_polynomials, read_quotients, spell
from algattn.results import decode, parse_json, text_of
from algattn.results.card import below
from algattn.words import counted, quoted

_RING: dict[str, Any] = {"names": tuple[str, ...], "order": str, "weights": tuple[int, ...]}
_HINT = "use the file as written"
#: Coordinates in one formula, and terms in all of a map that a notebook shows as one.
MAX_LATEX, MAX_LATEX_TERMS = 12, 80


@checked
class MapDefinition:
    """The parts of a map, as :class:`~algattn.maps.PolynomialMap` explains them."""

    def __init__(
        self,
        numerators: Any,
        denominators: Any = None,
        *,
        parameters: Sequence[str] | Mapping[str, Sequence[int]] | None = None,
        coordinates: Sequence[str] | Callable[[], Sequence[str]] | None = None,
        field: Field | None = None,
        symmetries: Sequence[VectorField] = (),
        assume_nonzero: Sequence[Any] = (),
    ) -> None:
        if isinstance(numerators, MapDefinition):
            others = (denominators, parameters, coordinates, field)
            if others != (None,) * 4 or symmetries or assume_nonzero:
                raise InputError(ASKED, "a map has all its parts", "give the map alone")
            self.__dict__.update(numerators.__dict__)
            return
        if isinstance(numerators, Mapping):
            if coordinates is not None:
                hint = "a list of polynomials, or no coordinates="
                raise InputError(ASKED, "the coordinates have names in two places", hint)
            coordinates, numerators = list(numerators), list(numerators.values())
        blocks = read_blocks(parameters)
        names = None if blocks is None else names_of(blocks)
        self._top: Evaluator
        self._bottom: Evaluator | None = None
        if isinstance(numerators, Evaluator):
            if names is None or coordinates is None:
                hint = "parameters= and coordinates="
                raise InputError(ASKED, "an evaluator has no names of its own", hint)
            if denominators is not None and not isinstance(denominators, Evaluator):
                raise InputError(ASKED, "the denominators are no evaluator", "two evaluators")
            self.field: Field = QQ if field is None else field
            self.ring = PolynomialRing(self.field, names)
            self._top, self._bottom = numerators, denominators
        else:
            self._read(numerators, denominators, names, field)
        self.parameters: tuple[str, ...] = self.ring.names[: self._size]
        if not self.parameters or (names is not None and names != self.parameters):
            raise InputError(
                ASKED,
                f"the variables are {quoted(', '.join(self.parameters))}",
                "parameters= names all variables in their order",
            )
        self.shapes: dict[str, tuple[int, ...]] = blocks or dict.fromkeys(self.parameters, ())
        self._labels = coordinates
        if not callable(coordinates):
            _ = self.coordinates  # checks them
        self.declared = tuple(self._bound(s) for s in symmetries)
        self.assume_nonzero = self._assumed(assume_nonzero)

    def _read(
        self, numerators: Any, denominators: Any, names: Sequence[str] | None, field: Field | None
    ) -> None:
        """Set field, ring and evaluators from polynomials in any form."""
        given = list(numerators) if isinstance(numerators, list | tuple) else numerators
        n = len(given) if isinstance(given, list) else 0
        if denominators is not None:
            below = list(denominators)
            if len(below) != n:
                wrong = f"{counted(n, 'numerator')} and {counted(len(below), 'denominator')}"
                raise ShapeError(ASKED, wrong, "one denominator for each coordinate")
            given = given + below
        extended = isinstance(field, NumberField)
        pairs = read_quotients(given, names, QQ if field is None else field)
        self.ring = pairs[0][0].ring
        if min(self.ring.weights) < 1:  # degrees bound what has to be looked at
            wrong = f"the weights of the ring are {self.ring.weights}"
            raise InputError(ASKED, wrong, "positive weights")
        base = QQ if extended else field
        if base is not None and self.ring.field != base:
            raise FieldError(ASKED, f"the polynomials are over {self.ring.field}", f"{field}")
        self.field = self.ring.field if field is None else field
        top, bottom = [p for p, _ in pairs], []
        if denominators is not None or any(q is not None for _, q in pairs):
            bottom = [self.ring(1) if q is None else q for _, q in pairs]
        if denominators is not None:  # (a / b) / (c / d) = a d / b c
            top, below, inner = top[:n], top[n:], bottom
            top = [p * q for p, q in zip(top, inner[n:], strict=True)]
            bottom = [p * q for p, q in zip(below, inner[:n], strict=True)]
        top, bottom = ([self._normal(p) for p in part] for part in (top, bottom))
        if not all(bottom):
            raise InputError(ASKED, "a denominator is zero", "another denominator")
        if bottom and not extended:
            top, bottom = map(list, zip(*map(_lowest, top, bottom), strict=True))
        self._top = Expanded(top, self.field)
        self._bottom = Expanded(bottom, self.field) if any(q != 1 for q in bottom) else None

    @property
    def _size(self) -> int | None:
        """How many variables of the ring are parameters, as the end of a slice."""
        return -1 if isinstance(self.field, NumberField) else None

    def _normal(self, poly: Polynomial) -> Polynomial:
        """A polynomial reduced modulo the minimal polynomial of the generator, if there is one."""
        if not isinstance(self.field, NumberField):
            return poly
        theta = poly.ring.gens()[-1]
        modulus = sum(theta**k * c for k, c in enumerate(self.field.modulus))
        return Polynomial(poly.ring, divmod(poly.flint, modulus.flint)[1])  # type: ignore[union-attr]

    def _bound(self, symmetry: VectorField) -> VectorField:
        if not isinstance(symmetry, VectorField):
            raise InputError(ASKED, f"{quoted(symmetry)} is no symmetry", "VectorField(..)")
        return symmetry.bound(self.ring, self.parameters)

    def _assumed(self, given: Sequence[Any]) -> tuple[Polynomial, ...]:
        """Polynomials in the parameters that are assumed not to vanish, without constants."""
        if isinstance(given, str | Polynomial):
            given = [given]
        if not given:
            return ()
        field = self.field
        found = read_polynomials(given, self.ring.names[: self._size], field)
        if any(p.ring != self.ring for p in found):
            raise InputError(ASKED, "what is assumed is in another ring", f"use {self.ring}")
        found = [self._normal(p) for p in found]
        if not all(found):
            raise InputError(ASKED, "zero is assumed not to be zero", "leave it out")
        return tuple(p for p in dict.fromkeys(found) if not p.flint.is_constant())

    # --- the polynomials ---------------------------------------------------------------------

    @cached_property
    def coordinates(self) -> tuple[str, ...]:
        """The labels of the coordinates."""
        given = self._labels() if callable(self._labels) else self._labels
        n = len(self._top.given) if isinstance(self._top, Expanded) else None
        labels = tuple(given) if given is not None else tuple(f"y_{i + 1}" for i in range(n or 0))
        if not labels or (n is not None and len(labels) != n):
            raise InputError(
                ASKED,
                f"{counted(len(labels), 'name')} for {counted(n or 0, 'coordinate')}",
                "one name for each",
            )
        if not all(isinstance(x, str) and x.isprintable() and x for x in labels):
            raise InputError(ASKED, "a coordinate has no name", "texts")
        if len(set(labels)) != len(labels):
            raise InputError(ASKED, "two coordinates have the same name", "rename one")
        return labels

    @cached_property
    def numerators(self) -> tuple[Polynomial, ...]:
        """The coordinates, or their numerators, as polynomials; made when asked for."""
        return self._expanded(self._top)

    @cached_property
    def denominators(self) -> tuple[Polynomial, ...]:
        """The denominators of the coordinates: 1 for a polynomial map."""
        if self._bottom is None:
            return (self.ring(1),) * len(self.coordinates)
        return self._expanded(self._bottom)

    def _expanded(self, evaluator: Evaluator) -> tuple[Polynomial, ...]:
        found = evaluator.polynomials(self.ring.gens()[: self._size])
        if len(found) != len(self.coordinates):
            wrong = f"{len(found)} polynomials for {len(self.coordinates)} coordinates"
            raise InputError(ASKED, wrong, "mend the evaluator")
        return tuple(map(self._normal, found))

    @property
    def rational(self) -> bool:
        """Whether there are denominators."""
        return self._bottom is not None

    @property
    def polynomials(self) -> tuple[Polynomial, ...]:
        """The coordinates as polynomials over QQ or GF(p).

        Raises
        ------
        HypothesisError
            For a rational map, and over a number field.
        """
        if self.rational or isinstance(self.field, NumberField):
            what = "is rational" if self.rational else f"is over {self.field}"
            hint = "numerators and denominators, or a map with polynomials over QQ or GF(p)"
            raise HypothesisError("take the coordinates as polynomials", f"the map {what}", hint)
        return self.numerators

    @cached_property
    def target(self) -> PolynomialRing:
        """The ring of the coordinates, without degrees; ``y_1, ..`` where labels are no names.

        Over a number field the last variable stands for the generator.
        """
        more = (GENERATOR,) if isinstance(self.field, NumberField) else ()
        try:
            return PolynomialRing(self.ring.field, (*self.coordinates, *more))
        except InputError:
            names = tuple(f"y_{i + 1}" for i in range(len(self.coordinates)))
            return PolynomialRing(self.ring.field, (*names, *more))

    def to_data(self) -> dict[str, Any]:
        """The map as JSON data; :meth:`from_data` is the inverse."""
        parts: dict[str, Any] = {
            "ring": self.ring.to_data(),
            "coordinates": list(self.coordinates),
            "polynomials": list(spell(self.numerators)),
        }
        if self.rational:
            parts["denominators"] = list(spell(self.denominators))
        if isinstance(self.field, NumberField):
            parts["field"] = self.field.to_data()
        if any(self.shapes.values()):
            parts["blocks"] = [[b, list(shape)] for b, shape in self.shapes.items()]
        if self.declared:
            parts["symmetries"] = [
                [s.name, [[x, *spell([p])] for x, p in self._components(s).items()]]
                for s in self.declared
            ]
        if self.assume_nonzero:
            parts["assume_nonzero"] = list(spell(self.assume_nonzero))
        return {"parametrization": parts}

    def _components(self, symmetry: VectorField) -> Mapping[str, Polynomial]:
        if isinstance(symmetry.components, Mapping):
            return symmetry.components
        row = symmetry.at(self.ring.gens()[: self._size], self.parameters, self.field)
        return {self.parameters[j]: self.ring(row[j]) for j in sorted(row)}

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The inverse of :meth:`to_data`."""
        parts = data.get("parametrization") if isinstance(data, Mapping) else None
        keys = {"ring", "coordinates", "polynomials"}
        more = {"denominators", "field", "blocks", "symmetries", "assume_nonzero"}
        if (
            not isinstance(parts, Mapping)
            or len(data) != 1
            or not keys <= set(parts) <= keys | more
        ):
            raise InputError(ASKED, "its parts are others", _HINT)
        if not isinstance(parts["ring"], Mapping) or set(parts["ring"]) != {"field", *_RING}:
            raise InputError(ASKED, "its ring has other parts", _HINT)
        names, order, weights = (decode(kind, parts["ring"][key]) for key, kind in _RING.items())
        ring = PolynomialRing(field_from_data(parts["ring"]["field"]), names, order, weights)

        def read(texts: Any) -> tuple[Polynomial, ...]:
            return read_all(decode(tuple[str, ...], texts), ring)

        pairs = tuple[tuple[str, tuple[int, ...]], ...]
        fields = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
        below, blocks = parts.get("denominators"), parts.get("blocks")
        symmetries = [
            VectorField(
                name, dict(zip([x for x, _ in row], read([t for _, t in row]), strict=True))
            )
            for name, row in decode(fields, parts.get("symmetries", ()))
        ]
        return cls(
            list(read(parts["polynomials"])),
            None if below is None else list(read(below)),
            coordinates=decode(tuple[str, ...], parts["coordinates"]),
            parameters=None if blocks is None else dict(decode(pairs, blocks)),
            field=field_from_data(parts["field"]) if "field" in parts else None,
            symmetries=symmetries,
            assume_nonzero=list(read(parts.get("assume_nonzero", ()))),
        )

    @classmethod
    def from_file(cls, source: Any) -> Self:
        """A map from its JSON file.

        Parameters
        ----------
        source : str, bytes, os.PathLike or open file
            JSON text, or the path of a file with it: an object with ``polynomials`` (texts, or
            texts by the names of the coordinates) and, if wanted, ``denominators``,
            ``parameters``, ``coordinates``, ``field``, ``assume_nonzero`` and ``symmetries``, as
            the constructor takes them; or what :meth:`to_data` gives.  The schema is shipped as
            ``algattn/maps/map.schema.json``.

        Raises
        ------
        InputError, FieldError, ShapeError, LimitError
            With the part that is wrong.

        Examples
        --------
        >>> from algattn.maps import PolynomialMap
        >>> phi = PolynomialMap.from_file('{"polynomials": {"x": "2*t/(1+t^2)"}, "field": "QQ"}')
        >>> phi.coordinates, phi(["1/2"])
        (('x',), [4/5])
        """
        data = parse_json(text_of(source, "read a map"))
        if isinstance(data, Mapping) and "parametrization" in data:
            return cls.from_data(data)
        return cls(**arguments(data))

    @classmethod
    def from_sympy(
        cls,
        expressions: Sequence[Any],
        parameters: Sequence[str] | Mapping[str, Sequence[int]] | None = None,
        *,
        coordinates: Sequence[str] | None = None,
        field: Field | None = None,
        assume_nonzero: Sequence[Any] = (),
    ) -> Self:
        """A map from expressions of sympy, which may be quotients of polynomials.

        Parameters
        ----------
        expressions : sequence of sympy.Expr, or sympy.Matrix
        parameters : sequence of str or sympy.Symbol, or mapping, optional
            As for the constructor; all symbols by name unless given.
        field : QQ, GF(p) or NumberField, optional
            With a number field, numbers such as ``sqrt(2)`` that lie in it are understood.
        coordinates, assume_nonzero
            As for the constructor.

        Raises
        ------
        RingMismatchError, FieldError
            For other expressions.

        Examples
        --------
        >>> import sympy
        >>> from algattn.maps import PolynomialMap
        >>> a, b = sympy.symbols("a b")
        >>> PolynomialMap.from_sympy([a * b, (a + b) / (1 + a**2)], (b, a)).parameters
        ('b', 'a')
        """
        # a matrix of sympy has a length and entries, and is no Iterable
        if isinstance(expressions, str) or not any(
            hasattr(expressions, name) for name in ("__iter__", "__len__")
        ):
            wrong = f"{quoted(expressions)} is not a list"
            raise InputError(ASKED, wrong, "give a list of expressions")
        if parameters is not None and not isinstance(parameters, Mapping):
            parameters = [str(x) for x in parameters]
        return cls(
            expressions if isinstance(expressions, Mapping) else list(expressions),
            parameters=parameters,
            coordinates=coordinates,
            field=field,
            assume_nonzero=assume_nonzero,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MapDefinition):
            return NotImplemented
        return self is other or self.to_data() == other.to_data()

    def __hash__(self) -> int:
        return hash((self.parameters, self.coordinates))

    def latex(self) -> str:
        r"""The coordinates in LaTeX, below each other, up to twelve.

        >>> from algattn import PolynomialMap
        >>> PolynomialMap(["a/(b+1)"]).latex()
        'y_{1} = \\frac{a}{b + 1}'
        """
        shown = zip(self.coordinates[:MAX_LATEX], self.numerators, self.denominators, strict=False)
        lines = []
        for label, p, q in shown:
            value = p.latex() if q == 1 else rf"\frac{{{p.latex()}}}{{{q.latex()}}}"
            lines.append(f"{variable_latex(label)} = {value}")
        return below([*lines, *[r"\ldots"] * (len(self.coordinates) > MAX_LATEX)])

    def _repr_latex_(self) -> str | None:
        """The formulas, where they have been expanded and are short."""
        if not isinstance(self._top, Expanded) or sum(map(len, self.numerators)) > MAX_LATEX_TERMS:
            return None
        return f"$\\displaystyle {self.latex()}$"

    def __repr__(self) -> str:
        kind = "rational map" if self.rational else "polynomial map"
        n = "" if callable(self._labels) else f" to {counted(len(self.coordinates), 'coordinate')}"
        k = counted(len(self.parameters), "parameter")
        return f"<{kind} from {k}{n} over {self.field}>"


def _lowest(top: Polynomial, bottom: Polynomial) -> tuple[Polynomial, Polynomial]:
    """A quotient in lowest terms, the denominator with leading coefficient one."""
    common = top.gcd(bottom)
    p, q = top.divide(common), bottom.divide(common)
    assert p is not None
    assert q is not None
    leading = next(c for _, c in q.terms())
    return p * (1 / leading), q * (1 / leading)
