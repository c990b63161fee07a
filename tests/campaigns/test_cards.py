"""What people see of every kind of result, and what they may do with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
import sympy
from corpus import corpus, kinds

from algattn import Lightning, Softmax, Status, Weights
from algattn.errors import UndecidedError
from algattn.model.catalogue import REGISTRY
from algattn.results import Card, CardRow, Grid, ListLike, NumberLike, Result, TruthLike

TAGS = {"b", "code", "details", "div", "span", "sub", "summary", "sup", "table", "td", "tr"}
ATTRIBUTES = {"style", "title", "rowspan", "colspan"}
PAGES = {"#ffffff": "#000000", "#111827": "#ffffff"}  # light and dark, with their text


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


class Page(HTMLParser):
    """Checks tags, attributes and contrast while it reads; gathers the words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open = [("", page, PAGES[page])]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag in TAGS
        assert set(given) <= ATTRIBUTES
        style = dict(part.split(":", 1) for part in (given.get("style") or "").split(";") if part)
        ground, text = (
            above if (found := style.get(name, "inherit")) in {"inherit", "transparent"} else found
            for name, above in zip(("background-color", "color"), self.open[-1][1:], strict=True)
        )
        self.open.append((tag, ground, text))
        assert contrast(*self.open[-1][1:]) >= 4.5

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def visible(html: str) -> str:
    for page in PAGES:
        reader = Page(page)
        reader.feed(html)
        reader.close()
        assert len(reader.open) == 1
    return " ".join(reader.words)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[./]\d+)?", text))


def check_latex(text: str) -> None:
    bare = re.sub(r"\\[\\{}$&%#_^]", "", text)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") == 0
    begun, ended = (re.findall(rf"\\{word}{{(\w+)}}", text) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended)
    depth = 0
    for mark in re.findall("[{}]", bare):
        depth += 1 if mark == "{" else -1
        assert depth >= 0


def test_every_card_shows_what_the_text_says_and_nothing_that_notebooks_strip() -> None:
    for name, result in corpus().items():
        card = result.card()
        seen = visible(result._repr_html_())
        assert numbers(card.text()) <= numbers(seen), name
        assert unescape(card.answer) in seen
        assert f"{card.status}" in seen
        assert "How do we know?" in seen
        assert "result.verify()" in seen
        assert all(reason.statement[1:] in seen for reason in card.reasons)
        assert f"{card.question}  [{result.status}]\n  {card.answer}." in card.text()
        assert result.text() == card.text() or result.kind == "report.network"
        assert result.to_data()["sentence"] == card.answer == result.sentence()
        check_latex(result.latex())


@pytest.mark.parametrize("status", Status)
def test_badges(status: Status) -> None:
    text = visible(Card("Is it?", "Yes", status).html())
    assert re.search(rf"[✓§≈~] {status}\b", text)


def test_matrices_in_all_renderings() -> None:
    grid = Grid([[1, "-1/2"], ["θ + 1", 0]])
    assert grid.text() == "[[1, -1/2], [θ + 1, 0]]"
    assert grid.latex() == r"\begin{pmatrix} 1 & -\tfrac{1}{2} \\ \theta + 1 & 0 \end{pmatrix}"
    assert visible(grid.html()).split() == ["1", "-1/2", "θ", "+", "1", "0"]
    large = Grid([[n] * 40 for n in range(40)])
    assert visible(large.html()).count("⋯") == 16
    assert large.latex().count(r"\vdots") == 1
    assert Grid([]).text() == "[]"
    row = CardRow("V_2 =", grid)
    assert "V<sub>2</sub> =" in row.html()
    assert row.latex().startswith(r"V_{2} =\ \begin{pmatrix}")
    assert "&lt;script&gt;" in CardRow("<script>", "<script>").html()


def test_a_fiber_shows_components_and_witnesses() -> None:
    net = Lightning((2, 1), 1)
    found = net.fiber(Weights(K=[[[1, 2]]], Q=[[[3, 4]]], V=[[[5, 7]]]))
    seen = visible(found.html())
    assert len(found) == 2
    for n, component in enumerate(found, 1):
        assert f"component {n}:" in seen
        assert component.witness.content().html() in found.html()
        assert component.witness.content().latex() in found.latex()
    deep = Lightning((2, 2, 1), 1)
    found = deep.fiber(deep.random_weights(1))
    assert all(c.witness.content().html() in found.html() for c in found)
    assert "K<sub>2</sub>" in found.html()
    assert all(repr(c.witness) in found.text() for c in found)


