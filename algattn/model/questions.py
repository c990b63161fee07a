"""All questions together, in order, and those that a report asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from algattn.attention import questions as attention
from algattn.dimension import map_questions as map_dimension
from algattn.dimension import questions as dimension
from algattn.fibers import map_questions as map_fibers
from algattn.fibers import questions as fibers
from algattn.groebner import map_questions as map_equations
from algattn.groebner import questions as groebner
from algattn.maps import map_questions as map_symmetries
from algattn.questions import QUESTIONS, Question
from algattn.singularities import map_questions as map_points
from algattn.singularities import questions as singularities
from algattn.symbolic import questions as symbolic

__all__ = ["in_order", "section_of", "sections"]

#: The declarations, in the order in which people meet them.
DECLARED = (
    *(attention, symbolic, dimension, fibers, singularities, groebner),
    *(map_symmetries, map_dimension, map_fibers, map_points, map_equations),
)


def in_order() -> list[Question]:
    """The questions, room by room; those declared elsewhere last."""
    rooms = [module.__name__ for module in DECLARED]
    return sorted(
        QUESTIONS.values(), key=lambda q: [*rooms, q.ask.__module__].index(q.ask.__module__)
    )


def section_of(kind: str) -> str:
    """The name of the section of a report that holds results of this kind.

    >>> section_of("deep.fiber"), section_of("point.degree")
    ('fiber', '')
    """
    return next((q.section for q in QUESTIONS.values() if kind in q.kinds), "")


def sections(network: Any, **given: Any) -> Iterator[tuple[Question, dict[str, Any]]]:
    """The questions that a report answers, with their arguments; first about the network alone.

    Parameters
    ----------
    network : Lightning or Softmax
    **given
        ``weights`` and ``function``, or None.
    """
    order = ("", "weights", "function")
    wanted = [q for q in in_order() if q.section and q.applies(network)]
    for part in order:
        for found in wanted:
            needed = {
                n: found.given(n) for n, p in found.parameters.items() if p.default is p.empty
            }
            if max(needed.values(), key=order.index, default="") == part and all(
                given.get(name) is not None for name in needed.values()
            ):
                yield found, {name: given[kind] for name, kind in needed.items()}
