"""The arguments of public calls, checked before the call: one decorator for all that people type.

A keyword that does not exist is refused with what exists, and the options that many calls share
(``seed``, ``time_limit``, ``progress``, ``engine``, ``field``) mean the same everywhere.  The
signature decides which ``TypeError`` is refused, so that one from inside is never hidden.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import wraps
from math import isnan
from operator import index
from types import FunctionType, MappingProxyType
from typing import Any, NoReturn, TypeVar, cast

from algattn.errors import AlgattnError, InputError
from algattn.words import QUOTED, in_lower_case, one_of, quoted

__all__ = ["check_seconds", "check_seed", "check_whole", "checked", "checked_with", "wrap_methods"]

Public = TypeVar("Public", bound=Callable[..., Any])

#: From the first choice to the last resort; :data:`algattn.engines.ENGINES` are the engines.
ENGINE_NAMES = ("singular", "msolve", "macaulay2", "builtin", "sympy")
MOST_SEEDS = 2**62
#: What other libraries call an option.
SYNONYMS = {
    "timeout": "time_limit",
    "limit": "time_limit",
    "verbose": "progress",
    "random_state": "seed",
    "rng": "seed",
    "degree": "max_degree",
    "backend": "engine",
    "modulus": "prime",
    "p": "prime",
}


# --- the checks --------------------------------------------------------------------------------


def check_whole(
    value: Any,
    asked: str,
    name: str,
    least: int = 0,
    most: int | None = None,
    error: type[AlgattnError] = InputError,
) -> int:
    """A whole number in a range; numbers of numpy count, truth values do not.

    >>> check_whole(3, "prune", "head", 0, 2)
    Traceback (most recent call last):
    algattn.errors.InputError: prune: head is 3. Try: a whole number from 0 to 2.
    """
    try:
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        reach = f"{least} on" if most is None else f"{least} to {most}"
        raise error(asked, f"{name} is {quoted(value)}", f"a whole number from {reach}")
    return number


def check_seed(value: Any, asked: str) -> int:
    """A seed: a whole number from 0 on, below :data:`MOST_SEEDS`."""
    return check_whole(value, asked, "seed", 0, MOST_SEEDS - 1)


def check_seconds(value: Any, asked: str) -> float | None:
    """A time limit: None, or a number of seconds from 0 on."""
    if value is None:
        return None
    try:
        seconds = float(value)
        sane = not isinstance(value, str | bool) and seconds >= 0 and not isnan(seconds)
    except (TypeError, ValueError, OverflowError):
        sane = False
    if not sane:
        raise InputError(
            asked, f"the time limit is {quoted(value)}", "a number of seconds from 0 on, or None"
        )
    return value if isinstance(value, int) else seconds


def check_flag(value: Any, asked: str) -> bool:
    """Whether to show progress: True or False."""
    if not isinstance(value, bool):
        raise InputError(asked, f"progress is {quoted(value)}", "True or False")
    return value


def engine_name(value: Any, asked: str = "choose an engine") -> str:
    """The name of an engine, in lower case."""
    return one_of(in_lower_case(value, ENGINE_NAMES), ENGINE_NAMES, asked, "engine")


def check_engine(value: Any, asked: str) -> str | None:
    """None, or the name of an engine, whether or not the call comes to need it."""
    return None if value is None else engine_name(value, asked)


def check_executor(value: Any, asked: str) -> Any:
    """None, or something with ``map``."""
    if value is not None and not callable(getattr(value, "map", None)):
        raise InputError(asked, f"executor is {quoted(value)}", "a concurrent.futures.Executor")
    return value


#: What an option of this name is, in every call that has it.
CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "seed": check_seed,
    "time_limit": check_seconds,
    "progress": check_flag,
    "engine": check_engine,
    "executor": check_executor,
}


# --- the decorator -----------------------------------------------------------------------------


def checked(public: Public) -> Public:
    """A function, or a class with its constructor and public methods, that checks its arguments.

    Raises
    ------
    InputError
        By the call, for a keyword that does not exist, a missing argument, or one too many, and
        for a shared option that is out of range.

    Examples
    --------
    >>> @checked
    ... def area(width, *, height=1, seed=0):
    ...     return width * height
    >>> area(2, height=3)
    6
    >>> area(2, heigth=3)
    Traceback (most recent call last):
    algattn.errors.InputError: call area: there is no keyword 'heigth'. Try: 'height'; the \
