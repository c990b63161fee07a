"""Other programs that answer the same questions: cddlib, qhull, and plain enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from algattn.tropical import TropicalAttention


def cdd() -> Any:
    """pycddlib, or skip the test."""
    return pytest.importorskip(
        "cdd.gmp", reason="pycddlib is not installed (it needs libcdd-dev and builds from source)"
    )


def hull_by_cdd(head: TropicalAttention) -> set[int]:
    """Vertices of the upper hull: irredundant lifted points beside the ray downwards."""
    library = cdd()
    rows = list(head.functions.rows)
    data = [[1, *row] for row in rows] + [[0] * (head.dimension + 1) + [-1]]
    matrix = library.matrix_from_array(
        [[Fraction(x) for x in row] for row in data], rep_type=library.RepType.GENERATOR
    )
    redundant = set(library.redundant_rows(matrix))
    return {head.functions.groups[i][0] for i in range(len(rows)) if i not in redundant}


def program_by_cdd(n: int, rows: list[tuple[int, ...]]) -> bool:
    """Whether the rows have an interior point: maximise t <= 1 with a.q + c >= t."""
    library = cdd()
    data = [[row[n], *row[:n], -1] for row in rows] + [[1, *[0] * n, -1]]
    data.append([0, *[0] * n, 1])
    program = library.linprog_from_array(
        [[Fraction(x) for x in row] for row in data], obj_type=library.LPObjType.MAX
    )
    library.linprog_solve(program)
    if program.status != library.LPStatusType.OPTIMAL:
        return False
    return bool(program.obj_value > 0)


def grid_winners(head: TropicalAttention, steps: int = 9, size: float = 12.0) -> set[int]:
    """Keys that win alone somewhere on a grid: a subset of the cells."""
    axes = [np.linspace(-size, size, steps) + 0.01 * axis for axis in range(head.dimension)]
    found = set()
    for point in product(*axes):
        winners = head.argmax([Fraction(x).limit_denominator(1000) for x in point])
        if winners in [frozenset(g) for g in head.functions.groups]:
            found.add(min(winners))
    return found
