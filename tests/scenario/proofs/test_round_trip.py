"""What a search or a schedule holds is written as a scenario that plays the same run: any start, any event."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from raftstep.cli import main
from raftstep.cli.exit_codes import ExitCode
from raftstep.core.model import Membership, ReadMode, Settings
from raftstep.limits import SCRIPT_EVENTS, SCRIPT_LINES
from raftstep.scenario.model import PlayedScenario, Schedule
from raftstep.scenario.play import play
from raftstep.scenario.play_schedule import schedule_bounds, schedule_moves
from raftstep.scenario.proofs.export_scenario import export_scenario
from raftstep.scenario.schedule import read_schedule, write_schedule
from raftstep.simulation.events import verbs_under
from raftstep.simulation.verb import SCRIPT
from tests.scenario.loading import load_scenario
from tests.scenario.schedules import ELECTION, EVERY_EVENT, FROM_LOGS, SLOW_CLOCK, TWO_LEADERS

if TYPE_CHECKING:
    from raftstep.simulation.explore.bounds import Bounds
    from raftstep.simulation.explore.result import ScheduledEvent

TITLE = "Written again"


def play_text(text: str) -> PlayedScenario:
    outcome = play(load_scenario(text))
    assert isinstance(outcome, PlayedScenario), outcome.show()
    return outcome


def read_text(text: str) -> tuple[Bounds, tuple[ScheduledEvent, ...]]:
    scenario = load_scenario(text)
    assert isinstance(scenario.schedule, Schedule)
    return schedule_bounds(scenario), schedule_moves(scenario, scenario.schedule)


@pytest.mark.parametrize("text", [ELECTION, TWO_LEADERS, SLOW_CLOCK, EVERY_EVENT], ids=["1", "2", "3", "every"])
def test_a_schedule_that_is_written_and_read_again_is_the_same_run(text: str) -> None:
    """``explore -o`` writes what authors can write: start, settings, names, clocks, and every event."""
    bounds, moves = read_text(text)

    written_text = export_scenario(TITLE, bounds, moves)

    assert play_text(written_text).trace == play_text(text).trace
    assert read_text(written_text) == (bounds, moves)


def test_every_kind_of_event_is_written_and_read_again() -> None:
    """A verb of schedules that is missing in this schedule could be written so that nobody reads it."""
    bounds, moves = read_text(EVERY_EVENT)
    written_events = write_schedule(bounds, moves)

    assert {word for event in written_events for word in event} == set(verbs_under(SCRIPT))
    assert read_schedule(bounds, written_events) == moves


@pytest.mark.parametrize("start", ["boot", "steady"])
@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(no_op=True, pre_vote=True, check_quorum=True, leader_stickiness=True),
        Settings(membership=Membership.JOINT, reads=ReadMode.READ_INDEX, sessions=True, snapshot_after=3),
        Settings(empty_heartbeats=True, reads=ReadMode.LEASE, leader_stickiness=True, drift_bound=1.5),
    ],
    ids=["figure 2", "elections", "clients", "leases"],
)
def test_every_start_and_setting_is_written_and_read_again(start: str, settings: Settings) -> None:
    """A search takes them from a scenario, and gives them back in one; some of them need time to pass."""
    bounds, moves = read_text(SLOW_CLOCK)
    bounds = replace(bounds, settings=settings, start=start)

    read_bounds, _ = read_text(export_scenario(TITLE, bounds, moves[:2]))

    assert read_bounds == bounds


LEARNER_KEPT = """\
title: A learner kept by a change
nodes: [S1, S2, S3, S4]
learners: [S4]
start: steady
settings: {membership: single, without: [learners-do-not-count, own-term-before-change]}
script: [{timeout: S1}]
"""


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        (LEARNER_KEPT, "terms=2,entries=1,commands=0,changes=1,heartbeats=0"),
        (FROM_LOGS, "terms=5,entries=2,commands=0"),
    ],
    ids=["learner", "logs"],
)
def test_what_a_search_finds_can_be_checked_and_breaks_the_same(
    text: str, bounds: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The learners of a change once were lost on the way, and then no such message had been sent."""
    source, found = tmp_path / "source.yaml", tmp_path / "found.yaml"
    source.write_text(text, encoding="utf-8")

    assert main(["explore", str(source), "--bounds", bounds, "-o", str(found)]) == ExitCode.BROKEN
    assert main(["check", str(found)]) == ExitCode.FINE
    assert "broken" in capsys.readouterr().out


def test_a_schedule_has_room_for_all_that_can_be_played() -> None:
    """A schedule that is written has a line an event, also where its author had ``deliver: all``."""
    assert SCRIPT_LINES.most >= SCRIPT_EVENTS.most
