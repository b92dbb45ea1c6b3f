"""The page of one system, as Markdown; its run is an exhibit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raftstep.codex.book import Book
from raftstep.codex.model import Citation
from raftstep.codex.systems import TOPICS, Fact, System
from raftstep.document.markdown_text import escape_markdown
from raftstep.site.codex.system_charts import group_thousands, source_version
from raftstep.site.codex.system_run import SystemRun
from raftstep.site.codex.term_page import front_matter

SEPARATE_TOPICS = ("uses", "library", "language", "departures")
"""Topics that have a place of their own on the page."""

RELATIONS = {
    "raft": "Runs Raft.",
    "derived from Raft": "Runs a protocol derived from Raft.",
    "through etcd": "Runs Raft through etcd.",
    "not Raft": "Does not run Raft; it is listed for contrast.",
}


def exhibit_name(system: System) -> str:
    """The name of the exhibit that shows a system's run."""
    return f"system-{system.id}"


def system_page(
    system: System, book: Book, run: SystemRun | None, *, paper_run: SystemRun | None, edit_url: str
) -> str:
    """A system's page. ``paper_run`` is the run with the paper's timing, to compare with."""
    uses = system.fact("uses")
    purpose = uses.say[0] if uses.is_stated else RELATIONS[system.relation]
    lines = [
        *front_matter(
            title=f"{system.name} · Codex", description=f"{system.name} and Raft: {purpose}", hide=["navigation", "toc"]
        ),
        "[Codex](../index.md) › [Systems](index.md)",
        "{: .raft-crumb }",
        "",
        f"# {system.name}",
        "",
        purpose,
        "{: .raft-definition }",
        "",
        f"{RELATIONS[system.relation]} Read: {escape_markdown(system.read_note)}.",
        "{: .raft-also .raft-plain }",
        "",
        *_timing_section(system, run, paper_run),
        *_word_table(system),
        "## What it does",
        "",
        *_implementation_section(system.fact("library"), system.fact("language")),
        *(
            line
            for topic in TOPICS
            if topic not in SEPARATE_TOPICS
            for line in _fact_section(system, system.fact(topic))
        ),
        *_departures_section(system.fact("departures")),
        *_incidents_section(system, book),
        *_unverified_section(system),
        *_neighbour_links(system, book, edit_url),
    ]
    return "\n".join(lines) + "\n"


def _timing_section(system: System, run: SystemRun | None, paper_run: SystemRun | None) -> Iterator[str]:
    yield from ("## Its timing", "")
    if run is None:
        yield from (system.timing.run_note, "")
        return
    low, high = run.election_timeout_ms
    yield (
        f"Here the [eight steps](../../index.md) run again with {system.name}’s numbers: "
        f"election timeouts from {low} to {high} ms, and a heartbeat every {run.heartbeat_ms} ms."
    )
    yield f"Messages take as long as there, {_latency(run)}, and the random draws are the same (seed {run.seed})."
    yield f"It is a run of this site’s simulator with these settings, not of {system.name}."
    if system.timing.run_note:
        yield system.timing.run_note
    yield from ("", f"```raft-exhibit {exhibit_name(system)}", "```", "")
    comparison = ""
    if paper_run:
        comparison = (
            " With the timing of the paper, and the same draws, it is "
            f"{group_thousands(paper_run.without_leader_ms)} ms."
        )
    yield f"After the crash this run has no leader for **{group_thousands(run.without_leader_ms)} ms**.{comparison}"
    yield ""


def _latency(run: SystemRun) -> str:
    low, high = run.played.scenario.setup.latency_ms
    return f"{low} to {high} ms"


def _word_table(system: System) -> Iterator[str]:
    if not system.words:
        return
    yield from ("## The paper’s words and its own", "", f"| In the paper | In {system.name} |", "| --- | --- |")
    for pair in system.words:
        note = f" ({pair.note})" if pair.note else ""
        yield f"| {escape_markdown(pair.paper_word)} | {escape_markdown(pair.system_word + note)} |"
    yield from ("", *_source_line(system.word_sources, "Read in"))


