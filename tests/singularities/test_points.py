"""Points, loci, branches, degrees: against complete ideals, exact ranks and closed values."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path

import pytest

from algattn import FunctionMap, Lightning, Weights, load
from algattn.attention.coordinates import natural_labels
from algattn.errors import AlgattnError, FieldError, HypothesisError, InputError
from algattn.exact import QQ, Matrix
from algattn.singularities.branches import germ
from algattn.singularities.strata import strata

ORACLES = Path(__file__).parent.parent / "oracles"
SHAPES = json.loads((ORACLES / "one_layer" / "jacobians.json").read_text())["shapes"]
LOCI = json.loads((ORACLES / "singular_locus" / "singular_locus.json").read_text())["entries"]


def network(entry: dict) -> Lightning:
    return Lightning(widths=(entry["d"], entry["dp"]), ranks=entry["a"], tokens=entry["t"])


def name(entry: dict) -> str:
    return f"d{entry['d']}-e{entry['dp']}-a{entry['a']}-t{entry['t']}"


@pytest.mark.parametrize("entry", LOCI, ids=name)
def test_singular_locus_against_minors_of_the_complete_ideal(entry: dict) -> None:
    net = network(entry)
    locus = net.singular_locus()
    assert entry["sing"] == locus.dimension
    assert (net.dimension().value, net.degree().value) == (entry["dim"], entry["degree"])
    assert locus.status.name == "PROVED"


def test_oracle_covers_both_kinds_of_tokens() -> None:
    assert len(LOCI) >= 5
    assert {e["t"] for e in LOCI} == {1, 2}


@pytest.mark.parametrize("shape", SHAPES, ids=name)
def test_degree_is_that_of_the_complete_ideal(shape: dict) -> None:
    result = network(shape).degree()
    assert result.value == shape["degree"]
    assert result.status.name == "PROVED"
    load(result.to_json()).check()


def test_degree_status_and_hypotheses() -> None:
    assert Lightning(widths=(4, 2), ranks=2).degree().status.name == "THEOREM"
    assert Lightning(widths=(4, 2), ranks=3).degree().status.name == "PROVED"
    with pytest.raises(HypothesisError, match="2 layers"):
        Lightning(widths=(2, 2, 2), ranks=1).degree()
    assert Lightning(widths=(2, 2, 2), ranks=1).map_degree == 9


def test_exceptional_loci() -> None:
    def dims(d: int, e: int, a: int, t: int) -> tuple[int | None, int | None]:
        net = Lightning(widths=(d, e), ranks=a, tokens=t)
        return net.singular_locus().dimension, net.boundary().dimension

    assert dims(1, 2, 1, 2) == (None, None)  # a linear space
    assert dims(2, 1, 1, 2) == (0, 3)  # only the zero function is singular
    assert dims(3, 1, 1, 2) == (5, 5)
    assert dims(2, 1, 2, 1) == (None, None)  # all binary cubics, all reached
    assert dims(2, 1, 1, 1) == (None, 3)  # linear, but with a boundary
    components = Lightning(widths=(3, 2), ranks=2).singular_locus().components
    assert [c.name for c in components] == ["rank A = 1, rank V = 2"]
    assert components[0].dimension == 10


def tamper(result) -> int:
    """Change every field of the JSON in turn; none of the changes may verify."""
    data, changed = result.to_data(), 0
    for key in ("value", "detail", "problem"):
        copy = json.loads(json.dumps(data))
        if key == "value":
            copy["value"] = 1 if copy["value"] != 1 else 2
        elif key == "problem":
            copy["problem"]["network"]["ranks"][0] += 1
        else:
            first = sorted(copy["detail"])[0]
            copy["detail"][first] = "changed"
        with contextlib.suppress(AlgattnError):
            assert not load(json.dumps(copy)).verify(), key
        changed += 1
    return changed


def test_results_verify_and_tampering_fails() -> None:
    net = Lightning(widths=(2, 2), ranks=1)
    W = Weights(A=[[[1, 0], [0, 0]]], V=[[[1, 0], [0, 0]]])
    results = [
        net.classify(W),
        net.classify_function(net.function(W)),
        net.singular_locus(),
        net.boundary(),
        net.degree(),
        Lightning(widths=(2, 1), ranks=1).ed_degree(),
    ]
    for result in results:
        load(result.to_json()).check()
        assert tamper(result) == 3


class TestFunctions:
    """Functions by their coefficients; d = 2, d' = 1."""

    def test_definite_form_is_in_the_closure_and_not_reached(self) -> None:
        net = Lightning(widths=(2, 1), ranks=1)
        f = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 0): 2})
        result = net.classify_function(f)
        assert (result.value, result.boundary, result.position) == ("smooth", False, "closure")
        assert result.stratum == "definite form"
        assert "real weights reach neither" in result.reason
        wide = Lightning(widths=(2, 1), ranks=2).classify_function(f)
        assert (wide.value, wide.position) == ("singular", "closure")
        assert [b.real for b in wide.branches] == [False, False]

    def test_square_root_and_cube_root(self) -> None:
        net = Lightning(widths=(2, 1), ranks=2)
        f = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 0): -2})
        result = net.classify_function(f)
        assert (result.value, result.position) == ("singular", "reached")
        assert [b.weights.field.degree for b in result.branches] == [2, 2]
        assert all(b.smooth and b.dimension == 5 for b in result.branches)
        assert result.multiplicity == 2
        cubic = FunctionMap(2, 2, 1, {(0, 0, 0, 0): 1, (0, 1, 1, 1): -2})
        one = Lightning(widths=(2, 2), ranks=2, tokens=1).classify_function(cubic)
        assert (one.value, len(one.branches), one.multiplicity) == ("singular", 3, 3)
        assert [b.real for b in one.branches] == [True, False, False]

    def test_outside(self) -> None:
        net = Lightning(widths=(2, 1), ranks=1)
        f = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 1): 1})
        result = net.classify_function(f)
        assert (result.value, result.singular, result.smooth) == ("outside", False, False)
        load(result.to_json()).check()
        with pytest.raises(HypothesisError, match="outside the closure"):
            _ = result.branches

    def test_random_functions_have_a_position_that_contains_agrees_with(self) -> None:
        rng = random.Random(17)
        met = set()
        for t in (1, 2):
            for a in (1, 2):
                net = Lightning(widths=(2, 1), ranks=a, tokens=t)
                for _ in range(60):
                    labels = list(natural_labels(2, 1, t))
                    f = FunctionMap(2, 1, t, {k: rng.randint(-1, 1) for k in labels})
                    result, member = net.classify_function(f), net.contains(f)
                    assert (result.position == "reached") == bool(member.value)
                    assert (result.position != "outside") == member.in_closure
                    met.add((result.position, result.value))
        assert {("reached", "singular"), ("closure", "smooth"), ("outside", "outside")} <= met


