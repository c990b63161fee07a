"""Commands that follow from the declarations of questions; their options are the parameters.

A question declared with the command "fiber --generic" is asked by that command when the flag is
given; "degree --ed=metric" says that the option gives the parameter ``metric`` as well.  Several
questions of one command without a flag are told apart by what the input has.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from algattn.cli.commands import render
from algattn.cli.common import FORMAT, OUTPUT, PLAIN, main, method_of, network_options, write_text
from algattn.cli.exits import FALSE, OK
from algattn.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from concurrent.futures import Executor

JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes."
)
TYPES: dict[str, Any] = {"int": click.INT, "float": click.FLOAT, "str": click.STRING}
#: How to read parameters of questions of maps that have no type of the command line.
READERS: dict[str, Callable[[str], Any]] = {}


def pool(count: int) -> AbstractContextManager[Executor | None]:
    """An executor with so many processes, or none."""
    if count == 1:
        return nullcontext()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def flag_of(question: Question) -> tuple[str, str]:
    """The option that chooses the question, and the parameter that it gives: ("ed", "metric")."""
    _, _, flag = question.command.partition(" --")
    name, _, parameter = flag.partition("=")
    return name, parameter


def option(question: Question, name: str) -> Any:
    """The option for a parameter, or None: it is part of the input, or nothing for a shell."""
    parameter = question.parameters[name]
    if question.given(name) or (name == "seed" and question.is_method):
        return None  # --seed is an option of every network
    if name == "executor":
        return JOBS
    kind = str(parameter.annotation).removesuffix(" | None")
    spelled = "--" + name.replace("_", "-")
    rest: dict[str, Any] = {"help": help_of(question, name)}
    if question.subject == "map" and name in READERS:
        text = question.documented[name][0]
        several = READERS[name] is str and ("sequence of" in text or "list of" in text)
        rest |= {"callback": partial(_read, READERS[name]), "multiple": several}
        also = ("--of",) if name == "h" else ()
        needed = parameter.default is parameter.empty
        return click.option(*also, spelled, name, required=needed, **rest)
    if kind == "bool":
        return click.option(f"{spelled}/--no-{spelled[2:]}", name, default=None, **rest)
    if words := question.choices(name):
        rest["type"] = click.Choice(words)
    elif kind in TYPES:
        rest["type"] = TYPES[kind]
    else:
        return None
    return click.option(spelled, name, required=parameter.default is parameter.empty, **rest)


def _read(
    reader: Callable[[str], Any], context: click.Context, parameter: click.Parameter, value: Any
) -> Any:
    """What the texts of an option stand for; None when it was not given."""
    if isinstance(value, tuple):
        return [reader(text) for text in value] or None
    return None if value is None else reader(value)


def help_of(question: Question, name: str) -> str:
    """The first words of the description of a parameter, without markup, and its default."""
    text = question.documented.get(name, ("", ""))[1]
    text = re.sub(r":\w+:|`", "", text.partition(";")[0].partition(". ")[0]).rstrip(".")
    default = question.parameters[name].default
    plain = isinstance(default, int | float | str) and not isinstance(default, bool)
    return (f"{text}." if text else "") + (f"  [default: {default}]" if plain else "")


def options(questions: list[Question]) -> Iterator[Any]:
    seen = set()
    for question in questions:
        flag, parameter = flag_of(question)
        if flag and parameter:
            words = click.Choice(question.choices(parameter))
            yield click.option(f"--{flag}", type=words, help=f"{question.summary[:-1]} instead.")
        elif flag:
            yield click.option(f"--{flag}", is_flag=True, help=f"{question.summary[:-1]} instead.")
        for name in question.parameters:
            if name not in seen and name != parameter and (found := option(question, name)):
                yield found
            seen.add(name)


def asked(questions: list[Question], options: dict[str, Any]) -> list[Question]:
    """The question that a flag asks for, or else those of the command without a flag."""
    flags = {flag_of(q)[0]: q for q in questions}
    plain = [q for q in questions if not flag_of(q)[0]]
    found = [q for flag, q in flags.items() if flag and options.get(flag.replace("-", "_"))]
    if len(found) > 1:
        one, other, *_ = (flag_of(q)[0] for q in found)
        raise click.UsageError(f"give --{one} or --{other}, not both")
    return found or plain


def chosen(questions: list[Question], given: Any, options: dict[str, Any]) -> Question:
    """The first question asked for which the input has the parts; flags are no options of it."""
    found = asked(questions, options)
    for flag, parameter in map(flag_of, questions):
        if flag and (value := options.pop(flag.replace("-", "_"), None)) and parameter:
            options[parameter] = value
    fits = (q for q in found if all(getattr(given, p, given) for p in needed(q).values() if p))
    return next(fits, found[0])


def needed(question: Question) -> dict[str, str]:
    """The parameters that have no default, each with the part of the input that it is."""
    found = question.parameters.items()
    return {name: question.given(name) for name, p in found if p.default is p.empty}


def inputs(question: Question, given: Any) -> dict[str, Any]:
    """The parts of the input that the question needs; a function is that of the weights."""
    from algattn.errors import InputError

    found = {}
    for name, part in needed(question).items():
        if part:
            found[name] = getattr(given, part)
            if found[name] is None:
                if given.weights is None:
                    wrong = f"it has no {part}"
                    raise InputError("read the input", wrong, "add weights, or --seed")
                found[name] = method_of(given.network, "function")(given.weights)
    return found


def command(
    name: str, questions: list[Question], subject: Callable[[Any], Any] | None = None
) -> click.Command:
    """The command that asks one of the questions, of a network or of another subject.

    Parameters
    ----------
    name : str
    questions : list of Question
    subject : callable, optional
        A decorator that reads what is asked about, where that is no network.
    """
    first = questions[0]

    def draw(options: dict[str, Any]) -> bool:
        found = asked(questions, options)
        if click.get_current_context().params.get("file") and "seed" in found[0].parameters:
            return False  # --seed is that of the question
        return any(part for q in found for part in needed(q).values())

    def run(given: Any = None, *, style: str, output: str | None, **options: Any) -> None:
        found = {key: value for key, value in options.items() if value is not None}
        question = chosen(questions, given, found)
        _refuse_others(questions, question, found)
        context = click.get_current_context()
        seed = context.params.get("seed")
        if seed is not None and "seed" in question.parameters:
            found["seed"] = seed
        with pool(found.pop("jobs", 1)) as executor:
            if executor is not None:
                found["executor"] = executor
            if question.is_method:
                ask = method_of(given.network, question.name)
                result = ask(**inputs(question, given), **found)
            elif question.subject == "map":
                result = getattr(given, question.ask.__name__)(**found)
            else:
                result = question.ask(**found)
        write_text(output, render(result, style))
        if question.decides:
            sys.exit(OK if result.value else FALSE)

    decorated: Any = run
    style = FORMAT if any(q.kinds for q in questions) else PLAIN
    for decorate in (OUTPUT, style, *reversed([*options(questions)])):
        decorated = decorate(decorated)
    if subject is not None:
        decorated = subject(decorated)
    elif first.is_method:
        decorated = network_options(decorated, draw=draw)
    usage = "\n".join(f"algattn {name} {words}" for q in questions for words in q.usage)
    text = first.summary + " (exit 0: yes, 1: no)" * first.decides
    text += f"\n\n\b\n{usage}" if usage else ""
    return click.command(name.rpartition(" ")[2], help=text)(decorated)


def _refuse_others(questions: list[Question], question: Question, given: dict[str, Any]) -> None:
    """Refuse options of the other questions of the command."""
    for name in given:
        if name in question.parameters or name == "jobs":
            continue
        flag = next(flag_of(q)[0] for q in questions if name in q.parameters)
        goes = f"goes with --{flag}" if flag else f"does not go with --{flag_of(question)[0]}"
        raise click.UsageError(f"--{name.replace('_', '-')} {goes}")


def by_command(known: Mapping[str, Any], before: str = "") -> dict[str, list[Question]]:
    """The questions whose commands begin with some words and are not known, by the next word."""
    found: dict[str, list[Question]] = {}
    for question in QUESTIONS.values():
        words = question.command.partition(" --")[0]
        name = words.removeprefix(before)
        if words.startswith(before) and name and " " not in name and name not in known:
            found.setdefault(name, []).append(question)
    return found


def add_commands() -> None:
    """Every declared question whose command is not written by hand gets one."""
    for name, questions in by_command(main.commands).items():
        main.add_command(command(name, questions))
