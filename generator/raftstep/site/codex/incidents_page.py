"""The page of incidents, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from raftstep.codex.book import Book
from raftstep.codex.incidents import Incident
from raftstep.document.markdown_text import escape_markdown
from raftstep.scenario.model import PlayedScenario
from raftstep.site.codex.system_charts import source_version
from raftstep.site.codex.term_page import front_matter


def incidents_page(book: Book, scenario_runs: Mapping[str, PlayedScenario]) -> str:
    """Every incident: what happened, which assumption failed, the lesson, and the run of the same shape."""
    shown_count = sum(bool(incident.scenario) for incident in book.incidents.values())
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
        "Here is what happened where one of them failed, or where something was outside the proof.",
        f"The simulator of this site can show the shape of {shown_count} of these {len(book.incidents)}.",
        "",
    ]
    for incident in book.incidents.values():
        lines += _incident_section(incident, book, scenario_runs)
    return "\n".join(lines)


def _incident_section(incident: Incident, book: Book, scenario_runs: Mapping[str, PlayedScenario]) -> Iterator[str]:
    systems = ", ".join(f"[{book.systems[id].name}](systems/{id}.md)" for id in incident.systems if id in book.systems)
    date_words = f", {incident.date}" if incident.date else ""
    yield from (f"## {incident.title} {{#{incident.id}}}", "")
    yield from (f"{incident.where}{date_words} · {systems}", "{: .raft-also .raft-plain }", "")
    yield from (incident.what.strip(), "")
    yield from ("**The assumption that failed.**", incident.assumption.strip(), "")
    yield from ("**The lesson.**", incident.lesson.strip(), "")
    if incident.scenario:
        title = escape_markdown(scenario_runs[incident.scenario].scenario.title)
        yield from (
            f"**The same shape here.** {incident.shape} [{title}](../scenarios/{incident.scenario}.md)",
            "",
        )
    source_list = "; ".join(
        f"[{escape_markdown(citation.source.title)}](sources.md#{citation.source.id})"
        + ("" if citation.at == "whole" else f", {escape_markdown(citation.at)}")
        + (f" ({escape_markdown(version)})" if (version := source_version(citation)) else "")
        for citation in incident.sources
    )
    yield from (
        f"Sources: {source_list}. *Read for this:* {incident.read_note}",
        "{: .raft-read .raft-plain }",
        "",
    )
