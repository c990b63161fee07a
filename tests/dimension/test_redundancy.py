"""The account of redundant parameters: kinds add up to what the dimension leaves."""

from __future__ import annotations

import random

import pytest

from algattn import Lightning, Softmax, Window, load
from algattn.attention import Architecture
from algattn.dimension.redundancy import GENERATORS, account
from algattn.results import Status

VARIANTS = [
    Softmax((3, 3), 2, heads=2, value_ranks=2, biases="qkvo"),
    Softmax((3, 2, 3), 1, heads=2, kv_heads=1, value_ranks=1, mask="causal", biases="vo"),
    Softmax((2, 2, 2), 3, residual=True, biases="qo"),
    Softmax((2, 2), 1, 1, heads=2, value_ranks=2, biases="v"),
    Softmax((2, 2), 3, 3, heads=4, kv_heads=2, value_ranks=1, mask=Window(2)),
    Lightning((3, 3), 1, heads=2, kv_heads=1, value_ranks=2, mask="causal"),
    Lightning((2, 2, 2), 1, residual=True, biases="qkvo"),
]


@pytest.mark.parametrize("net", VARIANTS, ids=repr)
def test_kinds_add_up(net: Architecture) -> None:
    report = net.dimension_report()  # type: ignore[attr-defined]
    assert report.status is Status.PROVED
    assert sum(map(sum, report.table.values())) == report.redundancy
    assert report.value + report.redundancy == net.parameters
    assert dict(report.table) == account(net)
    assert set(report.table) <= set(GENERATORS)
    assert all(len(row) == net.layers for row in report.table.values())
    again = load(report.to_json())
    assert again.verify()
    assert again.to_json() == report.to_json()
    text = "\n".join(report.lines())
    for kind, row in report.table.items():
        assert (GENERATORS[kind] in text) == (sum(row) > 0)


def test_names_of_plain_networks_stay() -> None:
    report = Lightning((5, 4, 1), 1).dimension_report()
    assert set(report.table) == {"idle", "hidden", "heads", "scalings", "collapsed"}


def test_no_account_where_symmetries_do_not_suffice() -> None:
    """Width one and many heads: the heads fill a space of few coefficients."""
    net = Lightning((1, 1), 1, heads=3)
    report = net.dimension_report()
    assert report.value == 1
    assert sum(map(sum, account(net).values())) < report.redundancy
    assert "account" not in {claim.name for claim in report.claims}


def test_accounts_never_exceed_the_redundancy() -> None:
    rng = random.Random(4)
    for _ in range(12):
        net = rng.choice([Lightning, Softmax])(
            (rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 3)),
            rng.randint(1, 3),
            heads=rng.randint(1, 2),
            value_ranks=rng.randint(1, 2),
            biases=rng.choice(["", "k", "vo", "qkvo"]),
        )
        found = net.dimension()
        assert net.parameters - sum(map(sum, account(net).values())) >= found.value, net
