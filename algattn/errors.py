"""The error tree. Every message has three parts: what was asked, what is wrong, what to do."""

from __future__ import annotations

from typing import Any

#: How long a part of a message is at most.
LONGEST = 400


class AlgattnError(Exception):
    """Base of every error raised on purpose.

    Parameters
    ----------
    asked : str
        What the caller wanted.
    wrong : str
        What stands in the way, with numbers and shapes.
    hint : str
        What to do about it.

    Examples
    --------
    >>> raise ShapeError("multiply A by B", "A is 2x3 and B is 2x2", "transpose A")
    Traceback (most recent call last):
    algattn.errors.ShapeError: multiply A by B: A is 2x3 and B is 2x2. Try: transpose A.
    """

    def __init__(self, asked: str, wrong: str, hint: str) -> None:
        super().__init__(asked, wrong, hint)
        self.asked = asked
        self.wrong = wrong
        self.hint = hint

    def __str__(self) -> str:
        asked, wrong, hint = (_shortened(x) for x in (self.asked, self.wrong, self.hint))
        return f"{asked}: {wrong}. Try: {hint}."


def _shortened(part: str) -> str:
    """A part of a message; what is longer than it can be by itself repeats some large input."""
    return part if len(part) <= LONGEST else f"{part[: LONGEST // 2]} .. {part[-LONGEST // 4 :]}"


class InputError(AlgattnError, ValueError):
    """Text or data from outside that cannot be understood."""


class ShapeError(AlgattnError, ValueError):
    """Sizes that do not fit together."""


class FieldError(AlgattnError, ValueError):
    """A number that is not in the field, or a field that cannot answer the question."""


class RingMismatchError(AlgattnError, ValueError):
    """Objects of different rings were combined."""


class HypothesisError(AlgattnError, ValueError):
    """A theorem was asked for outside its hypotheses; the message names both."""


class UndecidedError(AlgattnError):
    """The question has an answer, but it was not found; ``evidence`` holds what is known."""

    def __init__(self, asked: str, wrong: str, hint: str, evidence: Any = None) -> None:
        super().__init__(asked, wrong, hint)
        self.evidence = evidence


class LimitError(AlgattnError):
    """A size or time limit was reached; ``partial`` holds what is proved so far."""

    def __init__(self, asked: str, wrong: str, hint: str, partial: Any = None) -> None:
        super().__init__(asked, wrong, hint)
        self.partial = partial


class CertificateError(AlgattnError):
    """Evidence that does not prove what it claims."""


class DisagreementError(AlgattnError):
    """Two routes to one answer differ; ``answers`` holds both."""

    def __init__(self, asked: str, wrong: str, hint: str, answers: Any = None) -> None:
        super().__init__(asked, wrong, hint)
        self.answers = answers


class EngineError(AlgattnError):
    """A computer algebra system could not do its part; ``transcript`` holds what it printed."""

    def __init__(self, asked: str, wrong: str, hint: str, transcript: str = "") -> None:
        super().__init__(asked, wrong, hint)
        self.transcript = transcript


class EngineNotFoundError(EngineError):
    """The system is not installed; the hint holds the install line."""


class EngineCrashError(EngineError):
    """The system stopped before its end marker."""


class EngineOutputError(EngineError):
    """The system answered something that cannot be read or does not pass our check."""
