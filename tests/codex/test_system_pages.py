"""Pages about real systems: nothing stated without its source, and a run whose numbers are the run's own."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from raftstep.codex.systems import System, Timing
from raftstep.site.codex.incidents_page import incidents_page
from raftstep.site.codex.system_charts import source_version
from raftstep.site.codex.system_exhibits import SystemExhibits
from raftstep.site.codex.system_run import simulate_system
from tests.codex.reading import GOOD, OWN, everyone, read

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = everyone()["leader-election"].scenario


@cache
def own() -> SystemExhibits:
    practice = SystemExhibits(read(OWN), everyone())
    assert practice.runs
    assert practice.list_problems() == []
    return practice


def href(address: str) -> str:
    return f"../../{address}"


# pages


def test_a_systems_page_tells_all_that_its_data_does(golden: Callable[[str, str], None]) -> None:
    """What contributors write under a system must reach its readers; the data of tests/codex/good uses every key."""
    practice = SystemExhibits(read(GOOD), everyone())

    golden("codex/system-etcd.md", practice.page(practice.book.systems["etcd"], edit_url=""))


def test_a_system_that_cannot_be_run_says_why(golden: Callable[[str, str], None]) -> None:
    """Where followers fetch, as in Kafka, Figure 2's timers do not apply; no reason would look like a gap."""
    practice = SystemExhibits(read(GOOD), everyone())

    golden("codex/system-kafka.md", practice.page(practice.book.systems["kafka"], edit_url=""))


def test_the_incidents_tell_what_failed_and_where_to_see_it(golden: Callable[[str, str], None]) -> None:
    """CONTRIBUTING, *Adding a system*: an incident's `shape` names the scenario that shows the same."""
    golden("codex/incidents.md", incidents_page(read(GOOD), everyone()))


def test_systems_stand_in_the_index_and_are_found_by_their_short_names() -> None:
    """People look for "Kafka", not for "Kafka (KRaft)"."""
    practice = own()

    assert {one.kind for one in practice.index_entries()} == {"system"}
    assert len(practice.index_entries()) == len(practice.book.systems)
    assert practice.page_uris()["Kafka"] == practice.page_uris()["Kafka (KRaft)"] == "codex/systems/kafka.md"


# runs


def test_a_run_has_the_systems_timing_and_the_eight_steps() -> None:
    """The page says: the same steps, messages and dice; other timeouts and heartbeats."""
    for id, run in own().runs.items():
        system = own().book.systems[id]
        setup = run.played.scenario.setup
        assert (setup.election_timeout_ms, setup.latency_ms) == (
            system.timing.election_timeout_ms,
            SCRIPT.setup.latency_ms,
        ), id
        assert setup.heartbeat_interval_ms == (system.timing.heartbeat_ms or (0,))[0], id
        assert [moment.name for moment in run.played.moments] == [one.name for one in SCRIPT.waypoints], id
        assert run.played.trace.alarms == (), id


def test_the_time_without_a_leader_is_measured_in_the_run() -> None:
    """From the crash to the next leader: no less than the shortest wait after the last heartbeat, no more than the
    longest wait and two messages."""
    for id, run in own().runs.items():
        trace = run.played.trace
        crash = next(step for step in trace.steps if type(step.event).__name__ == "Crash")
        leads = next(
            step
            for step in trace.steps[crash.number :]
            if step.outcome and any(rule.slug == "become-leader" for rule in step.outcome.rules)
        )
        low, high = run.election_timeout_ms
        assert run.without_leader_ms == leads.time_ms - crash.time_ms, id
        assert low - run.heartbeat_ms <= run.without_leader_ms <= high + 2 * SCRIPT.setup.latency_ms[1], id


def test_all_runs_have_the_same_dice() -> None:
    """The page says so; what differs is the timing alone."""
    assert {run.seed for run in own().runs.values()} == {SCRIPT.seed}


def test_timing_under_which_nobody_can_be_elected_is_reported() -> None:
    """§5.6: the election timeout must exceed a broadcast, or a page about a system would show no leader."""
    etcd = read(OWN).systems["etcd"]
    hopeless = Timing(election_timeout_ms=(10, 10), timeout_note="", heartbeat_ms=(5, 5), has_run=True, run_note="")

    with pytest.raises(ValueError, match="etcd: no seed of 8 gives the eight steps"):
        simulate_system(replace(etcd, timing=hopeless), SCRIPT)


# tables and charts


def cells(html: str) -> list[tuple[str, str]]:
    """Each cell as its topic and what it holds."""
    return re.findall(r'<td data-head="([^"]+)"[^>]*>(.*?)</td>', html, re.DOTALL)


@pytest.mark.parametrize("name", ["systems-tweaks", "systems-overview"])
def test_every_cell_leads_to_its_source_or_says_that_nothing_was_verified(name: str) -> None:
    """CONTRIBUTING, *Adding a system*: of what is not verified nothing is said."""
    shown = own().exhibits()[name](href)
    known = set(own().book.sources)
    told = [(head, cell) for head, cell in cells(shown) if head not in ("Relation", "Language")]

    assert len(told) == 6 * len(own().book.systems)
    assert [cell for _, cell in told if "<a href" not in cell and "not verified" not in cell] == []
    linked = {id for _, cell in told for id in re.findall(r"codex/sources/#([\w-]+)", cell)}
    assert linked <= known


def test_the_charts_have_their_numbers_as_a_table() -> None:
    """CONTRIBUTING, *Adding an exhibit*: a chart comes with its numbers for those who cannot see it."""
    for name in ("systems-timeouts", "systems-snapshots"):
        shown = own().exhibits()[name](href)

        assert '<svg class="raft-curves raft-ranges"' in shown
        assert "<summary>The numbers as a table</summary>" in shown
        assert shown.count("<tr>") > 10


def test_charts_show_what_facts_say() -> None:
    """A range in the chart and the words of the fact are the same numbers."""
    for system in read(OWN).systems.values():
        if system.timing.election_timeout_ms and system.fact("election-timeout").is_stated:
            assert milliseconds(system) == system.timing.election_timeout_ms, system.id


def milliseconds(system: System) -> tuple[int, int]:
    """``1 to 1.9 s`` or ``1 ms to 2 s`` in ms; one number is both ends, and 0.1 s stands for 101 ms too."""
    words = system.fact("election-timeout").brief.partition(" · ")[0]
    found = re.findall(r"([\d.]+)(?: (ms|s))?", words)
    low, high = (
        float(number) * (1 if (unit or found[-1][1]) == "ms" else 1000) for number, unit in (found[0], found[-1])
    )
    exact = system.timing.election_timeout_ms
    assert exact
    return (
        exact[0] if abs(exact[0] - low) <= 1 else round(low),
        exact[1] if abs(exact[1] - high) <= 1 else round(high),
    )


def test_a_version_is_told_as_short_as_can_be() -> None:
    """A tag is what readers know a release by; a date says more than a commit, and a commit more than nothing."""
    book = read(OWN)
    found = {
        one.source.id: source_version(one) for s in book.systems.values() for f in s.facts.values() for one in f.sources
    }

    assert found["etcd-embed-config"] == "v3.7.1"
    assert found["etcd-raft-go"] == "2026-08-20"
    assert re.fullmatch(r"[0-9a-f]{8}", found["consul-config"])