@pytest.mark.parametrize("kind", [Lightning, Softmax])
def test_different_functions_show_an_input_and_both_values(kind: type) -> None:
    net = kind((2, 2), 1)
    found = net.equivalent(net.random_weights(1), net.random_weights(2))
    seen, point = visible(found.html()), found.witness
    assert not found
    assert Grid(point.X).html() in found.html()
    assert f"{point.left} and {point.right}" in seen


def classes(like: type) -> Iterator[type]:
    known = REGISTRY.loaded()
    return (known[kind] for kind in sorted(kinds(Result)) if issubclass(known[kind], like))


def results(like: type) -> Iterator[Result]:
    return (result for result in corpus().values() if isinstance(result, like))


def test_numbers_compute() -> None:
    for cls in classes(NumberLike):
        assert cls.__eq__ is NumberLike.__eq__, "@dataclass(eq=False)"
        assert cls.__hash__ is NumberLike.__hash__
    r, s = (Lightning((2, n), 1).dimension() for n in (1, 2))
    assert (r.value, s.value) == (4, 6)
    assert (int(r), float(r), r + 1, 1 + r, r - s, 10 - r, 3 * r, r * s) == (
        4,
        4.0,
        5,
        5,
        -2,
        6,
        12,
        24,
    )
    assert (-r, r / 8, 8 / r, r // 3, r % 3, sum([r, s]), divmod(int(r), 3)) == (
        -4,
        0.5,
        2.0,
        1,
        1,
        10,
        (1, 1),
    )
    assert r == 4 == r
    assert r != 5
    assert r == 4.0
    assert r != "4"
    assert r != None  # noqa: E711
    assert r < s
    assert r <= 4 < s
    assert s > r
    assert s >= 6 > r
    assert sorted([s, r]) == [r, s]
    assert max(r, s) is s
    assert [*range(r)] == [0, 1, 2, 3]
    assert "abcdef"[r] == "e"
    assert hash(r) == hash(4)
    assert {4: "four"}[r] == "four"
    assert sympy.Integer(r) == 4
    assert sympy.Symbol("x") + r == r + sympy.Symbol("x") == sympy.Symbol("x") + 4
    assert (np.arange(3) * r).tolist() == (r * np.arange(3)).tolist() == [0, 4, 8]
    assert (np.arange(5) == r).tolist() == [False] * 4 + [True]
    with pytest.raises(TypeError):
        r < "4"  # noqa: B015
    with pytest.raises(TypeError):
        r + "4"


def test_two_results_are_equal_when_all_of_them_is() -> None:
    r, s = (Lightning((2, n), 1).dimension() for n in (1, 2))
    again = Lightning((2, 1), 1).dimension(seed=0)
    assert r == replace(r)
    assert r == again
    assert hash(r) == hash(again)
    assert r != s
    assert r != replace(r, claims=())
    other = Lightning((1, 2), 1, tokens=1).dimension()
    assert other != replace(other, problem=r.problem)


def test_a_number_between_bounds() -> None:
    r = replace(Lightning((2, 1), 1).dimension(), lower=3, upper=7)
    assert r != 4
    assert r < 8
    assert not r < 3
    assert r <= 7
    assert r > 2
    assert r >= 3
    assert not r > 7
    assert r < Lightning((4, 4), 4).dimension()
    for act in (int, float, range, lambda r: r + 1, lambda r: r < 5, lambda r: r >= 5):
        with pytest.raises(UndecidedError, match="3 <= n <= 7"):
            act(r)
    assert bool(r)


def test_all_specimens_behave_like_what_they_answer() -> None:
    for result in results(NumberLike):
        low, high = result.bounds
        assert low <= high
        assert (result == high) is (low == high)
    for result in results(TruthLike):
        assert bool(result) is result.value
    for result in results(ListLike):
        assert list(result) == [result[n] for n in range(len(result))]
        assert list(result[:1]) == list(result)[:1]
    for like in (NumberLike, TruthLike, ListLike):
        assert {type(r) for r in results(like)} == set(classes(like))
