"""Every test that asks for ``field`` runs over all of them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from algattn.exact import GF, QQ, Field, NumberField, PrimeField

SQRT2 = NumberField([-2, 0, 1], 1)
CBRT2 = NumberField([-2, 0, 0, 1], 0)
FIELDS: dict[str, Field] = {
    "QQ": QQ,
    "GF(2)": GF(2),
    "GF(101)": GF(101),
    "GF(2^31-1)": GF(2**31 - 1),
    "QQ(sqrt 2)": SQRT2,
    "QQ(cbrt 2)": CBRT2,
}


@pytest.fixture(params=FIELDS, ids=str)
def field(request: pytest.FixtureRequest) -> Field:
    return FIELDS[request.param]


class Draw:
    """Random elements and matrices of a field; the same ones in every run."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.rng = random.Random(f"tests {field}")

    def element(self) -> Any:
        if self.rng.random() < 0.15:
            return self.field.zero
        if isinstance(self.field, PrimeField):
            return self.field(self.rng.randrange(self.field.p))
        numbers = [QQ(self.rng.randint(-9, 9)) / self.rng.randint(1, 9) for _ in range(3)]
        if isinstance(self.field, NumberField):
            return self.field(numbers[: self.field.degree])
        return numbers[0]

    def unit(self) -> Any:
        while (x := self.element()) == 0:
            pass
        return x

    def rows(self, m: int, n: int) -> list[list[Any]]:
        return [[self.element() for _ in range(n)] for _ in range(m)]


@pytest.fixture
def draw(field: Field) -> Draw:
    return Draw(field)