@pytest.mark.parametrize("shape", SHAPES, ids=name)
def test_branches_against_the_jacobian_of_the_complete_ideal(shape: dict) -> None:
    """A smooth branch lies in the kernel of the Jacobian of all equations, alone it is all."""
    net, rng = network(shape), random.Random(name(shape))
    checked = 0
    for point in rng.sample(shape["points"], 12):
        W = Weights(K=[point["K"]], Q=[point["Q"]], V=[point["V"]])
        found = germ(net, net.function(W))
        corank = shape["N"] - point["rank"]
        if not point["singular"]:
            (branch,) = found.branches
            assert branch.smooth
            assert branch.dimension == shape["dim"] == corank
            assert net.classify(W).multiplicity == 1
        else:
            assert not (len(found.branches) == 1 and found.branches[0].smooth)
            assert net.classify(W).multiplicity >= 2
            if all(b.tangent.field == QQ for b in found.branches):
                rows = [row for b in found.branches for row in b.tangent.rows]
                assert Matrix(QQ, rows).rank() <= corank
        assert all(b.dimension == shape["dim"] for b in found.branches if b.smooth)
        checked += 1
    assert checked == 12


def test_multiplicity_along_strata() -> None:
    """A line through a point of multiplicity m of the quartic meets it there m times."""
    net = Lightning(widths=(2, 1), ranks=2)  # a hypersurface of degree four
    by_name = {s.name: net.classify(s.representative) for s in strata(net) if s.reached}
    values = {k: r.multiplicity for k, r in by_name.items()}
    assert values == {
        "rank A = 2, rank V = 1": 1,
        "k, v independent": 2,
        "k, v parallel": 2,
        "zero": 4,
    }
    assert by_name["k, v independent"].tangent_cone == "the union of the tangent spaces"


