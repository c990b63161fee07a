"""Ideals whose components are known, or compared between engines."""

from __future__ import annotations

from algattn import GF, Ideal
from algattn.exact import NumberField

ROOT2 = NumberField([-2, 0, 1], 1)
CUBE2 = NumberField([-2, 0, 0, 1], 0)

#: Name, ideal, and (dimension, degree, multiplicity, embedded) of the components; ideals without
#: embedded components have no choice in this.
IDEALS: dict[str, tuple[Ideal, list[tuple[int, int, int, bool]]]] = {
    "twisted cubic": (Ideal(["x^2-w*y", "x*y-w*z", "y^2-x*z"]), [(2, 3, 1, False)]),
    "two of its quadrics": (Ideal(["x^2-w*y", "y^2-x*z"]), [(2, 3, 1, False), (2, 1, 1, False)]),
    "line with an embedded point": (Ideal(["x^2", "x*y"]), [(1, 1, 1, False), (0, 1, 2, True)]),
    "monomials": (
        Ideal(["x^2*y", "x*y^2*z", "x*z^3"]),
        [(2, 1, 1, False), (1, 1, 3, False), (1, 1, 2, True), (0, 1, 12, True)],
    ),
    "edges of a path": (
        Ideal(["a*b", "b*c", "c*d"]),
        [(2, 1, 1, False), (2, 1, 1, False), (2, 1, 1, False)],
    ),
    "rank one 2x3": (Ideal(["a*e-b*d", "a*f-c*d", "b*f-c*e"]), [(4, 3, 1, False)]),
    "two minors of 2x3": (Ideal(["a*e-b*d", "a*f-c*d"]), [(4, 3, 1, False), (4, 1, 1, False)]),
    "double cylinder": (Ideal(["(x^2+y^2-1)^2"]), [(1, 2, 2, False)]),
    "doubled line with a plane": (Ideal(["x*z", "y^2*z"]), [(2, 1, 1, False), (1, 1, 2, False)]),
    "conjugate lines": (Ideal(["x^2-2*y^2"]), [(1, 2, 1, False)]),
    "conjugate points": (Ideal(["x^2+1", "y^2-2"]), [(0, 4, 1, False)]),
    "points that split": (Ideal(["x^2-2", "y^2-2"]), [(0, 2, 1, False), (0, 2, 1, False)]),
    "fat point": (Ideal(["x^2", "x*y", "y^3"]), [(0, 1, 4, False)]),
    "tangent line": (Ideal(["y-x^2", "y"]), [(0, 1, 2, False)]),
    "cusp and node": (
        Ideal(["(y^2-x^3)*(y^2-x^2*(x+1))"]),
        [(1, 3, 1, False), (1, 3, 1, False)],
    ),
    "circle and line": (
        Ideal(["x^2+y^2-1", "x*y"]),
        [(0, 1, 1, False)] * 4,
    ),
    "saturation trap": (
        Ideal(["x*z", "y*z", "z^2-z", "x^3-x*y^2+y^2+x+1-z"]),
        [(1, 3, 1, False), (0, 1, 1, False)],
    ),
    "twisted cubic with a fat vertex": (
        Ideal(["x^2-w*y", "x*y-w*z", "y^2-x*z"]).intersection(
            ["w^3", "x^3", "y^3", "z^3", "w*x*z", "w^2*z", "w*z^2", "x*z^2", "y*w^2"],
            engine="builtin",
        ),
        [(2, 3, 1, False), (0, 1, 46, True)],
    ),
    "cyclic 3": (Ideal(["x+y+z", "x*y+y*z+z*x", "x*y*z-1"]), [(0, 2, 1, False)] * 3),
    "over GF(7), the lines split": (
        Ideal(["x^2-2*y^2"], field=GF(7)),
        [(1, 1, 1, False), (1, 1, 1, False)],
    ),
    "over GF(5), they do not": (Ideal(["x^2-2*y^2"], field=GF(5)), [(1, 2, 1, False)]),
    "over GF(2)": (
        Ideal(["x^2+y^2", "x*y^2"], field=GF(2)),
        [(0, 1, 6, False)],
    ),
    "over GF(32003)": (
        Ideal(["x*y-z^2", "x*z"], field=GF(32003)),
        [(1, 1, 3, False), (1, 1, 1, False)],
    ),
    "over QQ(sqrt 2), the lines split": (
        Ideal(["x^2-2*y^2"], field=ROOT2),
        [(1, 1, 1, False), (1, 1, 1, False)],
    ),
    "over QQ(sqrt 2), a conic": (Ideal(["x^2-theta*y*z"], field=ROOT2), [(2, 2, 1, False)]),
    "over QQ(sqrt 2), not reduced": (
        Ideal(["(x-theta*y)^2", "x*y-theta*y^2"], field=ROOT2),
        [(1, 1, 1, False), (0, 1, 2, True)],
    ),
    "over QQ(cbrt 2)": (
        Ideal(["x^3-2"], field=CUBE2),
        [(0, 1, 1, False), (0, 2, 1, False)],
    ),
    "no zeros": (Ideal(["x*y-1", "x"]), []),
    "all zeros": (Ideal([], ring=Ideal(["x*y"]).ring), [(2, 1, 1, False)]),
}
