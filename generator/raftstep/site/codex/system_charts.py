"""What compares the systems: their timeouts and snapshots as charts, their choices as tables linked to the sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from raftstep.codex.model import Citation
from raftstep.codex.systems import TOPICS, Fact, System
from raftstep.picture.curves import ChartAxis
from raftstep.picture.ranges import RangeRow, build_ranges_frame
from raftstep.site.chart import draw_chart
from raftstep.site.codex.system_run import SystemRun
from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.macros import load_macros

Systems = Mapping[str, System]

PAPER_TIMEOUT_MS = (150, 300)
"""The election timeouts that Raft's paper advises in its §9.3."""

TIMEOUT_AXIS = ChartAxis(
    low=80, high=25_000, ticks=((100, "0.1 s"), (1000, "1 s"), (10_000, "10 s")), name="", logarithmic=True
)
ENTRIES_AXIS = ChartAxis(
    low=40,
    high=350_000,
    ticks=((100, "100"), (1000, "1000"), (10_000, "10 000"), (100_000, "100 000")),
    name="",
    logarithmic=True,
)
MAX_LABEL_LENGTH = 17
"""How many letters of a name are in a chart; of a longer one its first word."""

EXTENSION_TOPICS = (
    "pre-vote",
    "check-quorum",
    "learners",
    "membership-change",
    "linearizable-read",
    "leadership-transfer",
)
MEMBERSHIP_TOPICS = ("membership-change", "learners")
OVERVIEW_TOPICS = ("election-timeout", "heartbeat", "pre-vote", "membership-change", "linearizable-read", "snapshot")


def exhibits(systems: Systems) -> dict[str, Exhibit]:
    """The exhibits that compare all systems, by name."""
    return {
        "systems-timeouts": lambda _: timeouts_chart(systems),
        "systems-snapshots": lambda _: snapshots_chart(systems),
        "systems-tweaks": partial(comparison_table, systems, EXTENSION_TOPICS, "What real systems add"),
        "systems-membership": partial(
            comparison_table,
            _systems_with_fact(systems, "membership-change"),
            MEMBERSHIP_TOPICS,
            "How real systems change their members",
        ),
        "systems-overview": partial(overview_table, systems),
    }


def timeouts_chart(systems: Systems) -> str:
    """How long nodes wait before they start an election, and how often leaders send heartbeats, to scale."""
    system_timeouts = [
        (system, system.timing.election_timeout_ms) for system in systems.values() if system.timing.election_timeout_ms
    ]
    system_timeouts.sort(key=lambda pair: (pair[1], pair[0].name.lower()))
    rows = [RangeRow(name="Raft’s paper advises", words="150 to 300 ms", bar=PAPER_TIMEOUT_MS, marks=(None,))]
    table_rows = [("System", "Election timeout", "Heartbeat", "Note"), ("Raft’s paper, §9.3", "150 to 300 ms", "", "")]
    for system, timeout_ms in system_timeouts:
        timeout, heartbeat = (_brief(system.fact(topic)) for topic in ("election-timeout", "heartbeat"))
        shortest_heartbeat_ms = system.timing.heartbeat_ms[0] if system.timing.heartbeat_ms else None
        rows.append(
            RangeRow(
                name=_label(system),
                words=f"{timeout} · {heartbeat}",
                bar=(max(timeout_ms[0], TIMEOUT_AXIS.low), timeout_ms[1]),
                marks=(shortest_heartbeat_ms,),
            )
        )
        table_rows.append((system.name, timeout, heartbeat, system.timing.timeout_note))
    frame = build_ranges_frame(
        "systems-timeouts",
        title=f"Election timeouts and heartbeats of {len(system_timeouts)} systems at their defaults",
        description="A row for each system, from the shortest wait to the longest; the numbers are in each row. "
        "The axis is logarithmic.",
        axis=TIMEOUT_AXIS,
        rows=rows,
        bar="election timeout, shortest to longest",
        marks=("heartbeat interval",),
    )
    return draw_chart(
        frame,
        table_rows,
        "Defaults, before anyone sets anything. The axis is logarithmic: each line is ten times the last. "
        "A bar that begins at the left edge goes on to shorter waits.",
    )


def _label(system: System) -> str:
    """A name that leaves room for the numbers next to it."""
    return system.name if len(system.name) <= MAX_LABEL_LENGTH else system.name.split()[0]


def _brief(fact: Fact) -> str:
    return fact.brief if fact.is_stated else "not verified"


def snapshots_chart(systems: Systems) -> str:
    """How many entries make a snapshot due, and how many stay behind it."""
    compactions = [(system, system.compaction) for system in systems.values() if system.compaction]
    counted_by_entries = sorted(
        ((system, compaction) for system, compaction in compactions if compaction.entries),
        key=lambda pair: (pair[1].entries, pair[0].name.lower()),
    )
    rows = [
        RangeRow(
            name=_label(system),
            words=_brief(system.fact("snapshot")),
            marks=(compaction.entries, compaction.kept or None),
        )
        for system, compaction in counted_by_entries
    ]
    table_rows = [("System", "Entries", "Or size", "Entries kept", "Checked every", "At the latest after")]
    for system, compaction in [
        *counted_by_entries,
        *((system, compaction) for system, compaction in compactions if not compaction.entries),
    ]:
        size, interval, longest = (
            size_words(compaction.bytes),
            interval_words(compaction.every_s, compaction.every_most_s),
            time_words(compaction.longest_s),
        )
        table_rows.append(
            (
                system.name,
                group_thousands(compaction.entries),
                size,
                group_thousands(compaction.kept),
                interval,
                longest,
            )
        )
    others = [system.name for system, compaction in compactions if not compaction.entries]
    more = f" By size or time alone: {', '.join(others)}." if others else ""
    frame = build_ranges_frame(
        "systems-snapshots",
        title=f"How many entries make a snapshot due, in {len(rows)} systems at their defaults",
        description="A row for each system, from the fewest entries to the most; the words are in each row. "
        "The axis is logarithmic.",
        axis=ENTRIES_AXIS,
        rows=rows,
        marks=("entries until a snapshot", "entries kept behind it"),
    )
    return draw_chart(frame, table_rows, f"Defaults. The axis is logarithmic.{more}")