call takes width, height and seed.
    >>> area(2, seed=True)
    Traceback (most recent call last):
    algattn.errors.InputError: call area: seed is True. Try: a whole number from 0 to \
4611686018427387903.
    """
    return checked_with({})(public)


def checked_with(explained: Mapping[str, str]) -> Callable[[Public], Public]:
    """:func:`checked` with advice for keywords that people try."""

    def decorate(public: Public) -> Public:
        if isinstance(public, type):
            wrap_methods(public, explained)
            return cast("Public", public)
        return cast("Public", _wrapped(public, explained))

    return decorate


def wrap_methods(cls: type, explained: Mapping[str, str] = MappingProxyType({})) -> None:
    """Check the arguments of the constructor and the public methods that a class itself defines."""
    for name, member in list(vars(cls).items()):
        if name.startswith("_") and name not in ("__init__", "__call__"):
            continue
        if isinstance(member, classmethod | staticmethod):
            if not hasattr(member.__func__, "__wrapped__"):
                setattr(cls, name, type(member)(_wrapped(member.__func__, explained)))
        elif isinstance(member, FunctionType) and not hasattr(member, "__wrapped__"):
            setattr(cls, name, _wrapped(member, explained))


def _wrapped(function: Any, explained: Mapping[str, str]) -> Any:
    signature = inspect.signature(function)
    checks = [(name, CHECKS[name]) for name in signature.parameters if name in CHECKS]
    # A call without options that are checked needs no look at the signature, which costs 10 us.
    options = {name for name, _ in checks}
    before = min(map(list(signature.parameters).index, options), default=len(signature.parameters))
    # a default that is out of range means "unless given"
    defaults = {name: signature.parameters[name].default for name, _ in checks}

    def bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
        try:
            return signature.bind(*args, **kwargs)
        except TypeError as error:
            _refuse(function, signature, args, kwargs, error, explained)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) <= before and options.isdisjoint(kwargs):
            try:
                return function(*args, **kwargs)
            except TypeError:
                bind(args, kwargs)  # refuses a call that does not fit; else it came from inside
                raise
        bound = bind(args, kwargs)
        for name, check in checks:
            given = bound.arguments.get(name, defaults[name])
            if given is not defaults[name]:
                bound.arguments[name] = check(given, f"call {_name(function, signature, args)}")
        return function(*bound.args, **bound.kwargs)

    return call


def _name(function: Any, signature: inspect.Signature, args: tuple[Any, ...]) -> str:
    """``Lightning.dimension`` for a method, and ``Lightning`` for the constructor."""
    owner, _, last = function.__qualname__.rpartition(".")
    # a question is written outside of the class that has it
    if args and (owner or "self" in signature.parameters):
        owner = args[0].__name__ if isinstance(args[0], type) else type(args[0]).__name__
    return owner if last in ("__init__", "__call__") else f"{owner}.{last}".lstrip(".")


def _refuse(
    function: Any,
    signature: inspect.Signature,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    error: TypeError,
    explained: Mapping[str, str],
) -> NoReturn:
    names = [n for n in signature.parameters if n not in ("self", "cls")]
    asked = f"call {_name(function, signature, args)}"
    takes = f"takes {_listed(names)}" if names else "takes no arguments"
    unknown = next((k for k in kwargs if k not in names), None)
    if unknown is None:
        raise InputError(asked, str(error), f"the call {takes}") from None
    wrong = f"there is no keyword {quoted(unknown)}"
    if unknown in explained:
        raise InputError(asked, f"{wrong}; {explained[unknown]}", f"the call {takes}") from None
    near = [SYNONYMS[unknown]] if SYNONYMS.get(unknown) in names else []
    near = near or get_close_matches(unknown[:QUOTED].lower(), names, 1, 0.5)
    hint = f"{near[0]!r}; the call {takes}" if near else f"the call {takes}"
    raise InputError(asked, wrong, hint) from None


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
