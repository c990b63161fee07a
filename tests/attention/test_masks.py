"""Masks: words, windows, pairs, arrays of PyTorch; how they are kept, written and refused."""

from __future__ import annotations

import json
import pickle
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algattn import Lightning, Mask, Softmax, Window
from algattn.attention.masks import as_mask, seen_array
from algattn.errors import AlgattnError, InputError, LimitError, ShapeError


def causal(t: int, n: int | None = None) -> set[tuple[int, int]]:
    return {(j, i) for i in range(t) for j in range(t) if j <= i and (n is None or i - j < n)}


@pytest.mark.parametrize("t", [1, 2, 3, 5])
def test_what_the_words_mean(t: int) -> None:
    assert Mask.of(None, t).pairs == {(j, i) for i in range(t) for j in range(t)}
    assert Mask.of("causal", t).pairs == causal(t)
    for n in range(1, t + 3):
        assert Mask.of(Window(n), t).pairs == Mask.of({"window": n}, t).pairs == causal(t, n)
    for value in ("causal", Window(2)):
        mask = Mask.of(value, t)
        assert mask.rows() == [[int((j, i) in mask.pairs) for i in range(t)] for j in range(t)]
        assert seen_array(value, t).tolist() == seen_array(mask, t).tolist() == mask.rows()
        assert [mask.keys(i) for i in range(t)] == [
            [j for j in range(t) if (j, i) in mask.pairs] for i in range(t)
        ]
        assert mask.social == list(range(1, t))


def test_a_mask_is_kept_by_its_meaning() -> None:
    t = 4
    assert as_mask(None, t) is None
    assert as_mask([(j, i) for j in range(t) for i in range(t)], t) is None
    assert as_mask(causal(t), t) == as_mask(Window(t), t) == as_mask(Window(99), t) == "causal"
    for n in range(1, t):
        assert as_mask(causal(t, n), t) == as_mask(Mask.of(Window(n), t), t) == Window(n)
    assert as_mask("causal", 1) is None
    assert as_mask(Window(1), 1) is None
    assert as_mask([[0, 0]], 1) is None
    other = as_mask([(3, 0)], t)
    assert isinstance(other, Mask)
    assert other == Mask(t, frozenset({(3, 0)}))
    nets = [Lightning((2, 2), 1, t, mask=m) for m in ("causal", causal(t), Window(7), ("causal",))]
    assert len(set(nets)) == 1
    assert pickle.loads(pickle.dumps(nets[0])) == nets[0]


@given(st.integers(1, 5), st.data())
def test_pairs_there_and_back(t: int, data: st.DataObject) -> None:
    pairs = data.draw(st.sets(st.tuples(*[st.integers(0, t - 1)] * 2)))
    net = Lightning((1, 1), 1, t, mask=pairs)
    assert net.shapes[0].seen.pairs == pairs
    assert Lightning.from_data(json.loads(json.dumps(net.to_data()))) == net
    kept = net.mask[0]
    if kept is not None:
        assert seen_array(kept, t).tolist() == Mask.of(kept, t).rows()
    array = np.array([[(j, i) in pairs for j in range(t)] for i in range(t)])
    for mask in (Mask.from_torch(array, allowed=True), Mask.from_torch(~array, allowed=False)):
        assert mask.pairs == pairs
        assert Lightning((1, 1), 1, t, mask=mask) == net
    assert Mask.from_torch(array.tolist(), allowed=True).pairs == pairs
    renamed = random.Random(0).sample(range(t), t)
    moved = {(renamed[j], renamed[i]) for j, i in pairs}
    if Mask(t, frozenset(pairs)).symmetric_tokens:
        assert moved == pairs


