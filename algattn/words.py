"""Words and values that people give: checked where they enter, quoted in one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from algattn.errors import InputError

Word = TypeVar("Word", bound=str)

#: How much of an input a message repeats.
QUOTED = 60


def quoted(value: Any) -> str:
    """A value in a message: its ``repr``, at most :data:`QUOTED` characters of one line.

    Examples
    --------
    >>> quoted("KQV"), quoted("x" * 100_000)[-24:]
    ("'KQV'", "'... (100000 characters)")
    """
    if isinstance(value, str) and len(value) > QUOTED:
        return f"{value[: QUOTED // 2]!r}... ({len(value)} characters)"
    try:
        text = repr(value)
    except Exception:  # a foreign object, or an integer too long to print
        text = f"<{type(value).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else f"{text[: QUOTED // 2]}... ({len(text)} characters)"


def counted(n: int, word: str) -> str:
    """A number with its word.

    >>> counted(1, "number"), counted(0, "number")
    ('1 number', '0 numbers')
    """
    return f"{n} {word}{'s' * (n != 1)}"


def quoted_keys(keys: Iterable[Any]) -> str:
    """Keys of an object in a message, sorted as text, in one line.

    >>> quoted_keys({"b", 1, "a"})
    "[1, 'a', 'b']"
    """
    return quoted(sorted(keys, key=str))


def in_lower_case(value: Any, words: Iterable[str]) -> Any:
    """A word in lower case if it is one of the words then, else as it was given."""
    lower = value.lower() if isinstance(value, str) else value
    return lower if lower in words else value


def one_of(value: Any, allowed: Iterable[Word], asked: str, option: str) -> Word:
    """The word, if it is one of the allowed ones.

    Parameters
    ----------
    value : object
        What was given.
    allowed : iterable of str
        In the order in which the message lists them.
    asked : str
        What the caller wanted, for the message.
    option : str
        The name of the option, for the message.

    Raises
    ------
    InputError
        For anything else; the message names the nearest word and all of them.

    Examples
    --------
    >>> one_of("AV", ("AV", "QKV"), "describe a fiber", "params")
    'AV'
    >>> one_of("KQV", ("AV", "QKV"), "describe a fiber", "params")
    Traceback (most recent call last):
    algattn.errors.InputError: describe a fiber: params='KQV' is not known. Try: 'QKV'; \
known are 'AV' and 'QKV'.
    """
    words = list(allowed)
    if isinstance(value, str) and value in words:
        return words[words.index(value)]
    refuse(value, words, asked, option)


def refuse(value: Any, words: Iterable[str], asked: str, option: str) -> NoReturn:
    """Raise the error of :func:`one_of`."""
    listed = [repr(str(w)) for w in words]
    known = f"known {'are' if listed[1:] else 'is'} " + " and ".join(
        [", ".join(listed[:-1]), listed[-1]] if listed[1:] else listed
    )
    word = value[:QUOTED].lower() if isinstance(value, str) else ""
    near = get_close_matches(word, [w.strip("'").lower() for w in listed], 1, 0.5)
    meant = next((w for w in listed if near and w.strip("'").lower() == near[0]), None)
    hint = f"{meant}; {known}" if meant else known
    raise InputError(asked, f"{option}={quoted(value)} is not known", hint)
