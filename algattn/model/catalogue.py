"""Reading stored results: the one place that knows in which rooms their kinds live."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from algattn.arguments import checked
from algattn.results import Registry, Result, parse_json, text_of

__all__ = ["HOMES", "REGISTRY", "load", "verify"]

#: Modules that define results and evidence, by the first part of their kind.  They are imported
#: when a stored result asks for one.
HOMES = {
    "bias": "bias.certificates bias.diagnosis bias.selections bias.svm bias.training",
    "canonical": "fibers.canonical",
    "completeness": "groebner.complete",
    "deep": "fibers.deep",
    "dimension": "dimension.evidence dimension.family_results dimension.local "
    "dimension.local_evidence dimension.redundancy dimension.results",
    "equivalence": "fibers.equivalence fibers.equivalence_evidence",
    "fiber": "fibers.results",
    "fiberideal": "fibers.fiber_ideal",
    "generic": "fibers.generic",
    "hilbert": "groebner.layer_hilbert",
    "ideal": "groebner.evidence groebner.results",
    "ideals": "groebner.decomposition groebner.decomposition_evidence groebner.ideal_membership",
    "identifiable": "fibers.fiber_points fibers.identifiability fibers.identifiability_evidence",
    "implicit": "groebner.chart groebner.elimination groebner.graph groebner.hilbert "
    "groebner.image_degree groebner.implicit_result groebner.sliced_degree "
    "groebner.unmixed",
    "invariants": "groebner.invariant_comparison",
    "map": "dimension.fiber_below dimension.map_evidence dimension.maps dimension.rank_equations "
    "dimension.slice_grid fibers.component_evidence fibers.map_components fibers.map_degree "
    "groebner.map_fibers groebner.map_primary singularities.map_local "
    "singularities.map_membership singularities.map_singular",
    "membership": "fibers.equations fibers.membership",
    "parametrization": "symbolic.results",
    "path_critical": "paths.critical",
    "path_kernels": "paths.results",
    "path_one_head": "paths.one_head",
    "point": "singularities.critical singularities.degrees singularities.differentials "
    "singularities.ed_degree singularities.functions singularities.loci singularities.nearby "
    "singularities.results",
    "recovery": "fibers.numeric",
    "refuted": "groebner.equations_test",
    "report": "model.report",
    "stable": "groebner.width_uniform",
    "tropical": "tropical.results tropical.stack",
}


def _visit(kind: str) -> None:
    for module in HOMES.get(kind.split(".", 1)[0], "").split():
        import_module(f"algattn.{module}")


#: Every kind of result and evidence.
REGISTRY = Registry(_visit)


def known() -> Registry:
    """The registry, with all kinds imported."""
    for home in HOMES:
        _visit(home)
    return REGISTRY


@checked
def load(source: Any) -> Result:
    """Read any result from its JSON text or its file, without checking it.

    Parameters
    ----------
    source : str, bytes, os.PathLike or open file
        What ``result.to_json()`` gave or ``result.save(path)`` wrote.  Text that starts with ``{``
        is JSON; any other is the path of a file.

    Returns
    -------
    Result
        Of the class that wrote it; ``.status`` is computed anew from the evidence.  A file of
        version 0.1 is judged by today's rules; ``.notes`` says what they dropped.

    Raises
    ------
    InputError
        When it is not a result of algattn, cannot be read or is larger than 128 MB.

    Complexity
    ----------
    Linear in the text; ``.verify()`` costs what its evidence costs.

    Examples
    --------
    >>> from algattn import Lightning
    >>> text = Lightning(widths=(2, 1), ranks=1).dimension().to_json()
    >>> load(text).value, load(text).verify()
    (4, True)
    """
    return Result.read(parse_json(text_of(source, "read a result")), REGISTRY)


@checked
def verify(source: Any) -> bool:
    """Read a result and check all of its evidence again: :func:`load` and ``verify()`` in one.

    Parameters
    ----------
    source : Result, str, bytes, os.PathLike or open file
        A result, or what :func:`load` reads.

    Returns
    -------
    bool
        False when anything in the file is not proved by what is in the file.

    Raises
    ------
    InputError
        When it is not a result of algattn.
    LimitError, UndecidedError
        When a check is too large to be repeated.

    Examples
    --------
    >>> from algattn import Lightning
    >>> text = Lightning(widths=(2, 1), ranks=1).dimension().to_json()
    >>> verify(text), verify(text.replace('"value": 4', '"value": 5'))
    (True, False)
    """
    return (source if isinstance(source, Result) else load(source)).verify()