class TestEDDegree:
    """Counts by Groebner bases over prime fields, with Singular where it is installed."""

    def test_closed_values(self) -> None:
        net = Lightning(widths=(2, 1), ranks=1)
        assert (net.ed_degree().value, net.ed_degree(metric="generic").value) == (2, 10)
        assert net.ed_degree().status.name == "THEOREM"
        linear = Lightning(widths=(2, 1), ranks=1, tokens=1).ed_degree()
        assert (linear.value, linear.status.name) == (1, "PROVED")

    def test_counts(self) -> None:
        pytest.importorskip("flint")
        from algattn.engines import get

        try:
            get("singular").version()
        except AlgattnError:
            pytest.skip("Singular is not installed")
        net = Lightning(widths=(2, 1), ranks=1)
        assert net.ed_degree(engine="singular", primes=1).value == 2
        assert net.ed_degree(engine="singular", primes=1, metric="generic").value == 10
        other = Lightning(widths=(2, 1), ranks=2).ed_degree(engine="singular")
        assert (other.value, other.status.name) == (6, "PROBABLE")
        load(other.to_json()).check()
        W = Weights(K=[[[1, 2]]], Q=[[[3, -1]]], V=[[[1, 1]]])
        line = Lightning(widths=(2, 1), ranks=1, tokens=1)
        edge = line.ed_degree(W, engine="singular", metric="generic")
        assert edge.value == 9  # a smooth plane cubic with distinct points at infinity: 3 + 3 * 2
        # d = 1: the cubic c (x^2 + y^2)(x + y) + b meets the isotropic points at infinity, 9 - 2
        narrow = Lightning(widths=(1, 1), ranks=1)
        W = Weights(A=[[[2]]], V=[[[3]]])
        assert narrow.ed_degree(W, engine="singular", b="1/2").value == 7
        assert narrow.ed_degree(W, engine="singular", metric="generic").value == 9
        # d = t = 1: three points of a line
        point = Lightning(widths=(1, 1), ranks=1, tokens=1)
        assert point.ed_degree(W, engine="singular").value == 3

    def test_counts_are_those_of_lagrange_multipliers(self) -> None:
        """Critical points on the complete ideal, by minors; see tests/oracles/ed_degree."""
        counted = json.loads((ORACLES / "ed_degree" / "ed_degree.json").read_text())["entries"]
        assert len(counted) >= 5
        for entry in counted:
            found = network(entry).ed_degree(metric=entry["metric"], primes=1)
            assert found.value == entry["ed"], entry

    def test_numbers_of_a_decision_boundary_are_read_exactly(self) -> None:
        net = Lightning(widths=(2, 1), ranks=1)
        W = Weights(K=[[[1, 2]]], Q=[[[3, -1]]], V=[[[1, 1]]])
        with pytest.raises(FieldError, match=r"0\.5"):
            net.ed_degree(W, b=0.5)
        for shape in ([[1, 1, 1]], [[1, 1], [1, 1]], [1, 1], 3):
            with pytest.raises(AlgattnError, match="decision boundary"):
                net.ed_degree(W, W=shape)
        with pytest.raises(HypothesisError, match="the constant 1"):
            net.ed_degree(W, W=[[0, 0]])
        with pytest.raises(InputError, match="primes is 0"):
            net.ed_degree(W, primes=0)

    def test_a_false_count_over_a_tiny_prime_is_refused(self) -> None:
        net = Lightning(widths=(2, 1), ranks=2)
        data = net.ed_degree(primes=1).to_data()
        (evidence,) = data["claims"][0]["evidence"]
        evidence["primes"] = [32717]
        assert not load(json.dumps(data)).verify()

    def test_bad_input(self) -> None:
        with pytest.raises(InputError, match="metric"):
            Lightning(widths=(2, 1), ranks=1).ed_degree(metric="round")
        with pytest.raises(HypothesisError, match="2 layers"):
            Lightning(widths=(2, 2, 1), ranks=1).ed_degree()