def group_thousands(number: int) -> str:
    """A number with thin spaces between thousands; nothing for none.

    >>> group_thousands(10_000)
    '10 000'
    """
    if not number:
        return ""
    return f"{number:,}".replace(",", " ") if number >= 10_000 else str(number)


def size_words(byte_count: int) -> str:
    """A size in the largest unit that divides it.

    >>> size_words(65536), size_words(20971520), size_words(0)
    ('64 KiB', '20 MiB', '')
    """
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if byte_count and byte_count % unit == 0:
            return f"{byte_count // unit} {name}"
    return f"{byte_count} bytes" if byte_count else ""


def time_words(seconds: int) -> str:
    """A time in seconds, minutes or hours.

    >>> time_words(30), time_words(120), time_words(3600), time_words(0)
    ('30 s', '2 min', '1 h', '')
    """
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s" if seconds else ""


def interval_words(least_s: int, most_s: int) -> str:
    """A time, or a range of times, in the largest unit that fits both.

    >>> interval_words(30, 0), interval_words(30, 60), interval_words(120, 240)
    ('30 s', '30 to 60 s', '2 to 4 min')
    """
    if not most_s:
        return time_words(least_s)
    if least_s % 60 == most_s % 60 == 0:
        return f"{least_s // 60} to {most_s // 60} min"
    return f"{least_s} to {most_s} s"


def source_version(citation: Citation) -> str:
    """The version at which a source was read, as short as can be: a release, else a day, else a commit."""
    source = citation.source
    date_match = re.search(r"\bof (\d{4}-\d\d-\d\d)", source.version)
    if date_match:
        return date_match[1]
    version = source.version.partition(",")[0].removeprefix("describes ")
    if version and version != "last commit":
        return version
    return source.date or source.commit[:8] or (str(source.year) if source.year else "")


_macros = partial(load_macros, "systems.html.jinja")


def comparison_table(systems: Systems, topics: tuple[str, ...], title: str, link_to: LinkTo) -> str:
    """Systems by some topics; each cell leads to where it was read."""
    rows = [_table_row(system, topics, link_to) for system in systems.values()]
    return str(_macros().matrix({"title": title, "head": _column_heads(topics), "rows": rows}))


def _systems_with_fact(systems: Systems, topic: str) -> Systems:
    """The systems of which something is known on a topic."""
    return {id: system for id, system in systems.items() if system.fact(topic).is_stated}


def overview_table(systems: Systems, link_to: LinkTo) -> str:
    """All systems at a glance; systems.js lets readers sort and filter them."""
    rows = [
        {
            **_table_row(system, OVERVIEW_TOPICS, link_to),
            "relation": "Raft" if system.relation == "raft" else system.relation,
            "language": system.fact("language").say[0].partition(",")[0] if system.fact("language").is_stated else "",
        }
        for system in systems.values()
    ]
    return str(_macros().overview({"title": "All systems", "head": _column_heads(OVERVIEW_TOPICS), "rows": rows}))


def run_picture(system: System, run: SystemRun) -> str:
    """The run with a system's timing: its space-time picture, and the eight steps with their times."""
    shape = {
        "id": run.played.scenario.id,
        "name": system.name,
        "timeline": run.timeline,
        "steps": [
            (moment.number, moment.plain_title, group_thousands(moment.time_ms) or "0") for moment in run.played.moments
        ],
    }
    return str(_macros().run(shape))


def _column_heads(topics: tuple[str, ...]) -> list[str]:
    return [TOPICS[topic] for topic in topics]


def _table_row(system: System, topics: tuple[str, ...], link_to: LinkTo) -> dict[str, Any]:
    cells = [
        _cell(TOPICS[topic], system.fact(topic), link_to) | {"order": _sort_text(system, topic)} for topic in topics
    ]
    return {"id": system.id, "name": system.name, "href": link_to(f"codex/systems/{system.id}/"), "cells": cells}


def _cell(head: str, fact: Fact, link_to: LinkTo) -> dict[str, Any]:
    if not fact.is_stated:
        return {"head": head, "words": "", "href": "", "title": "", "version": "", "derived": False}
    first_citation = next((citation for citation in fact.sources if source_version(citation)), fact.sources[0])
    at = "" if first_citation.at == "whole" else f", {first_citation.at}"
    return {
        "head": head,
        "words": fact.brief,
        "href": link_to(f"codex/sources/#{first_citation.source.id}"),
        "title": f"{first_citation.source.title}{at}",
        "version": source_version(first_citation),
        "derived": fact.status == "derived",
    }


def _sort_text(system: System, topic: str) -> str:
    """What a column is sorted by: numbers where there are some, padded to sort as text; else nothing, for the words."""
    if topic == "election-timeout" and system.timing.election_timeout_ms:
        return f"{system.timing.election_timeout_ms[0]:09}"
    if topic == "heartbeat" and system.timing.heartbeat_ms:
        return f"{system.timing.heartbeat_ms[0]:09}"
    if topic == "snapshot" and system.compaction and system.compaction.entries:
        return f"{system.compaction.entries:09}"
    return ""
