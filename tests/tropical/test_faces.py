"""Files, command line, pictures."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from algattn.cli import main
from algattn.errors import AlgattnError, HypothesisError, InputError
from algattn.tropical import MultiHead, Stack, TropicalAttention, depth_stack, read_tropical_file

HEAD: dict[str, Any] = {
    "keys": [[0, 0], [2, 0], [0, 2]],
    "values": [[0], [1], [1]],
    "biases": [0, -1, "-1/2"],
}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "head.json"
    path.write_text(json.dumps(HEAD))
    return str(path)


def run(*arguments: str, text: str | None = None, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["tropical", *arguments], input=text)
    assert result.exit_code == code, result.output
    return result.output


def test_files_of_every_shape() -> None:
    head = read_tropical_file(json.dumps(HEAD))
    assert isinstance(head, TropicalAttention)
    assert head.to_data() == HEAD
    joint = read_tropical_file(json.dumps({"heads": [HEAD, HEAD], "comment": "two"}))
    assert isinstance(joint, MultiHead)
    stack = depth_stack(keys=2, dimension=1, depth=2).restrict([0], [[2]])
    again = read_tropical_file(json.dumps(stack.to_data()))
    assert isinstance(again, Stack)
    assert again.to_data() == stack.to_data()
    floats = read_tropical_file('{"keys": [[0.5]]}', floats=True)
    assert isinstance(floats, TropicalAttention)
    assert floats.sites[0][0] == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        "{",
        '{"keys": [[0.5]]}',
        '{"keys": [[1]], "heads": []}',
        '{"keys": [[1]], "colour": 1}',
        '{"heads": {}}',
        '{"heads": []}',
        '{"heads": [3]}',
        '{"layers": [{}]}',
        '{"layers": [{"heads": [{"keys": [[1]]}]}], "more": 1}',
        '{"schema": "other", "keys": [[1]]}',
        '{"keys": 7}',
        '{"keys": [[1], [1, 2]]}',
        '{"layers": 5}',
        '{"layers": [{"heads": 5}]}',
        '{"layers": [{"heads": [{"keys": [[1]], "values": [1]}]}], "entry": 5}',
        '{"layers": [{"heads": [{"keys": [[1]], "values": [1]}]}], "entry": [5, [1]]}',
    ],
)
def test_files_that_say_nothing_sensible(text: str) -> None:
    with pytest.raises(AlgattnError):
        read_tropical_file(text)
    output = run("regions", "-", text=text, code=2)
    assert output.startswith("algattn: ")
    assert "Try:" in output


def test_regions_on_the_command_line(file: str, tmp_path: Path) -> None:
    output = run("regions", file)
    assert "3 routing cells, 2 linear regions" in output
    assert "PROVED" in output
    stored = tmp_path / "result.json"
    run("regions", file, "--box", "-1,1;-1,1", "--format", "json", "-o", str(stored))
    assert json.loads(stored.read_text())["problem"]["box"] == [[-1, 1], [-1, 1]]
    assert CliRunner().invoke(main, ["verify", str(stored)]).exit_code == 0
    stored.write_text(stored.read_text().replace('"value": 3', '"value": 4'))
    assert CliRunner().invoke(main, ["verify", str(stored)]).exit_code == 1
    assert "not a box" in run("regions", file, "--box", "1", code=2)
    run("regions", file, "--time-limit", "0", code=3)


def test_diagram_on_the_command_line(file: str, tmp_path: Path) -> None:
    output = run("diagram", file)
    assert "vertex (1/2, 1/4): cells 0, 1, 2" in output
    data = json.loads(run("diagram", file, "--format", "json"))
    assert data["weights"] == [0, 2, 3]
    assert [c["index"] for c in data["cells"]] == [0, 1, 2]
    assert data["cells"][0]["vertices"] == [["1/2", "1/4"]]
    joint = json.dumps({"heads": [HEAD, HEAD]})
    assert "cell (0, 0)" in run("diagram", "-", text=joint)
    stack = json.dumps(depth_stack(keys=2, dimension=1, depth=1).to_data())
    assert "stack" in run("diagram", "-", text=stack, code=2)


def test_bounds_on_the_command_line() -> None:
    output = run("bounds", "--heads", "3", "--keys", "4", "--dimension", "2")
    assert "37 cells, and some have" in output
    assert "heads >= dimension (3 >= 2)" in output
    data = json.loads(
        run("bounds", "--heads", "1", "--keys", "2", "--dimension", "3", "--format", "json")
    )
    assert (data["value"], data["status"]) == (2, "PROVED")
    run("bounds", "--heads", "0", "--keys", "2", "--dimension", "3", code=2)


def test_stability_on_the_command_line(file: str) -> None:
    output = run("stability", file, "--error", "1/100", "--box", "2,3;0,1/4")
    assert "less than 1/100" in output
    stack = json.dumps(depth_stack(keys=2, dimension=1, depth=2).to_data())
    output = run("stability", "-", "--error", "1/100", "--box", "1/16,1/8", text=stack)
    assert "Up to temperature 1939/50000" in output
    assert "layer 1, head 0: key 0 wins by at least 1/8" in output
    output = run("stability", file, "--error", "1/100", "--cell", "1", "--gap", "1/2")
    assert "key 1 wins by at least 1/2" in output
    assert "does not win" in run("stability", file, "--error", "1", "--box", "0,3;0,1", code=2)


def test_pictures_are_drawn(file: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra 'plot')")
    pytest.importorskip("plotly", reason="plotly is not installed (extra 'plot')")
    picture, page = tmp_path / "diagram.png", tmp_path / "diagram.html"
    run("diagram", file, "--picture", str(picture), "--page", str(page))
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = page.read_text(encoding="utf-8")
    assert "<script src=" not in text
    assert "k = (0, 2)" in text
    run("diagram", file, "--picture", str(tmp_path / "diagram.xyz"), code=2)


def test_pictures_show_what_is_computed() -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from algattn.tropical.plots import plot_lifted, plot_newton, plot_temperatures

    head = TropicalAttention(HEAD["keys"], biases=HEAD["biases"])
    figure = plot_temperatures(head, [1], box=[(-2, 2), (-2, 2)])
    assert [t.get_text() for t in figure.axes[-1].texts] == ["0", "1", "2"]
    newton = plot_newton(head)
    assert len(newton.axes[1].lines) == 3
    hull = plot_lifted(head)
    assert len(hull.axes[0].collections) >= 3
    plt.close("all")
    with pytest.raises(HypothesisError, match="restrict to a plane"):
        plot_newton(TropicalAttention([[1, 2, 3]]))


def test_a_picture_of_several_heads_names_tuples(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    pytest.importorskip("plotly", reason="plotly is not installed (extra 'plot')")
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from algattn.tropical.interactive import write_html
    from algattn.tropical.plots import plot_temperatures

    x = TropicalAttention([[0, 0], [1, 0], [1, 0]])
    y = TropicalAttention([[0, 0], [0, 1]])
    joint = MultiHead([x, y])
    figure = plot_temperatures(joint, [1], box=[(-1, 1), (-1, 1)])
    assert {t.get_text() for t in figure.axes[-1].texts} == {"0,0", "0,1", "1,0", "1,1"}
    plt.close("all")
    text = write_html(joint, tmp_path / "joint.html").read_text(encoding="utf-8")
    assert "2 heads with 3, 2 keys: 4 cells" in text
    assert "2 heads" not in write_html(x, tmp_path / "x.html").read_text(encoding="utf-8")[:900]


def test_soft_pictures_mix_what_softmax_mixes() -> None:
    from algattn.tropical.scene import Scene, tinted

    copies = Scene(TropicalAttention([[1, 0], [1, 0], [0, 0]]), [(1, 3), (-1, 1)])
    image = copies.soft_image(0.01, 9)
    assert np.allclose(image, tinted(copies.colour(0)))  # equal keys share one colour
    x = TropicalAttention([[0, 0], [1, 0]], biases=[0, "1/3"])
    y = TropicalAttention([[0, 0], [0, 2], [1, 1]], biases=[0, "1/2", -1])
    scene = Scene(MultiHead([x, y]), [(-2, 2), (-2, 2)])
    image, pixels = scene.soft_image(0.7, 5), np.linspace(-2, 2, 5)
    for i, j in ((0, 0), (1, 4), (3, 2)):
        q = np.array([pixels[j], pixels[i]])
        weights = []
        for head in (x, y):
            s = np.array([float(t) for t in head.scores([Fraction(float(c)) for c in q])]) / 0.7
            weights.append(np.exp(s) / np.exp(s).sum())
        mixed, left = np.zeros(3), 1.0
        for index, colour in zip(scene.indices, scene.palette, strict=True):
            mass = weights[0][index[0]] * weights[1][index[1]]
            mixed, left = mixed + mass * colour, left - mass
        assert np.allclose(image[i, j], tinted(mixed + 0.6 * left))


@pytest.mark.parametrize("count", [1, 5, 12, 13, 40, 200])
def test_colours_are_colours_and_differ(count: int) -> None:
    from algattn.tropical.scene import colours

    table = colours(count)
    assert table.shape == (count, 3)
    assert 0 <= table.min() <= table.max() <= 1
    assert len({tuple(row) for row in table.round(3).tolist()}) == count


def test_pictures_of_stacks(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from algattn.tropical.plots import draw_stack

    stack = depth_stack(keys=2, dimension=2, depth=2)
    _, axes = plt.subplots()
    draw_stack(axes, stack, [(0, 1), (0, 1)])
    assert axes.get_title() == "2 layers: 16 cells, 16 maps"
    assert len(axes.patches) == 16
    assert len(axes.lines) == 4 + 16  # the walls of the first layer, then those of both
    plt.close("all")
    with pytest.raises(HypothesisError, match="restrict to a plane"):
        draw_stack(axes, stack.restrict([0, 0], [[1, 1]]), [(0, 1)])
    picture, text = tmp_path / "cells.png", json.dumps(stack.to_data())
    run("regions", "-", "--box", "0,1;0,1", "--picture", str(picture), text=text)
    assert picture.read_bytes().startswith(b"\x89PNG")
    run("regions", "-", "--picture", str(picture), text=text, code=2)


@pytest.mark.slow
def test_degenerate_pictures(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    pytest.importorskip("plotly", reason="plotly is not installed (extra 'plot')")
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from algattn.tropical.interactive import write_html
    from algattn.tropical.plots import plot_lifted, plot_newton, plot_temperatures

    for head in (
        TropicalAttention([[0, 0]]),
        TropicalAttention([[0, 0], [1, 2]], biases=[0, 1]),
        TropicalAttention([[1, 2], [1, 2], [0, 1], [0, 0]], biases=[0, 0, 1, -20]),
        TropicalAttention([[1, 2], [1, 2]], biases=[0, -1]),
    ):
        for draw in (plot_temperatures, plot_newton, plot_lifted):
            draw(head).canvas.draw()
        write_html(head, tmp_path / "page.html")
        plt.close("all")
    with pytest.raises(InputError, match="positive"):
        plot_temperatures(head, [1, 0])
    with pytest.raises(InputError, match="smaller units"):
        plot_temperatures(TropicalAttention([[0, 0], [10**400, 1]]))
    with pytest.raises(InputError, match="no head"):
        plot_temperatures(3)
    with pytest.raises(InputError, match="write"):
        write_html(head, tmp_path / "nowhere" / "page.html")


def test_the_slider_turns_one_temperature_on() -> None:
    pytest.importorskip("plotly", reason="plotly is not installed (extra 'plot')")
    from algattn.tropical.interactive import figure

    page = figure(TropicalAttention(HEAD["keys"], biases=HEAD["biases"]), temperatures=(2, 1))
    kinds = [trace.type for trace in page.data]
    assert kinds == ["image"] * 3 + ["scatter"] * 3 + [
        "scatter3d",
        "mesh3d",
        "scatter3d",
        "scatter3d",
        "scatter3d",
    ]
    steps = page.layout.sliders[0].steps
    shown = [step.args[0]["visible"] for step in steps]
    assert [step.label for step in steps] == ["2", "1", "0"]
    assert [row[:3] for row in shown] == [[i == k for i in range(3)] for k in range(3)]
    assert all(len(row) == len(kinds) and all(row[3:]) for row in shown)
    start = page.layout.sliders[0].active
    assert [bool(trace.visible) for trace in page.data[:3]] == shown[start][:3]
    # The last image is the hard one: pixels of cell colours, none between them.
    assert len({tuple(pixel) for row in page.data[2].z for pixel in row}) <= 3 + 1


def test_the_import_is_cheap() -> None:
    code = (
        "import sys, algattn.tropical; "
        "heavy = {'numpy', 'sympy', 'matplotlib', 'networkx', 'plotly', 'ppl', 'flint'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_names_load() -> None:
    import algattn.tropical as room

    for name in room.__all__:
        assert getattr(room, name) is not None
        # A submodule of the same name would take its place when it is imported.
        assert find_spec(f"algattn.tropical.{name}") is None
    with pytest.raises(AttributeError):
        _ = room.nothing