class TestDifferentials:
    """Smooth points by the Jacobian criterion, with equations that are checked on their own."""

    @pytest.mark.parametrize(
        "shape",
        [
            (2, 1, 1, 2),
            (2, 1, 2, 2),
            (2, 2, 1, 2),
            (2, 2, 2, 2),
            (3, 1, 1, 2),
            (3, 1, 2, 2),
            (3, 1, 3, 2),
            (2, 3, 1, 2),
            (2, 3, 2, 2),
            (2, 2, 1, 1),
            (2, 2, 2, 1),
            (3, 1, 1, 1),
        ],
        ids=str,
    )
    def test_theorem_and_criterion_agree(self, shape: tuple[int, int, int, int]) -> None:
        """Found at every smooth stratum, by weights and by coefficients; never at singular ones."""
        from algattn.singularities.differentials import find_differentials

        d, e, a, t = shape
        net = Lightning(widths=(d, e), ranks=a, tokens=t)
        for s in strata(net):
            if not s.reached:
                continue
            f = net.function(s.representative)
            found = find_differentials(net, f)
            assert (found is None) == s.singular
            for result in (net.classify(s.representative), net.classify_function(f)):
                kinds = [x.kind for x in result.claim("singular").evidence]
                assert ("point.differentials" in kinds) == (not s.singular)
                load(result.to_json()).check()

    def test_definite_forms_are_smooth_points_too(self) -> None:
        net = Lightning(widths=(2, 1), ranks=1)
        f = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 0): 2})
        (found,) = [
            x for x in net.classify_function(f).claim("singular").evidence if "diff" in x.kind
        ]
        assert len(found.equations) == 2

    def test_false_equations_are_refused(self) -> None:
        from algattn.results import Claim
        from algattn.singularities.differentials import Differentials

        net = Lightning(widths=(2, 1), ranks=1)
        result = net.classify(Weights(K=[[[1, 0]]], Q=[[[0, 1]]], V=[[[0, 1]]]))
        claim = result.claim("singular")
        (good,) = [x for x in claim.evidence if x.kind == "point.differentials"]
        good.check(result.problem, claim)
        for texts in (
            [],
            good.equations[:1],
            [good.equations[0]] * 2,
            [good.equations[0], "c_1_1_1_1"],
            [good.equations[0], "2*" + good.equations[1]],
        ):
            with pytest.raises(AlgattnError):
                Differentials(texts).check(result.problem, claim)
        other = Claim("singular", "", "singular", ())
        with pytest.raises(AlgattnError, match="smooth"):
            good.check(result.problem, other)


def test_the_dimension_of_one_locus_is_not_that_of_the_other() -> None:
    """A file about the singular locus with the dimension of the boundary, sealed again."""
    from algattn.results import seal

    net = Lightning(widths=(2, 2), ranks=2)
    assert (net.singular_locus().value, net.boundary().value) == (5, 4)
    data = json.loads(net.singular_locus().to_json())
    data["value"] = 4
    data["claims"][0]["value"]["dimension"] = 4
    data["claims"][0]["statement"] = data["claims"][0]["statement"].replace("5", "4")
    data = load(json.dumps(data))._content() | {"versions": data["versions"]}
    data["digest"] = seal(data)["digest"]
    assert not load(json.dumps(data)).verify()


def test_multiplicities_by_cited_degrees_say_so() -> None:
    """2 x 2 minors of 4 x 4 matrices on the kernel: no elementary degree."""
    net = Lightning(widths=(5, 2), ranks=3)
    unit = [[int(i == j == 0) for j in range(5)] for i in range(5)]
    W = Weights(A=[unit], V=[[[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]]])
    for result in (net.classify(W), net.classify_function(net.function(W))):
        assert result.multiplicity == 20  # of the 4 x 4 matrices of rank at most two
        assert result.claim("germ").status.name == "THEOREM"
        assert result.claim("singular").status.name == "PROVED"
        load(result.to_json()).check()
    small = Lightning(widths=(3, 2), ranks=2)
    assert small.classify(small.random_weights(1)).claim("germ").status.name == "PROVED"


def test_a_germ_by_theorem_cannot_be_called_proved() -> None:
    from algattn.results import seal

    net = Lightning(widths=(5, 2), ranks=3)
    unit = [[int(i == j == 0) for j in range(5)] for i in range(5)]
    W = Weights(A=[unit], V=[[[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]]])
    data = json.loads(net.classify(W).to_json())
    (germ,) = [c for c in data["claims"] if c["name"] == "germ"]
    germ["evidence"] = [{"kind": "point.lemma", "recomputed": True}]
    data = load(json.dumps(data))._content() | {"versions": data["versions"]}
    data["digest"] = seal(data)["digest"]
    forged = load(json.dumps(data))
    assert forged.status.name == "PROVED"
    assert not forged.verify()
