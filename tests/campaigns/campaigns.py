"""Three campaigns of forgery over the corpus; each yields what was accepted and should not be.

(a) ``transplanted``: every piece of evidence of the corpus under every claim of every result.
(b) ``edited``: every leaf of a file changed to every plausible other value, and sealed again: with
    the digest alone, and with everything that algattn writes anew from the changed data.
(c) ``reclaimed``: claims dropped, repeated, renamed, weakened, added; networks exchanged.

Run as a script for the figures: ``python tests/campaigns/campaigns.py``.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[n]) for n in (0, 1, 2)]

from allowed import EDITS, TRANSPLANTS, choice, exchange, same_question, weaker
from corpus import corpus, evidence, origins
from mutations import Path as Where
from mutations import at, mutations
from resealing import assembled, holds, resealed

from algattn.errors import AlgattnError
from algattn.results import Claim, Evidence, Result, canonical_json, seal
from algattn.results.result import _NOT_PROVED

Found = tuple[str, str, str]


def proves(item: Evidence, problem: Any, claim: Claim) -> bool:
    try:
        item.check(problem, claim)
    except (AlgattnError, *_NOT_PROVED):
        return False
    return True


class Campaign:
    """Counts what was tried, and what was accepted for a reason that is known."""

    def __init__(self) -> None:
        self.tried = 0
        self.refused = 0
        self.known: Counter[str] = Counter()
        self.unexplained: list[Found] = []

    def __repr__(self) -> str:
        return (
            f"{self.tried} tried, {self.refused} refused, {sum(self.known.values())} accepted for "
            f"{len(self.known)} known reasons, {len(self.unexplained)} unexplained"
        )


def transplanted(names: list[str], log: Campaign) -> None:
    """(a) Other evidence under the claims of a result, true ones and ones made false."""
    for name in names:
        result = corpus()[name]
        for claim in result.claims:
            own = {json.dumps(e.to_data()) for e in claim.evidence}
            for kind, items in evidence().items():
                supports = items[0].may_support(result.kind, claim.name)
                for item in items:
                    if json.dumps(item.to_data()) in own:
                        continue
                    log.tried += 1
                    if not supports or not proves(item, result.problem, claim):
                        log.refused += 1
                        continue
                    reason = TRANSPLANTS.get(kind) or alike(item, result, claim)
                    if reason is None:
                        log.unexplained.append((name, claim.name, f"{kind} {item!r:.200}"))
                    else:
                        log.known[f"{kind}: {reason}"] += 1
        for said, new, wrong in false_results(result):
            log.tried += 1
            if not all(_covered(wrong, claim) for claim in wrong.claims):
                log.refused += 1
            elif reason := weaker(result, wrong) or choice(f"{result.kind}/{said}"):
                log.known[reason] += 1
            else:
                log.unexplained.append(
                    (name, said, f"{new!r:.60}, proved by evidence of the corpus")
                )


def alike(item: Evidence, result: Result, claim: Claim) -> str | None:
    """Why evidence from elsewhere proves a true claim, where it needs no line in the list."""
    if not fields(item):
        return "it holds no data: its check starts from the problem"
    here = canonical_json([result.problem, claim.value])
    return "same problem and same value" if here in origins(item) else None


def _covered(result: Result, claim: Claim) -> bool:
    """Whether all evidence of the corpus together proves a claim."""
    covered: set[str] = set()
    for items in evidence().values():
        if items[0].may_support(result.kind, claim.name):
            for item in items:
                if not item.sides <= covered and proves(item, result.problem, claim):
                    covered |= item.sides
    return covered >= set(claim.needs)


def false_results(result: Result) -> Iterator[tuple[str, Any, Result]]:
    """Results about the same problem that say something else, as far as they can be written."""
    data = result.to_data()
    own = [c.outline().spelled() for c in result.claims]
    for path, new, other in mutations(data, ("value",), ("detail",)):
        try:
            wrong = assembled(other)
        except (AlgattnError, *_NOT_PROVED):
            continue
        said = [c.outline().spelled() for c in wrong.claims]
        if said and said != own:
            yield "/".join(map(str, path)), new, wrong


def edited(names: list[str], log: Campaign) -> None:
    """(b) Every leaf changed, the digest written anew; then everything written anew."""
    for name in names:
        data = corpus()[name].to_data()
        if not holds(data):  # a partial answer; the campaign over claims shows that it stays one
            continue
        for path, new, other in mutations(data, ()):
            if path[:1] in {(), ("digest",), ("versions",)}:
                continue
            log.tried += 1
            if not isinstance(other, dict) or not holds(other):
                log.refused += 1
            else:
                _judge(name, path, new, data, other, log)
        roots: list[Where] = [("problem",), ("value",), ("detail",)]
        roots += [("claims", i, "evidence") for i in range(len(data["claims"]))]
        for path, new, other in mutations(data, *roots):
            log.tried += 1
            try:
                written = resealed(other)
            except (AlgattnError, *_NOT_PROVED):
                log.refused += 1
                continue
            if canonical_json(written) == canonical_json(data) or not holds(written):
                log.refused += 1
            else:
                _judge(name, path, new, data, written, log)


def _judge(name: str, path: Where, new: Any, data: Any, other: Any, log: Campaign) -> None:
    """An accepted change: another proof of the same, or the truth about another problem?"""
    kind = data["kind"]
    said = ("value", "detail", "problem")
    if all(canonical_json(data[k]) == canonical_json(other[k]) for k in said):
        where = place(data, path)
        for pattern, reason in EDITS.items():
            if re.fullmatch(pattern, where):
                log.known[f"{where.split('/')[0]}: {reason}"] += 1
                return
        log.unexplained.append((name, where, f"{new!r:.80}"))
        return
    if same_question(data, other):
        if reason := weaker(corpus()[name], assembled(other)) or choice(
            f"{kind}/{place(data, path)}"
        ):
            log.known[reason] += 1
            return
        log.unexplained.append((name, place(data, path), f"{new!r:.80}"))
    else:
        log.known[f"{kind}: true about another problem"] += 1


def place(data: Any, path: Where) -> str:
    """A path in text; inside evidence it starts with the kind of evidence."""
    if len(path) > 3 and path[0] == "claims" and path[2] == "evidence":
        kind = at(data, path[:4])["kind"]
        return "/".join(map(str, (kind, *path[4:])))
    return "/".join(map(str, path))


def reclaimed(names: list[str], log: Campaign) -> None:
    """(c) Claims dropped, repeated, renamed, weakened, added; networks exchanged."""
    for name in names:
        data = corpus()[name].to_data()
        for what, other in reclaims(data):
            log.tried += 1
            if holds(other) and (reason := exchange(data, what)):
                log.known[reason] += 1
            elif holds(other):
                log.unexplained.append((name, what, ""))
            else:
                log.refused += 1


def reclaims(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    claims = data["claims"]
    yield "no claims", data | {"claims": []}
    yield "claims in another order", data | {"claims": claims[::-1] if len(claims) > 1 else []}
    for i, claim in enumerate(claims):
        rest = claims[:i], claims[i + 1 :]

        def put(*instead: Any, rest: Any = rest) -> dict[str, Any]:
            return data | {"claims": [*rest[0], *instead, *rest[1]]}

        yield f"dropped {claim['name']}", put()
        yield f"twice {claim['name']}", put(claim, claim)
        yield f"renamed {claim['name']}", put(claim | {"name": claim["name"] + " of it"})
        for other in claims:
            if other is not claim:
                yield f"named {other['name']}", put(claim | {"name": other["name"]})
        for needs in ([], ["lower"], ["upper"], ["lower", "upper", "more"]):
            if needs != claim["needs"]:
                yield f"needs {needs} {claim['name']}", put(claim | {"needs": needs})
        yield f"no evidence for {claim['name']}", put(claim | {"evidence": []})
        yield f"stronger {claim['name']}", put(claim | {"statement": "this and more is true"})
        yield f"added to {claim['name']}", put(claim, claim | {"name": "more"})
    network = data["problem"].get("network")
    if isinstance(network, dict):
        for said, other in exchanged(network):
            problem = data["problem"] | {"network": other}
            try:
                written = resealed(data | {"problem": problem})
            except (AlgattnError, *_NOT_PROVED):
                continue
            if canonical_json(written["value"]) == canonical_json(data["value"]):
                yield f"network exchanged: {said}", seal(data | {"problem": problem})


def exchanged(network: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Other networks, for the same words."""
    kind = {"lightning": "softmax", "softmax": "lightning"}[network["kind"]]
    yield kind, network | {"kind": kind}
    for n in range(len(network["widths"])):
        widths = [d + (i == n) for i, d in enumerate(network["widths"])]
        yield f"widths {widths}", network | {"widths": widths}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("campaign", choices=["a", "b", "c"], nargs="?", help="all when left out")
    parser.add_argument("--kinds", nargs="*", default=[""], help="how the names of kinds begin")
    parser.add_argument("--most", type=int, default=10**9, help="characters of a specimen")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    say = logging.getLogger("campaigns").info
    names = [
        name
        for name, result in corpus().items()
        if name.startswith(tuple(asked.kinds)) and len(result.to_json()) <= asked.most
    ]
    for letter, campaign in (("a", transplanted), ("b", edited), ("c", reclaimed)):
        if asked.campaign not in {letter, None}:
            continue
        log, start = Campaign(), time.perf_counter()
        for name in names:
            before, tried = time.perf_counter(), log.tried
            campaign([name], log)
            if (seconds := time.perf_counter() - before) > 10:
                say(f"    {name}: {log.tried - tried} tried in {seconds:.0f} s")
        say(f"({letter}) {len(names)} results: {log}, {time.perf_counter() - start:.0f} s")
        for reason, count in log.known.most_common():
            say(f"    {count:6} {reason}")
        for found in log.unexplained[:200]:
            say(f"  !! {' | '.join(found)}")


if __name__ == "__main__":
    main()
