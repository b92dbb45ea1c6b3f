"""The bibliography as BibTeX, for those who write papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from raftstep.site.codex.model import Source

_TYPES = {
    "article": ("article", "journal"),
    "paper": ("inproceedings", "booktitle"),
    "thesis": ("phdthesis", "school"),
    "report": ("techreport", "institution"),
    "book": ("book", "publisher"),
}
_MISC = ("misc", "howpublished")

_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    }
)


def bibtex(sources: Iterable[Source]) -> str:
    """All entries, in the order of their ids, which are also their keys."""
    ordered = sorted(sources, key=lambda source: source.id)
    return "\n".join("\n".join(_entry(source)) for source in ordered)


def _entry(source: Source) -> Iterator[str]:
    kind, place = _TYPES.get(source.kind, _MISC)
    fields = {
        "author": " and ".join(map(_escaped, source.authors)) or (f"{{{_escaped(source.organisation)}}}"),
        "title": f"{{{_escaped(source.title)}}}",
        "year": str(source.year or ""),
        place: _escaped(source.where or (f"{source.repository} on GitHub" if source.repository else "")),
        "volume": source.volume.partition("(")[0],
        "number": source.volume.partition("(")[2].rstrip(")"),
        "pages": source.pages.replace("-", "--"),
        "doi": source.doi,
        "url": source.href.replace("%", r"\%"),
        "note": _escaped(_note(source)),
    }
    yield f"@{kind}{{{source.id},"
    yield from (f"  {key} = {{{value}}}," for key, value in fields.items() if value.strip("{}"))
    yield "}\n"


def _note(source: Source) -> str:
    parts = [source.path, source.version, f"commit {source.commit}" if source.commit else "", source.note]
    return "; ".join(part.rstrip(".") for part in parts if part)


def _escaped(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPED)
