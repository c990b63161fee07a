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
        "ADM",
        "Yulia Alexandr, Hao Duan, Guido Montúfar",
        "Algebraic Invariants of Lightning Self-Attention",
        2026,
        "arXiv preprint",
        arxiv="2604.15632",
    ),
    Reference(
        "Konda",
        "Konda",
        "Identifiability and Observability of Deep Normalized Attention",
        2026,
        "arXiv preprint",
        arxiv="2610.09620",
    ),
    Reference(
        "Ax",
        "James Ax",
        "On Schanuel's conjectures",
        1971,
        "Annals of Mathematics 93",
        doi="10.2307/1970774",
    ),
    Reference(
        "Arb",
        "Fredrik Johansson",
        "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
        2017,
        "IEEE Transactions on Computers 66",
        doi="10.1109/TC.2017.2690633",
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
    Reference(
        "VDT",
        "Bhavya Vasudeva, Puneesh Deora, Christos Thrampoulidis",
        "Implicit Bias and Fast Convergence Rates for Self-attention",
        2025,
        "Transactions on Machine Learning Research",
        arxiv="2402.05738",
    ),
    Reference(
        "TLTO",
        "Davoud Ataee Tarzanagh, Yingcong Li, Christos Thrampoulidis, Samet Oymak",
        "Transformers as Support Vector Machines",
        2023,
        "arXiv preprint",
        arxiv="2308.16898",
    ),
    Reference(
        "Wolfe",
        "Philip Wolfe",
        "Finding the nearest point in a polytope",
        1976,
        "Mathematical Programming 11",
        doi="10.1007/BF01580381",
    ),
    Reference(
        "SuLiu",
        "Ye Su, Yong Liu",
        "Geometric Capacity of Transformers",
        2026,
        "arXiv preprint",
        arxiv="2604.14727v2",
    ),
    Reference(
        "MontufarRenZhang",
        "Guido Montúfar, Yue Ren, Leon Zhang",
        "Sharp bounds for the number of regions of maxout networks and vertices of Minkowski sums",
        2021,
        "arXiv preprint",
        arxiv="2104.08135",
    ),
    Reference(
        "FukudaProdon",
        "Komei Fukuda, Alain Prodon",
        "Double description method revisited",
        1996,
        "Combinatorics and Computer Science, Lecture Notes in Computer Science 1120",
        doi="10.1007/3-540-61576-8_77",
    ),
    Reference(
        "PPL",
        "Roberto Bagnara, Patricia M. Hill, Enea Zaffanella",
        "The Parma Polyhedra Library: Toward a complete set of numerical abstractions for the "
        "analysis and verification of hardware and software systems",
        2008,
        "Science of Computer Programming 72",
        doi="10.1016/j.scico.2007.08.001",
    ),
    Reference(
        "TMIS",
        "Lorenzo Tiberi, Francesca Mignacco, Kazuki Irie, Haim Sompolinsky",
        "Dissecting the Interplay of Attention Paths in a Statistical Mechanics Theory of "
        "Transformers",
        2024,
        "Advances in Neural Information Processing Systems 37",
        arxiv="2405.15926",
    ),
    Reference(
        "BrambillaOttaviani",
        "Maria Chiara Brambilla, Giorgio Ottaviani",
        "On the Alexander-Hirschowitz theorem",
        2008,
        "Journal of Pure and Applied Algebra 212",
        arxiv="math/0701409",
    ),
    Reference(
        "KileelTragerBruna",
        "Joe Kileel, Matthew Trager, Joan Bruna",
        "On the Expressive Power of Deep Polynomial Neural Networks",
        2019,
        "Advances in Neural Information Processing Systems 32",
        arxiv="1905.12207",
    ),
    Reference(
        "HOPY",
        "Hoon Hong, Alexey Ovchinnikov, Gleb Pogudin, Chee Yap",
        "Global identifiability of differential models",
        2020,
        "Communications on Pure and Applied Mathematics 73",
        arxiv="1801.08112",
    ),
    Reference(
        "Gao",
        "Shuhong Gao",
        "Factoring multivariate polynomials via partial differential equations",
        2003,
        "Mathematics of Computation 72",
        doi="10.1090/S0025-5718-02-01428-X",
    ),
    Reference(
        "GTZ",
        "Patrizia Gianni, Barry Trager, Gail Zacharias",
        "Gröbner bases and primary decomposition of polynomial ideals",
        1988,
        "Journal of Symbolic Computation 6",
        doi="10.1016/S0747-7171(88)80040-3",
    ),
    Reference(
        "Schwartz",
        "Jacob T. Schwartz",
        "Fast probabilistic algorithms for verification of polynomial identities",
        1980,
        "Journal of the ACM 27",
        doi="10.1145/322217.322225",
    ),
    Reference(
        "Bareiss",
        "Erwin H. Bareiss",
        "Sylvester's identity and multistep integer-preserving Gaussian elimination",
        1968,
        "Mathematics of Computation 22",
        doi="10.1090/S0025-5718-1968-0226829-0",
    ),
)

REFERENCES: dict[str, Reference] = {ref.key: ref for ref in _ALL}
