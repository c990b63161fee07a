"""Questions: each is declared once, with everything that follows from it.

A room writes its public questions into a light module ``questions.py`` of functions with signature
and docstring, whose bodies import the work when they are called.  A class of networks names them
in its body, so that they are its methods.  The report, the command line and the table of
questions read the declarations; the claims and the evidence are those of the kinds of results.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

__all__ = ["QUESTIONS", "Question", "question"]

Ask = TypeVar("Ask", bound=Callable[..., Any])


@dataclass(frozen=True)
class Question:
    """A question, and where people meet it.

    Attributes
    ----------
    ask : callable
        With the signature and the docstring; a method when its first parameter is ``self``: of
        maps where it stands in a module ``map_questions``, else of networks.
    kinds : tuple of str
        The kinds of results that it may give; none where the answer is plain data.
    command : str
        How the command line asks, such as "fiber --generic"; nothing when it does not.
    usage : tuple of str
        Arguments of the command in its examples.
    decides : bool
        Whether the answer is yes or no, and the command's exit code tells.
    section : str
        Its name in a report; nothing when it is not part of one.
    theorem : callable, optional
        Gives the :class:`~algattn.attention.theorems.Theorem` behind the answer; a report asks
        about the networks that it covers.
    brief : callable, optional
        The options with which a report asks a network, or None: it would take too long.
    named : str
        The name of a method of another class than networks, such as "bias.AttentionSVM.solve".
    """

    ask: Callable[..., Any]
    kinds: tuple[str, ...] = ()
    command: str = ""
    usage: tuple[str, ...] = ()
    decides: bool = False
    section: str = ""
    theorem: Callable[[], Any] | None = None
    brief: Callable[[Any], Mapping[str, Any] | None] | None = None
    named: str = ""

    @property
    def subject(self) -> str:
        """What has it as a method: "network", "map", or nothing."""
        if self.named or next(iter(inspect.signature(self.ask).parameters), "") != "self":
            return ""
        return "map" if self.ask.__module__.endswith(".map_questions") else "network"

    @property
    def is_method(self) -> bool:
        """Whether networks have it."""
        return self.subject == "network"

    @property
    def name(self) -> str:
        """That of the method (with ``map.`` for one of maps), or of the function with its room."""
        room = {"network": "", "map": "map."}.get(
            self.subject, f"{self.ask.__module__.split('.')[1]}."
        )
        return self.named or f"{room}{self.ask.__name__}"

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The parameters by name, without ``self``."""
        found = dict(inspect.signature(self.ask).parameters)
        found.pop("self", None)
        return found

    @cached_property
    def documented(self) -> dict[str, tuple[str, str]]:
        """Type and description of the parameters, as the docstring has them.

        >>> def ask(self, metric="unit"):
        ...     '''Ask.
        ...
        ...     Parameters
        ...     ----------
        ...     metric : {"unit", "generic"}
        ...         The sum of squares, or
        ...         a random form.
        ...     '''
        >>> Question(ask).documented
        {'metric': ('{"unit", "generic"}', 'The sum of squares, or a random form.')}
        """
        text = inspect.getdoc(self.ask) or ""
        part = re.search(r"^Parameters\n-+\n(.*?)(?=\n\n\S|\Z)", text, re.DOTALL | re.MULTILINE)
        found: dict[str, tuple[str, str]] = {}
        for entry in re.split(r"\n(?=\S)", part[1] if part else ""):
            head, _, rest = entry.partition("\n")
            names, _, kind = head.partition(" : ")
            found |= dict.fromkeys(names.split(", "), (kind, " ".join(rest.split())))
        return found

    def choices(self, parameter: str) -> list[str]:
        """The words that a parameter takes, where it takes words."""
        kind = self.documented.get(parameter, ("", ""))[0]
        return re.findall(r'"(\w+)"', kind) if kind.startswith("{") else []

    @property
    def call(self) -> str:
        """How to ask in Python, with the arguments that have no default."""
        needed = [n for n, p in self.parameters.items() if p.default is p.empty]
        return f"{'network.' * self.is_method}{self.name}({', '.join(needed)})"

    @property
    def answer(self) -> str:
        """The type of the answer, in words."""
        return str(inspect.signature(self.ask).return_annotation).replace("networkx.", "")

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.ask) or "").partition("\n")[0]

    def given(self, parameter: str) -> str:
        """Which part of an input a parameter is: "weights", "function", or nothing.

        >>> def both(self, first: Weights, function: FunctionMap | None = None): ...
        >>> Question(both).given("first"), Question(both).given("function")
        ('weights', 'function')
        """
        kind = str(self.parameters[parameter].annotation).removesuffix(" | None")
        return {"Weights": "weights", "FunctionMap": "function"}.get(kind, "")

    def applies(self, network: Any) -> bool:
        """Whether a report asks it about this network."""
        covered = self.theorem is None or self.theorem().covers(network)
        return hasattr(network, self.name) and bool(covered)


#: Every question that is declared in the modules imported so far, by name.
QUESTIONS: dict[str, Question] = {}


def question(kinds: str = "", **rest: Any) -> Callable[[Ask], Ask]:
    """Declare the function as a question; it stays the function that it is.

    Parameters
    ----------
    kinds : str
        Kinds of results, with spaces.
    **rest
        The other attributes of :class:`Question`.

    Raises
    ------
    TypeError
        When there is no docstring, or the name is that of another question.
    """

    def declare(ask: Ask) -> Ask:
        found = Question(ask, tuple(kinds.split()), **rest)
        other = QUESTIONS.get(found.name)
        if other is not None and other.ask.__module__ != ask.__module__:
            raise TypeError(f"{found.name} is declared in {other.ask.__module__}, too")
        if not found.summary:
            raise TypeError(f"{found.name} has no docstring")
        QUESTIONS[found.name] = found
        return ask

    return declare
