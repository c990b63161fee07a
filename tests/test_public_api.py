"""The names that people rely on."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import algattn
from algattn import Lightning
from algattn.errors import AlgattnError
from algattn.questions import QUESTIONS

PUBLIC = {
    "AlgattnError",
    "FunctionMap",
    "GF",
    "Ideal",
    "Lightning",
    "Mask",
    "PolynomialMap",
    "QQ",
    "Softmax",
    "Status",
    "Weights",
    "Window",
    "critical_points",
    "implicitize",
    "load",
    "read_network_file",
    "verify",
}
#: What a network has besides the questions that are declared.
NETWORK = {
    *("d_in", "d_out", "from_data", "kind", "layers", "parameters", "ranks", "to_data", "tokens"),
    "widths",
}
#: Options that may be given by position: the only ones of their calls, or as old as the library.
BY_POSITION = {
    *("derive params", "ed_degree weights", "fiber_ideal params", "map form"),
    *("parametrization params", "random_gauge seed", "random_weights seed", "report weights"),
}
ROOMS = ("algattn.exact", "algattn.attention", "algattn.maps")


def test_names_of_the_package() -> None:
    assert set(algattn.__all__) == PUBLIC
    assert len(algattn.__all__) == len(PUBLIC)
    assert set(dir(algattn)) == PUBLIC
    assert set(algattn._HOMES) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_name_loads_and_is_explained(name: str) -> None:
    value = getattr(algattn, name)
    assert getattr(algattn, name) is value
    assert inspect.getdoc(value)
    home = getattr(value, "__module__", "")
    assert home.startswith("algattn.")


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        algattn.nothing  # noqa: B018


def test_star_import_in_a_fresh_process() -> None:
    code = "from algattn import *; print(Lightning((2, 2), 1), QQ('1/2'), GF(7), Status.PROVED)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Lightning(widths=(2, 2), ranks=(1,), tokens=2) 1/2 GF(7)" in done.stdout


def test_methods_of_networks() -> None:
    net = Lightning(widths=(2, 2), ranks=2)
    asked = {name for name, found in QUESTIONS.items() if found.is_method}
    assert {name for name in dir(net) if not name.startswith("_")} >= NETWORK | asked
    assert len(asked) > 20


@pytest.mark.parametrize("room", ["algattn", *ROOMS])
def test_public_methods_are_explained(room: str) -> None:
    module = importlib.import_module(room)
    silent = []
    for name in module.__all__:
        value = getattr(module, name)
        if not inspect.isclass(value):
            continue
        for attribute, member in vars(value).items():
            plain = inspect.isfunction(member) or isinstance(
                member, property | classmethod | staticmethod
            )
            explained = inspect.getdoc(getattr(value, attribute))
            if plain and not attribute.startswith("_") and not explained:
                silent.append(f"{name}.{attribute}")
    assert not silent


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_list_what_they_have(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__doc__
    assert sorted(module.__all__, key=str.lower) == sorted(set(module.__all__), key=str.lower)
    for name in module.__all__:
        assert inspect.getdoc(getattr(module, name))


def test_mathematical_arguments_come_first_and_options_by_name() -> None:
    assert list(inspect.signature(Lightning).parameters)[:3] == ["widths", "ranks", "tokens"]
    loose = set()
    for found in QUESTIONS.values():
        for name, parameter in found.parameters.items():
            by_name = parameter.kind is inspect.Parameter.KEYWORD_ONLY
            if found.is_method and parameter.default is not parameter.empty and not by_name:
                loose.add(f"{found.name} {name}")
    assert loose == BY_POSITION


def test_the_error_tree() -> None:
    errors = importlib.import_module("algattn.errors")
    names = {
        n for n, c in vars(errors).items() if inspect.isclass(c) and c.__module__ == errors.__name__
    }
    assert names == {
        "AlgattnError",
        "CertificateError",
        "DisagreementError",
        "EngineCrashError",
        "EngineError",
        "EngineNotFoundError",
        "EngineOutputError",
        "FieldError",
        "HypothesisError",
        "InputError",
        "LimitError",
        "RingMismatchError",
        "ShapeError",
        "UndecidedError",
    }
    for name in names:
        kind = getattr(errors, name)
        assert issubclass(kind, AlgattnError)
        error = kind("add A and B", "A is 2x3 and B is 2x2", "transpose A")
        assert str(error) == "add A and B: A is 2x3 and B is 2x2. Try: transpose A."
        assert (error.asked, error.hint) == ("add A and B", "transpose A")
        assert kind.__doc__
