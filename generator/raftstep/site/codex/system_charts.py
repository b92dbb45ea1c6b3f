"""What compares the systems: their timeouts and snapshots as charts, their choices as tables linked to the sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from raftstep.picture.curves import Axis
from raftstep.picture.ranges import Row, ranges_frame
from raftstep.site.chart import chart
from raftstep.site.codex.model import Citation
from raftstep.site.codex.system_run import SystemRun
from raftstep.site.codex.systems import TOPICS, Fact, System
from raftstep.site.exhibit import Exhibit, Href
from raftstep.site.macros import macros

Systems = Mapping[str, System]

ADVICE_MS = (150, 300)
"""The election timeouts that Raft's paper advises in its §9.3."""

WAITS = Axis(low=80, high=25_000, ticks=((100, "0.1 s"), (1000, "1 s"), (10_000, "10 s")), name="", logarithmic=True)
ENTRIES = Axis(
    low=40,
    high=350_000,
    ticks=((100, "100"), (1000, "1000"), (10_000, "10 000"), (100_000, "100 000")),
    name="",
    logarithmic=True,
)
LONGEST_LABEL = 17
"""How many letters of a name stand in a chart; of a longer one its first word."""

TWEAKS = ("pre-vote", "check-quorum", "learners", "membership-change", "linearizable-read", "leadership-transfer")
MEMBERSHIP = ("membership-change", "learners")
OVERVIEW = ("election-timeout", "heartbeat", "pre-vote", "membership-change", "linearizable-read", "snapshot")


def exhibits(systems: Systems) -> dict[str, Exhibit]:
    """The exhibits that compare all systems, by name."""
    return {
        "systems-timeouts": lambda _: timeouts(systems),
        "systems-snapshots": lambda _: snapshots(systems),
        "systems-tweaks": partial(compared, systems, TWEAKS, "What real systems add"),
        "systems-membership": partial(
            compared, _stating(systems, "membership-change"), MEMBERSHIP, "How real systems change their members"
        ),
        "systems-overview": partial(overview, systems),
    }


def timeouts(systems: Systems) -> str:
    """How long nodes wait before they stand, and how often leaders send heartbeats, to scale."""
    known = [(one, one.timing.wait_ms) for one in systems.values() if one.timing.wait_ms]
    known.sort(key=lambda pair: (pair[1], pair[0].name.lower()))
    rows = [Row(name="Raft’s paper advises", words="150 to 300 ms", bar=ADVICE_MS, marks=(None,))]
    numbers = [("System", "Election timeout", "Heartbeat", "Note"), ("Raft’s paper, §9.3", "150 to 300 ms", "", "")]
    for system, wait_ms in known:
        wait, beat = (_brief(system.fact(topic)) for topic in ("election-timeout", "heartbeat"))
        least = system.timing.heartbeat_ms[0] if system.timing.heartbeat_ms else None
        rows.append(Row(name=_label(system), words=f"{wait} · {beat}", bar=wait_ms, marks=(least,)))
        numbers.append((system.name, wait, beat, system.timing.wait_note))
    frame = ranges_frame(
        "systems-timeouts",
        title=f"Election timeouts and heartbeats of {len(known)} systems at their defaults",
        description="A row for each system, from the shortest wait to the longest; the numbers stand in each row. "
        "The axis is logarithmic.",
        axis=WAITS,
        rows=rows,
        bar="election timeout, shortest to longest",
        marks=("heartbeat interval",),
    )
    return chart(
        frame,
        numbers,
        "Defaults, before anyone sets anything. The axis is logarithmic: each line is ten times the last.",
    )


def _label(system: System) -> str:
    """A name that leaves room for numbers beside it."""
    return system.name if len(system.name) <= LONGEST_LABEL else system.name.split()[0]


def _brief(fact: Fact) -> str:
    return fact.brief if fact.stated else "not verified"


def snapshots(systems: Systems) -> str:
    """How many entries make a snapshot due, and how many stay behind it."""
    due = [(one, one.compaction) for one in systems.values() if one.compaction]
    counted = sorted(
        ((one, c) for one, c in due if c.entries), key=lambda pair: (pair[1].entries, pair[0].name.lower())
    )
    rows = [
        Row(name=_label(system), words=_brief(system.fact("snapshot")), marks=(one.entries, one.kept or None))
        for system, one in counted
    ]
    numbers = [("System", "Entries", "Or size", "Entries kept", "Looked at every", "At the latest after")]
    for system, one in [*counted, *((system, one) for system, one in due if not one.entries)]:
        size, every, longest = size_words(one.bytes), time_words(one.every_s), time_words(one.longest_s)
        numbers.append((system.name, whole_words(one.entries), size, whole_words(one.kept), every, longest))
    others = [system.name for system, one in due if not one.entries]
    more = f" By size or time alone: {', '.join(others)}." if others else ""
    frame = ranges_frame(
        "systems-snapshots",
        title=f"How many entries make a snapshot due, in {len(rows)} systems at their defaults",
        description="A row for each system, from the fewest entries to the most; the words stand in each row. "
        "The axis is logarithmic.",
        axis=ENTRIES,
        rows=rows,
        marks=("entries until a snapshot", "entries kept behind it"),
    )
    return chart(frame, numbers, f"Defaults. The axis is logarithmic.{more}")


