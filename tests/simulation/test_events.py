"""The table of verbs: what an author writes, what a node is given and what is told are one event."""

from __future__ import annotations

from typing import Any

import pytest

from raftstep.simulation.events import (
    VERBS,
    ChangeRequest,
    Crash,
    Cut,
    Event,
    Heal,
    LoseDisk,
    Partition,
    Pause,
    ReadRequest,
    Request,
    Restart,
    Resume,
    SnapshotRequest,
    Tick,
    Timeout,
    TransferRequest,
    find_event,
    make_input,
    verb_of,
)
from raftstep.simulation.verb import SCRIPT, ValueForm

WRITTEN: list[tuple[Event, str, Any]] = [
    (Tick(ms=50), "tick", 50),
    (Timeout(node="S1"), "timeout", "S1"),
    (Request(node="S1", command="x=1"), "client", {"node": "S1", "command": "x=1"}),
    (
        Request(node="S1", command="x=1", client="alice", serial=2),
        "client",
        {"node": "S1", "command": "x=1", "client": "alice", "serial": 2},
    ),
    (ReadRequest(node="S1", key="x"), "read", {"node": "S1", "key": "x"}),
    (
        ChangeRequest(node="S1", voters=("S1", "S2"), learners=("S3",)),
        "change",
        {"node": "S1", "voters": ["S1", "S2"], "learners": ["S3"]},
    ),
    (SnapshotRequest(node="S1"), "snapshot", "S1"),
    (Restart(node="S1"), "restart", "S1"),
    (Crash(node="S1"), "crash", "S1"),
    (LoseDisk(node="S1"), "lose_disk", "S1"),
    (TransferRequest(node="S1", target="S2"), "transfer", {"node": "S1", "target": "S2"}),
    (Partition(groups=(("S1",), ("S2", "S3"))), "partition", [["S1"], ["S2", "S3"]]),
    (Cut(links=(("S1", "S2"),)), "cut", [{"source": "S1", "target": "S2"}]),
    (Heal(links=(("S1", "S2"),)), "heal", [{"source": "S1", "target": "S2"}]),
    (Heal(), "heal", True),
    (Pause(node="S1"), "pause", "S1"),
    (Resume(node="S1"), "resume", "S1"),
]
"""An event or two for each verb of a schedule but ``deliver``, whose message is told from others by what was sent."""


@pytest.mark.parametrize(("event", "word", "value"), WRITTEN, ids=str)
def test_an_event_is_read_as_it_was_written(event: Event, word: str, value: Any) -> None:
    """A run that a search found is written as a schedule; who plays that plays the same run."""
    verb = verb_of(event)

    assert (verb.word, verb.write(event)) == (word, value)
    assert verb.read(value) == event


def test_every_verb_of_a_schedule_is_tried_here() -> None:
    """A verb that is missing above could be written so that nobody reads it."""
    verbs = {verb.word for verb in VERBS if SCRIPT in verb.scenario_keys and verb.value_form is not ValueForm.MESSAGE}

    assert {word for _, word, _ in WRITTEN} == verbs


@pytest.mark.parametrize("event", [event for event, _, _ in WRITTEN if verb_of(event).input], ids=repr)
def test_an_input_leads_back_to_its_event(event: Any) -> None:
    """A search knows inputs, a trace knows events; a replay goes from the one to the other."""
    given = make_input(event, 70, lambda kind: f"{kind} 1")

    assert given.clock_ms == 70
    assert find_event(event.node, given) == event
