"""The literature that algattn implements, in one table; claims and docstrings point here by key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One paper: `key`, authors, title, where it appeared, arXiv number or DOI."""

    key: str
    authors: str
    title: str
    year: int
    venue: str
    arxiv: str = ""
    doi: str = ""

    def __str__(self) -> str:
        where = f"arXiv:{self.arxiv}" if self.arxiv else self.doi
        return f"{self.authors}, “{self.title}”, {self.venue} ({self.year}), {where}"

    def bibtex(self) -> str:
        """The entry in BibTeX.

        Examples
        --------
        >>> print(REFERENCES["HMK"].bibtex().splitlines()[0])
        @article{HMK,
        """
        fields = {
            "author": self.authors.replace(", ", " and "),
            "title": "{" + self.title + "}",
            "year": str(self.year),
            "journal": self.venue,
        }
        if self.arxiv:
            fields |= {"eprint": self.arxiv, "archivePrefix": "arXiv"}
        if self.doi:
            fields["doi"] = self.doi
        body = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items())
        return f"@article{{{self.key},\n{body}\n}}"


_ALL = (
    Reference(
        "HMK",
        "Nathan W. Henry, Giovanni Luca Marchetti, Kathlén Kohn",
        "Geometry of Lightning Self-Attention: Identifiability and Dimension",
        2025,
        "International Conference on Learning Representations",
        arxiv="2408.17221",
    ),
    Reference(
        "Harris",
        "Joe Harris",
        "Algebraic Geometry: A First Course",
        1992,
        "Graduate Texts in Mathematics 133, Springer",
        doi="10.1007/978-1-4757-2189-8",
    ),
    Reference(
        "FLINT",
        "William B. Hart",
        "Fast Library for Number Theory: An Introduction",
        2010,
        "Mathematical Software - ICMS 2010",
        doi="10.1007/978-3-642-15582-6_18",
    ),
)

REFERENCES: dict[str, Reference] = {ref.key: ref for ref in _ALL}