def test_conventions_of_torch() -> None:
    """First index the query; True is "sees" in one function of PyTorch and "hidden" in another."""
    sdpa = [[True, False], [True, True]]  # torch.ones(2, 2, dtype=torch.bool).tril()
    multihead = [[False, True], [False, False]]  # torch.ones(2, 2).triu(1).bool()
    assert Mask.from_torch(sdpa, allowed=True) == Mask.from_torch(multihead, allowed=False)
    assert as_mask(Mask.from_torch(sdpa, allowed=True), 2) == "causal"
    assert Mask.from_torch(sdpa, allowed=False).pairs == {(1, 0)}
    for wrong in ([[True, False]], [[1, 0], [1, 1]], [[True], [True, True]], 5, [5], "ab", None):
        with pytest.raises(ShapeError, match="not a square array of truth values"):
            Mask.from_torch(wrong, allowed=True)
    with pytest.raises(AlgattnError, match="allowed"):
        Mask.from_torch(sdpa)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "value",
    [
        np.ones((3, 3), dtype=bool),
        np.tril(np.ones((3, 3))),
        [[True, False, False], [True, True, False], [True, True, True]],
        [[True, False], [True, True]],
        ((True,),),
    ],
    ids=str,
)
def test_truth_values_are_refused(value: Any) -> None:
    for kind in (Lightning, Softmax):
        with pytest.raises(InputError, match=r"Mask\.from_torch\(array, allowed="):
            kind((2, 2), 1, 3, mask=value)


@pytest.mark.parametrize(
    "value",
    [
        *("Causal", "full", "", b"causal", 3, 2.5, True, object(), {"window": 0}, {"n": 3}),
        *([(0, 3)], [(-1, 0)], [(0, 0, 0)], [0], [(0.0, 1)], [("0", 1)], [(0, True)], [[0]]),
        *(["causal", "causal"], [None, None], Mask.of("causal", 2), [[(0, 0)], [(1, 1)]]),
    ],
    ids=repr,
)
def test_other_masks_are_refused(value: Any) -> None:
    with pytest.raises(AlgattnError, match=r" Try: ."):
        Lightning((2, 2), 1, 3, mask=value)


@pytest.mark.parametrize("n", [0, -1, 1.0, "3", True, None])
def test_windows_are_whole_numbers(n: Any) -> None:
    with pytest.raises(InputError, match="the window is"):
        Window(n)


def test_each_layer_has_its_mask() -> None:
    net = Lightning((2, 2, 2, 2), 1, 3, mask=["causal", None, [(0, 0), (0, 1), (0, 2)]])
    assert net.mask[:2] == ("causal", None)
    assert [s.mask for s in net.shapes] == list(net.mask)
    data = json.loads(json.dumps(net.to_data()))
    assert data["mask"] == {"layers": ["causal", None, [[0, 0], [0, 1], [0, 2]]]}
    assert Lightning.from_data(data) == net
    assert Lightning((2, 2, 2), 1, 3, mask=Window(2)).to_data()["mask"] == {"window": 2}
    assert "mask" not in Lightning((2, 2, 2), 1, 3, mask=(None, None)).to_data()


def test_a_blind_query_has_no_softmax() -> None:
    blind = [(0, 0), (1, 1)]
    with pytest.raises(ShapeError, match="some query sees no key"):
        Softmax((2, 2), 1, 3, mask=blind)
    with pytest.raises(ShapeError, match="in layer 2 some query"):
        Softmax((2, 2, 2), 1, 3, mask=("causal", blind))
    net = Lightning((1, 1), 1, 3, mask=blind)
    assert net([[1, 2, 3]], {"A": [[[1]]], "V": [[[1]]]}) == [[1, 8, 0]]
    assert Softmax((1, 1), 1, 3, mask=[*blind, (0, 2)]).mask[0] is not None


def test_many_tokens() -> None:
    """Words and windows cost nothing; a set of pairs is only made where it fits into memory."""
    t = 10**6
    for mask in (None, "causal", Window(3)):
        net = Softmax((2, 2), 1, t, mask=mask)
        assert net.parameters == 8
        assert Softmax.from_data(net.to_data()) == net
    with pytest.raises(LimitError, match="too many pairs"):
        _ = Softmax((2, 2), 1, t, mask="causal").shapes[0].seen
    t = 500
    assert as_mask(frozenset(causal(t)), t) == "causal"
    assert as_mask(causal(t, 30), t) == Window(30)
    mask = Mask(t, frozenset(causal(t) - {(0, 5)}))
    assert as_mask(mask, t) is mask
    assert mask.social == list(range(1, t))
    net = Softmax((1, 1), 1, t, mask=mask)
    X = np.arange(t)[None, :] / t
    W = net.random_weights(1)
    assert np.allclose(net(X, W)[:, :5], Softmax((1, 1), 1, 5, mask="causal")(X[:, :5], W))
    wide = Lightning((1, 1), 1, 3000, mask=Window(2))
    X = np.ones((1, 3000))
    assert wide(X, {"A": [[[1]]], "V": [[[1]]]}).tolist() == [[1.0] + [2.0] * 2999]
