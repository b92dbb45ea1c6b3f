"""The Codex for other programs: the bibliography as BibTeX, and a term as a schema.org ``DefinedTerm``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from raftstep.codex.model import Source, Term, term_title

_ENTRY_TYPES = {
    "article": ("article", "journal"),
    "paper": ("inproceedings", "booktitle"),
    "thesis": ("phdthesis", "school"),
    "report": ("techreport", "institution"),
    "book": ("book", "publisher"),
}
_MISC = ("misc", "howpublished")

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    }
)


def bibtex(sources: Iterable[Source]) -> str:
    """All entries, in the order of their ids, which are also their keys."""
    sorted_sources = sorted(sources, key=lambda source: source.id)
    return "\n".join("\n".join(_entry(source)) for source in sorted_sources)


def _entry(source: Source) -> Iterator[str]:
    entry_type, venue_field = _ENTRY_TYPES.get(source.kind, _MISC)
    fields = {
        "author": " and ".join(map(_escape, source.authors)) or (f"{{{_escape(source.organisation)}}}"),
        "title": f"{{{_escape(source.title)}}}",
        "year": str(source.year or ""),
        venue_field: _escape(source.where or (f"{source.repository} on GitHub" if source.repository else "")),
        "volume": source.volume.partition("(")[0],
        "number": source.volume.partition("(")[2].rstrip(")"),
        "pages": source.pages.replace("-", "--"),
        "doi": source.doi,
        "url": source.url.replace("%", r"\%"),
        "note": _escape(_note(source)),
    }
    yield f"@{entry_type}{{{source.id},"
    yield from (f"  {key} = {{{value}}}," for key, value in fields.items() if value.strip("{}"))
    yield "}\n"


def _note(source: Source) -> str:
    parts = [source.path, source.version, f"commit {source.commit}" if source.commit else "", source.note]
    return "; ".join(part.rstrip(".") for part in parts if part)


def _escape(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPES)


CODEX_NAME = "The Codex of Raft, step by step"


def defined_term(term: Term, site_url: str) -> str:
    """A script element for a term's page. Without the site's address nothing has one."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DefinedTerm",
        "name": term_title(term),
        "description": term.definition,
        "termCode": term.id,
        "inDefinedTermSet": {"@type": "DefinedTermSet", "name": CODEX_NAME, **_address_fields(site_url, "codex/")},
        **_address_fields(site_url, f"codex/terms/{term.id}/"),
    }
    if term.synonyms:
        data["alternateName"] = list(term.synonyms)
    return _script_element(data)


def defined_term_set(terms: Iterable[Term], site_url: str) -> str:
    """A script element for the index."""
    entries = [
        {"@type": "DefinedTerm", "name": term_title(term), **_address_fields(site_url, f"codex/terms/{term.id}/")}
        for term in terms
    ]
    data = {
        "@type": "DefinedTermSet",
        "name": CODEX_NAME,
        **_address_fields(site_url, "codex/"),
        "hasDefinedTerm": entries,
    }
    return _script_element({"@context": "https://schema.org", **data})


def _address_fields(site_url: str, path: str) -> dict[str, str]:
    if not site_url:
        return {}
    address = f"{site_url.rstrip('/')}/{path}"
    return {"@id": address, "url": address}


def _script_element(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'