def whole_words(number: int) -> str:
    """A number with thin spaces between thousands; nothing for none.

    >>> whole_words(10_000)
    '10 000'
    """
    if not number:
        return ""
    return f"{number:,}".replace(",", " ") if number >= 10_000 else str(number)


def size_words(bytes: int) -> str:
    """A size in the largest unit that divides it.

    >>> size_words(65536), size_words(20971520), size_words(0)
    ('64 KiB', '20 MiB', '')
    """
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if bytes and bytes % unit == 0:
            return f"{bytes // unit} {name}"
    return f"{bytes} bytes" if bytes else ""


def time_words(seconds: int) -> str:
    """A time in seconds, minutes or hours.

    >>> time_words(30), time_words(120), time_words(3600), time_words(0)
    ('30 s', '2 min', '1 h', '')
    """
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s" if seconds else ""


def read_at(citation: Citation) -> str:
    """The version at which a source was read, as short as can be: a release, else a day, else a commit."""
    source = citation.source
    dated = re.search(r"\bof (\d{4}-\d\d-\d\d)", source.version)
    if dated:
        return dated[1]
    version = source.version.partition(",")[0].removeprefix("describes ")
    if version and version != "last commit":
        return version
    return source.date or source.commit[:8] or (str(source.year) if source.year else "")


_macros = partial(macros, "systems.html.jinja")


def compared(systems: Systems, topics: tuple[str, ...], title: str, href: Href) -> str:
    """Systems by some topics; each cell leads to where it was read."""
    rows = [_line(system, topics, href) for system in systems.values()]
    return str(_macros().matrix({"title": title, "head": _heads(topics), "rows": rows}))


def _stating(systems: Systems, topic: str) -> Systems:
    """The systems of which something is known on a topic."""
    return {id: system for id, system in systems.items() if system.fact(topic).stated}


def overview(systems: Systems, href: Href) -> str:
    """All systems at a glance; systems.js lets readers sort and filter them."""
    rows = [
        {
            **_line(system, OVERVIEW, href),
            "relation": "Raft" if system.relation == "raft" else system.relation,
            "language": system.fact("language").say[0].partition(",")[0] if system.fact("language").stated else "",
        }
        for system in systems.values()
    ]
    return str(_macros().overview({"title": "All systems", "head": _heads(OVERVIEW), "rows": rows}))


def run_picture(system: System, run: SystemRun) -> str:
    """The run with a system's timing: its space-time picture, and the eight steps with their times."""
    shape = {
        "id": run.played.scenario.id,
        "name": system.name,
        "timeline": run.timeline,
        "steps": [(moment.number, moment.title, whole_words(moment.time_ms) or "0") for moment in run.played.moments],
    }
    return str(_macros().run(shape))


def _heads(topics: tuple[str, ...]) -> list[str]:
    return [TOPICS[topic] for topic in topics]


def _line(system: System, topics: tuple[str, ...], href: Href) -> dict[str, Any]:
    cells = [_cell(TOPICS[topic], system.fact(topic), href) | {"order": _order(system, topic)} for topic in topics]
    return {"id": system.id, "name": system.name, "href": href(f"codex/systems/{system.id}/"), "cells": cells}


def _cell(head: str, fact: Fact, href: Href) -> dict[str, Any]:
    if not fact.stated:
        return {"head": head, "words": "", "href": "", "title": "", "version": "", "derived": False}
    first = next((one for one in fact.sources if read_at(one)), fact.sources[0])
    at = "" if first.at == "whole" else f", {first.at}"
    return {
        "head": head,
        "words": fact.brief,
        "href": href(f"codex/sources/#{first.source.id}"),
        "title": f"{first.source.title}{at}",
        "version": read_at(first),
        "derived": fact.status == "derived",
    }


def _order(system: System, topic: str) -> str:
    """What a column is sorted by: numbers where there are some, padded to sort as text; else nothing, for the words."""
    if topic == "election-timeout" and system.timing.wait_ms:
        return f"{system.timing.wait_ms[0]:09}"
    if topic == "heartbeat" and system.timing.heartbeat_ms:
        return f"{system.timing.heartbeat_ms[0]:09}"
    if topic == "snapshot" and system.compaction and system.compaction.entries:
        return f"{system.compaction.entries:09}"
    return ""
