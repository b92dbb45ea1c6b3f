"""Structured data: an entry of the Codex as search engines read it, a schema.org ``DefinedTerm``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from raftstep.site.codex.model import Term
from raftstep.site.codex.term_page import name

CODEX = "The Codex of Raft, step by step"


def defined_term(term: Term, site_url: str) -> str:
    """A script element for a term's page. Without the site's address nothing has one."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DefinedTerm",
        "name": name(term),
        "description": term.definition,
        "termCode": term.id,
        "inDefinedTermSet": {"@type": "DefinedTermSet", "name": CODEX, **_address(site_url, "codex/")},
        **_address(site_url, f"codex/terms/{term.id}/"),
    }
    if term.synonyms:
        data["alternateName"] = list(term.synonyms)
    return _script(data)


def defined_term_set(terms: Iterable[Term], site_url: str) -> str:
    """A script element for the index."""
    entries = [{"@type": "DefinedTerm", "name": name(t), **_address(site_url, f"codex/terms/{t.id}/")} for t in terms]
    data = {"@type": "DefinedTermSet", "name": CODEX, **_address(site_url, "codex/"), "hasDefinedTerm": entries}
    return _script({"@context": "https://schema.org", **data})


def _address(site_url: str, path: str) -> dict[str, str]:
    if not site_url:
        return {}
    address = f"{site_url.rstrip('/')}/{path}"
    return {"@id": address, "url": address}


def _script(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'
