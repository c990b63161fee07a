"""The engines that come with algattn: FLINT's Buchberger algorithm, and sympy as last resort."""

from __future__ import annotations

import json
import sys

from algattn.engines.base import ChildEngine
from algattn.engines.ideal_tasks import Cofactors
from algattn.engines.process import Limits, Run, run_child
from algattn.engines.reduction import as_basis
from algattn.engines.tasks import Elimination, GroebnerBasis, Task
from algattn.engines.transcript import marker

_NEEDS_MORE = {
    "primary": "it has no primary decomposition",
    "primes": "it has no decomposition into primes",
    "radical": "it finds no radicals",
    "resolution": "it has no free resolutions",
}


class LocalEngine(ChildEngine):
    """An engine that runs in ``python -m algattn.engines.worker``, so that limits can stop it."""

    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        order = {"engine": self.name, "nonce": nonce, "task": task.to_data()}
        argv = [sys.executable, "-m", "algattn.engines.worker"]
        text = json.dumps(order)
        return run_child(argv, stdin=text, limits=limits, end=marker(nonce) + "end", python=True)

    def supports(self, task: Task) -> bool | str:
        basis = as_basis(task)
        if basis.kind in _NEEDS_MORE:
            return _NEEDS_MORE[basis.kind]
        if isinstance(basis, Cofactors):
            return True
        assert isinstance(basis, GroebnerBasis | Elimination)
        if set(basis.target.weights) != {1}:
            return "it has no weighted orders"
        if isinstance(basis, Elimination) and basis.degree_bound is not None:
            return "it has no degree bound"
        return True


class Builtin(LocalEngine):
    """FLINT's Buchberger algorithm over the integers, then autoreduction.

    >>> Builtin().version() == __import__("flint").__version__
    True
    """

    name = "builtin"

    def version(self) -> str:
        from importlib.metadata import version

        return version("python-flint")

    def supports(self, task: Task) -> bool | str:
        if task.ring.field.characteristic:
            return "FLINT's Buchberger algorithm works over QQ only"
        return super().supports(task)


class Sympy(LocalEngine):
    """sympy's Groebner bases: slow, and always there.

    >>> Sympy().name
    'sympy'
    """

    name = "sympy"

    def version(self) -> str:
        from importlib.metadata import version

        return version("sympy")
