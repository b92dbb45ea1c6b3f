"""A schedule in which a node is paused: nothing happens at it, and by its own clock no time passes."""

from __future__ import annotations

import pytest

from raftstep.document.problem import Problems
from raftstep.scenario.load import load_and_play
from raftstep.scenario.model import PlayedScenario

PAUSED = """\
title: "A paused node in a schedule"
nodes: [S1, S2, S3]
start: steady
settings: {reads: lease, leader_stickiness: true, no_op: true}
script:
  - timeout: S1
  - deliver: {AppendEntries: {source: S1, target: S2, round: 1}}
  - deliver: {AppendEntriesResponse: {source: S2, target: S1, round: 1}}
  - tick: 50
  - drop: {source: S1, target: S3}
  - pause: S1
  - tick: 150
  - timeout: S2
  - deliver: all
  - deliver: all
  - client: {node: S2, command: x=1}
  - deliver: all
  - deliver: all
  - resume: S1
    say: "{{ S1 }}’s clock shows {{ S1.clock_ms }} ms, and {{ S2 }}’s {{ S2.clock_ms }} ms."
  - read: {node: S1, key: x}
"""


def play_text(text: str) -> PlayedScenario | Problems:
    """The schedule as played, or what is wrong with it."""
    return load_and_play("paused.yaml", text)


def test_a_paused_leaders_lease_outlasts_its_leadership() -> None:
    """Dissertation §6.4.1: a lease holds while clocks run no further apart than its bound; this one stood still."""
    run = play_text(PAUSED + "expect: {broken: [Linearizability]}\n")

    assert isinstance(run, PlayedScenario)
    pause = next(moment for moment in run.moments if moment.title == "S1 is paused")
    resume = next(moment for moment in run.moments if moment.title == "S1 goes on where it stopped")
    assert pause.say == "It handles nothing, and its clock and its timer stop."
    assert resume.say == "S1’s clock shows 50 ms, and S2’s 200 ms."
    assert [alarm.property for alarm in run.trace.alarms] == ["Linearizability"]


SHORT = """\
title: "Short"
nodes: [S1, S2, S3]
script:
  - timeout: S1
  - pause: S2
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  - timeout: S2\n", "S2 is paused; let it go on first, with resume: S2"),
        ("  - pause: S2\n", "S2 is paused; let it go on first, with resume: S2"),
        ("  - restart: S2\n", "S2 is paused; let it go on first, with resume: S2"),
        (
            "  - deliver: {RequestVote: {source: S1, target: S2}}\n",
            "S2 is paused; let it go on first, with resume: S2",
        ),
        ("  - resume: S3\n", "S3 is not paused; pause it before, with pause: S3"),
        (
            "  - pause: S3\n  - deliver: all\n",
            "no message that can arrive is in flight; remove it, or let a message be sent before",
        ),
    ],
)
def test_what_cannot_happen_at_a_paused_node_is_said(line: str, words: str) -> None:
    """A problem names its place and how to fix it."""
    outcome = play_text(SHORT + line)

    assert isinstance(outcome, Problems)
    assert outcome.problems[0].words == words


def test_all_is_delivered_but_what_waits_at_a_paused_node() -> None:
    """It is delivered when the node has gone on."""
    run = play_text(SHORT + "  - deliver: all\n  - resume: S2\n  - deliver: all\n")

    assert isinstance(run, PlayedScenario)
    titles = [moment.title for moment in run.moments]
    assert titles[3].startswith("S3 receives RequestVote")
    assert titles[4] == "S2 goes on where it stopped"
    assert any(title.startswith("S2 receives RequestVote") for title in titles[5:])
