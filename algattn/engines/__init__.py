"""Computer algebra systems behind one protocol: built in, sympy, Singular, Macaulay2, msolve.

Every engine runs as a child process with limits that really stop it; see
:mod:`algattn.engines.process`.  Ask with a task:

>>> from algattn.engines import Dimension, solve
>>> from algattn.exact import QQ, PolynomialRing
>>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
>>> solve(Dimension((x * y,)), "builtin")
1
"""

from algattn.engines.base import Engine, clear_cache
from algattn.engines.check import Check
from algattn.engines.choose import (
    ENGINES,
    Answer,
    Available,
    Explanation,
    answer,
    available,
    choose,
    explain,
    get,
    golden,
    solve,
)
from algattn.engines.ideal_tasks import (
    Cofactors,
    FreeResolution,
    Intersection,
    NormalForm,
    Quotient,
    Radical,
    Resolution,
)
from algattn.engines.process import Limits
from algattn.engines.tasks import (
    Component,
    Degree,
    Dimension,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
    task_from_data,
)

__all__ = [
    "ENGINES",
    "Answer",
    "Available",
    "Check",
    "Cofactors",
    "Component",
    "Degree",
    "Dimension",
    "Elimination",
    "Engine",
    "Explanation",
    "FreeResolution",
    "GroebnerBasis",
    "HilbertSeries",
    "Intersection",
    "Limits",
    "Membership",
    "MinimalPrimes",
    "NormalForm",
    "PrimaryDecomposition",
    "Quotient",
    "Radical",
    "Resolution",
    "Saturation",
    "Task",
    "answer",
    "available",
    "choose",
    "clear_cache",
    "explain",
    "get",
    "golden",
    "solve",
    "task_from_data",
]
