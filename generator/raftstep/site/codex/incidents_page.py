"""The page of incidents, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from raftstep.scenario.played import Played
from raftstep.site.codex.book import Book
from raftstep.site.codex.incidents import Incident
from raftstep.site.codex.system_charts import read_at
from raftstep.site.codex.term_page import front_matter, plain


def incidents_page(book: Book, everyone: Mapping[str, Played]) -> str:
    """Every incident: what happened, which assumption failed, the lesson, and the run of the same shape."""
    shown = sum(bool(one.scenario) for one in book.incidents.values())
    lines = [
        *front_matter(
            title="Incidents",
            description="What went wrong in systems built on Raft: which assumption failed, what to learn from it, and "
            "the run on this site that has the same shape.",
            hide=["navigation"],
        ),
        "[Codex](index.md)",
        "{: .raft-crumb }",
        "",
        "# Incidents",
        "",
        "Raft's proof holds as long as its assumptions do.",
        "Here is what happened where one of them failed, or where something stood outside the proof.",
        f"The simulator of this site can show the shape of {shown} of these {len(book.incidents)}.",
        "",
    ]
    for one in book.incidents.values():
        lines += _incident(one, book, everyone)
    return "\n".join(lines)


def _incident(one: Incident, book: Book, everyone: Mapping[str, Played]) -> Iterator[str]:
    systems = ", ".join(f"[{book.systems[id].name}](systems/{id}.md)" for id in one.systems if id in book.systems)
    dated = f", {one.date}" if one.date else ""
    yield from (f"## {one.title} {{#{one.id}}}", "")
    yield from (f"{one.where}{dated} · {systems}", "{: .raft-also .raft-plain }", "")
    yield from (one.what.strip(), "")
    yield from ("**The assumption that failed.**", one.assumption.strip(), "")
    yield from ("**The lesson.**", one.lesson.strip(), "")
    if one.scenario:
        title = everyone[one.scenario].scenario.title
        yield from (f"**The same shape here.** {one.shape} [{title}](../scenarios/{one.scenario}.md)", "")
    told = "; ".join(
        f"[{plain(cited.source.title)}](sources.md#{cited.source.id})"
        + ("" if cited.at == "whole" else f", {plain(cited.at)}")
        + (f" ({plain(version)})" if (version := read_at(cited)) else "")
        for cited in one.sources
    )
    yield from (
        f"Sources: {told}. What was read: {one.read[0].lower()}{one.read[1:]}",
        "{: .raft-read .raft-plain }",
        "",
    )
