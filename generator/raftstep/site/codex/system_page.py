"""The page of one system, as Markdown; its run is an exhibit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raftstep.site.codex.book import Book
from raftstep.site.codex.model import Citation
from raftstep.site.codex.system_charts import read_at, whole_words
from raftstep.site.codex.system_run import SystemRun
from raftstep.site.codex.systems import TOPICS, Fact, System
from raftstep.site.codex.term_page import front_matter, plain

TOLD_APART = ("uses", "library", "language", "departures")
"""Topics that have a place of their own on the page."""

RELATIONS = {
    "raft": "Runs Raft.",
    "derived from Raft": "Runs a protocol derived from Raft.",
    "through etcd": "Runs Raft through etcd.",
    "not Raft": "Does not run Raft; it stands here for contrast.",
}


def exhibit_name(system: System) -> str:
    """The name of the exhibit that shows a system's run."""
    return f"system-{system.id}"


def system_page(system: System, book: Book, run: SystemRun | None, *, usual: SystemRun | None, edit_url: str) -> str:
    """A system's page. ``usual`` is the run with the paper's timing, to compare with."""
    uses = system.fact("uses")
    what = uses.say[0] if uses.stated else RELATIONS[system.relation]
    lines = [
        *front_matter(
            title=f"{system.name} · Codex", description=f"{system.name} and Raft: {what}", hide=["navigation", "toc"]
        ),
        "[Codex](../index.md) › [Systems](index.md)",
        "{: .raft-crumb }",
        "",
        f"# {system.name}",
        "",
        what,
        "{: .raft-definition }",
        "",
        f"{RELATIONS[system.relation]} Read: {plain(system.read)}.",
        "{: .raft-also .raft-plain }",
        "",
        *_timing(system, run, usual),
        *_words(system),
        "## What it does",
        "",
        *_implementation(system.fact("library"), system.fact("language")),
        *(line for topic in TOPICS if topic not in TOLD_APART for line in _fact(system.fact(topic))),
        *_departures(system.fact("departures")),
        *_incidents(system, book),
        *_unverified(system),
        *_around(system, book, edit_url),
    ]
    return "\n".join(lines) + "\n"


def _timing(system: System, run: SystemRun | None, usual: SystemRun | None) -> Iterator[str]:
    yield from ("## Its timing", "")
    if run is None:
        yield from (system.timing.run_note, "")
        return
    low, high = run.wait_ms
    yield (
        f"Here the [eight steps](../../index.md) run again with {system.name}’s numbers: "
        f"election timeouts from {low} to {high} ms, and a heartbeat every {run.heartbeat_ms} ms."
    )
    yield f"Messages take as long as there, {_latency(run)}, and the dice are the same (seed {run.seed})."
    yield f"It is a run of this site’s simulator with these settings, not of {system.name}."
    if system.timing.run_note:
        yield system.timing.run_note
    yield from ("", f"```raft-exhibit {exhibit_name(system)}", "```", "")
    against = ""
    if usual:
        against = f" With the timing of the paper, and the same dice, it is {whole_words(usual.without_leader_ms)} ms."
    yield f"After the crash this run has no leader for **{whole_words(run.without_leader_ms)} ms**.{against}"
    yield ""


def _latency(run: SystemRun) -> str:
    low, high = run.played.scenario.setup.latency_ms
    return f"{low} to {high} ms"


def _words(system: System) -> Iterator[str]:
    if not system.words:
        return
    yield from ("## The paper’s words and its own", "", f"| In the paper | In {system.name} |", "| --- | --- |")
    for pair in system.words:
        note = f" ({pair.note})" if pair.note else ""
        yield f"| {plain(pair.paper)} | {plain(pair.here + note)} |"
    yield from ("", *_read(system.word_sources, "Read in"))


def _fact(fact: Fact) -> Iterator[str]:
    if not fact.stated:
        return
    yield from (f"### {TOPICS[fact.topic]} {{#{fact.topic}}}", "", *fact.say, "")
    yield from _read(fact.sources, "Read in" if fact.status == "verified" else "Follows from")


def _implementation(library: Fact, language: Fact) -> Iterator[str]:
    """The library and its language in one section."""
    if not library.stated and not language.stated:
        return
    yield from (f"### {TOPICS['library']} {{#library}}", "", *library.say)
    yield from (f"It is written in {one}." for one in language.say)
    sources = {one.source.id: one for one in (*language.sources, *library.sources)}
    yield from ("", *_read(tuple(sources.values()), "Read in"))


def _departures(fact: Fact) -> Iterator[str]:
    if fact.stated:
        yield from (f"## {TOPICS['departures']} {{#departures}}", "", *(f"- {one}" for one in fact.say), "")
        yield from _read(fact.sources, "Read in" if fact.status == "verified" else "Follows from")


def _read(sources: Sequence[Citation], how: str) -> Iterator[str]:
    """Where a fact was read, each source with its version."""
    told = "; ".join(_source(one) for one in sources)
    yield from (f"{how} {told}.", "{: .raft-read .raft-plain }", "")


def _source(citation: Citation) -> str:
    source = citation.source
    name = source.path.rpartition("/")[2] or source.title
    where = f"{source.repository}, " if source.path else f"{source.people}, " if source.people else ""
    at = "" if citation.at == "whole" else f", {plain(citation.at)}"
    version = read_at(citation)
    read = f" ({plain(version)})" if version else ""
    return f"{plain(where)}[{plain(name)}](../sources.md#{source.id}){at}{read}"


def _incidents(system: System, book: Book) -> Iterator[str]:
    found = [one for one in book.incidents.values() if system.id in one.systems]
    if found:
        yield from ("## Incidents", "")
        yield from (f"- [{one.title}](../incidents.md#{one.id}): {one.where}" for one in found)
        yield ""


def _unverified(system: System) -> Iterator[str]:
    open_ones = [(topic, fact) for topic, fact in _all(system) if not fact.stated or fact.unverified]
    if not open_ones:
        return
    yield from ("## Not verified", "", "On these points nothing is claimed here.", "")
    for topic, fact in open_ones:
        yield f"- **{TOPICS[topic]}**{f': {fact.unverified}' if fact.unverified else ''}."
    yield ""


def _all(system: System) -> Iterator[tuple[str, Fact]]:
    """Every topic that somebody looked into, and those that tables compare."""
    for topic in TOPICS:
        if topic in system.facts:
            yield topic, system.facts[topic]


def _around(system: System, book: Book, edit_url: str) -> Iterator[str]:
    ids = list(book.systems)
    place = ids.index(system.id)
    links = []
    if place > 0:
        before = book.systems[ids[place - 1]]
        links.append(f"[← {before.name}]({before.id}.md)")
    if edit_url:
        links.append(f"[Edit this entry]({edit_url})")
    if place + 1 < len(ids):
        after = book.systems[ids[place + 1]]
        links.append(f"[{after.name} →]({after.id}.md)")
    if links:
        yield from ("---", "", " · ".join(links), "{: .raft-around }", "")
