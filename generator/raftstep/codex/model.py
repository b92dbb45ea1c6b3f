"""What the Codex says, once it is known to be right."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.document.problem import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing to cite: a paper, a book, a thesis, a page, or a file of a repository as it was at one commit.

    ``year`` is the first four figures of ``date`` where only that is given.
    """

    id: str
    kind: str
    title: str
    authors: tuple[str, ...]
    organisation: str
    year: int
    date: str
    where: str
    volume: str
    pages: str
    doi: str
    address: str
    repository: str
    path: str
    version: str
    commit: str
    note: str
    data_file: str
    place: Place

    @property
    def url(self) -> str:
        """Where it can be had."""
        if self.address:
            return self.address
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.path:
            return f"https://github.com/{self.repository}/blob/{self.commit or self.version}/{self.path}"
        tree = f"/tree/{self.commit or self.version}" if self.commit or self.version else ""
        return f"https://github.com/{self.repository}{tree}"

    @property
    def is_prose(self) -> bool:
        """Whether it is a page or a text, in which a heading says more than the number of a line."""
        return self.kind != "file" or self.path.endswith((".md", ".mdx", ".rst", ".adoc", ".html", ".txt"))

    @property
    def author_words(self) -> str:
        """Who wrote it, in words: ``Diego Ongaro and John Ousterhout``."""
        if not self.authors:
            return self.organisation
        *others, last = self.authors
        return f"{', '.join(others)} and {last}" if others else last

    @property
    def short_citation(self) -> str:
        """As cited in running text: ``Ongaro and Ousterhout 2014``, ``etcd-io/raft raft.go``, ``The etcd authors``."""
        if self.kind == "file":
            return f"{self.repository} {self.path.rpartition('/')[2]}"
        surnames = [name.split()[-1] for name in self.authors]
        author = f"{surnames[0]} et al." if len(surnames) > 2 else " and ".join(surnames)
        if not author:
            author = self.organisation if self.organisation not in self.title else ""
        return " ".join(part for part in (author or self.title, str(self.year or "")) if part)

    @property
    def one_line(self) -> str:
        """The source in one line of plain text."""
        author = f"{self.author_words}, " if self.author_words else ""
        parts = [self.where, self.volume, self.repository, self.path, self.version, str(self.year or "")]
        return f"{author}{self.title}. {', '.join(part for part in parts if part)}".rstrip(". ") + "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A source, and where in it: ``§5.2``, ``Figure 8``, ``lines 40-44``."""

    source: Source
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFor:
    """What to look for in a run: any of these rules, events, messages, roles and situations.

    ``paxos_rules`` are looked for in runs of Multi-Paxos, all else in runs of Raft.
    """

    rules: tuple[str, ...] = ()
    paxos_rules: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.paxos_rules or self.events or self.messages or self.roles or self.situations)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPicture:
    """A picture to be cut from a run: one step of a scenario, in one view, and what the run says there."""

    scenario: str
    step: int
    view: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One entry of the Codex; it is in ``data_file``.

    ``forms`` are further words that other pages link from; ``linked`` is false where the words are too common to link
    from.
    """

    id: str
    term: str
    definition: str
    explanation: str
    forms: tuple[str, ...]
    synonyms: tuple[str, ...]
    systems: tuple[tuple[str, str], ...]
    confusions: tuple[str, ...]
    related: tuple[str, ...]
    sources: tuple[Citation, ...]
    search_for: SearchFor
    picture: TermPicture | None
    linked: bool
    data_file: str
    place: Place


def term_title(term: Term) -> str:
    """The term as a title."""
    return capitalize_first(term.term)


def capitalize_first(words: str) -> str:
    """Words with a capital in front.

    >>> capitalize_first("pre-vote")
    'Pre-vote'
    """
    return words[0].upper() + words[1:]