def _fact_section(system: System, fact: Fact) -> Iterator[str]:
    if not fact.is_stated:
        return
    yield from (f"### {TOPICS[fact.topic]} {{#{fact.topic}}}", "", *fact.say, "")
    intro = "Read in" if fact.status == "verified" else "Follows from"
    yield from _source_line(fact.sources, f"{_setter_words(system, fact)}{intro}")


def _setter_words(system: System, fact: Fact) -> str:
    """Whose default it is, in a program around a library; a library's default is not that of every program."""
    if not fact.set_by or not system.library:
        return ""
    library = escape_markdown(system.library.name)
    if fact.set_by == "program":
        return f"Set by {escape_markdown(system.name)}, not by {library}. "
    return f"The default of {library}, which {escape_markdown(system.name)} does not change. "


def _implementation_section(library: Fact, language: Fact) -> Iterator[str]:
    """The library and its language in one section."""
    if not library.is_stated and not language.is_stated:
        return
    yield from (f"### {TOPICS['library']} {{#library}}", "", *library.say)
    yield from (f"It is written in {language_name}." for language_name in language.say)
    sources = {citation.source.id: citation for citation in (*language.sources, *library.sources)}
    yield from ("", *_source_line(tuple(sources.values()), "Read in"))


def _departures_section(fact: Fact) -> Iterator[str]:
    if fact.is_stated:
        yield from (f"## {TOPICS['departures']} {{#departures}}", "", *(f"- {departure}" for departure in fact.say), "")
        yield from _source_line(fact.sources, "Read in" if fact.status == "verified" else "Follows from")


def _source_line(sources: Sequence[Citation], intro: str) -> Iterator[str]:
    """Where a fact was read, each source with its version."""
    source_list = "; ".join(_source_words(citation) for citation in sources)
    yield from (f"{intro} {source_list}.", "{: .raft-read .raft-plain }", "")


def _source_words(citation: Citation) -> str:
    source = citation.source
    name = source.path.rpartition("/")[2] or source.title
    where = f"{source.repository}, " if source.path else f"{source.author_words}, " if source.author_words else ""
    at = "" if citation.at == "whole" else f", {escape_markdown(citation.at)}"
    version = source_version(citation)
    version_words = f" ({escape_markdown(version)})" if version else ""
    return f"{escape_markdown(where)}[{escape_markdown(name)}](../sources.md#{source.id}){at}{version_words}"


def _incidents_section(system: System, book: Book) -> Iterator[str]:
    incidents = [incident for incident in book.incidents.values() if system.id in incident.systems]
    if incidents:
        yield from ("## Incidents", "")
        yield from (f"- [{incident.title}](../incidents.md#{incident.id}): {incident.where}" for incident in incidents)
        yield ""


def _unverified_section(system: System) -> Iterator[str]:
    unverified_facts = [
        (topic, fact) for topic, fact in _recorded_facts(system) if not fact.is_stated or fact.unverified
    ]
    if not unverified_facts:
        return
    yield from ("## Not verified", "", "On these points nothing is claimed here.", "")
    for topic, fact in unverified_facts:
        yield f"- **{TOPICS[topic]}**{f': {fact.unverified}' if fact.unverified else ''}."
    yield ""


def _recorded_facts(system: System) -> Iterator[tuple[str, Fact]]:
    """Every topic that somebody looked into, and those that tables compare."""
    for topic in TOPICS:
        if topic in system.facts:
            yield topic, system.facts[topic]


def _neighbour_links(system: System, book: Book, edit_url: str) -> Iterator[str]:
    ids = list(book.systems)
    index = ids.index(system.id)
    links = []
    if index > 0:
        before = book.systems[ids[index - 1]]
        links.append(f"[← {before.name}]({before.id}.md)")
    if edit_url:
        links.append(f"[Edit this entry]({edit_url})")
    if index + 1 < len(ids):
        after = book.systems[ids[index + 1]]
        links.append(f"[{after.name} →]({after.id}.md)")
    if links:
        yield from ("---", "", " · ".join(links), "{: .raft-around }", "")
