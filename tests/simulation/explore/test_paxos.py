"""Multi-Paxos searched: the runs that pages show are the shortest, and the record is what the search gives."""

from __future__ import annotations

import pytest

from raftstep.core.inputs import ClientRequest, TimerFires
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.shipped import play_shipped
from raftstep.simulation.events import Deliver, Request, Timeout
from raftstep.simulation.explore.paxos import PaxosBounds, paxos_model
from raftstep.simulation.explore.paxos_cases import CASES
from raftstep.simulation.explore.search import explore
from raftstep.site.paxos_searches import read_searches
from tests.simulation.explore.paxos_searches import record_case
from tests.tools.measure_paxos import RECORD


def list_acts(name: str) -> list[tuple[str, str]]:
    """What a node did in a run, up to the event that broke a property."""
    played = play_shipped(name)
    assert isinstance(played, PlayedScenario)
    acts = []
    for step in played.trace.steps:
        match step.event:
            case Timeout(node=node):
                acts.append((node, "timer"))
            case Request(node=node):
                acts.append((node, "command"))
            case Deliver(packet=packet):
                acts.append((packet.message.target, f"{type(packet.message).__name__} of {packet.message.source}"))
        if step.alarms:
            return acts
    return acts


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("paxos-with-minority", "prepare-majority"),
        ("paxos-without-adoption", "adopt-reported"),
        ("paxos-without-promise", "keep-promise"),
    ],
)
def test_a_shown_counterexample_is_as_short_as_the_shortest(name: str, slug: str) -> None:
    """The same events at the same nodes as in the schedule that the search found first, and no more of them."""
    found = next(case for case in CASES if case.slug == slug).search()
    assert found.schedule
    acts = []
    for event in found.schedule:
        node = f"S{event.node_index + 1}"
        if isinstance(event.given, TimerFires):
            acts.append((node, "timer"))
        elif isinstance(event.given, ClientRequest):
            acts.append((node, "command"))
        else:
            acts.append((node, f"{type(event.given).__name__} of {event.given.source}"))  # type: ignore[attr-defined]

    assert sorted(list_acts(name)) == sorted(acts)
    assert {alarm.property for alarm in found.alarms} == {"Agreement"}


def test_every_shown_counterexample_has_as_many_events_as_the_record_says() -> None:
    """Also the longest, whose search takes half a minute."""
    events = {line["without"]: line["events"] for line in read_searches(RECORD)}
    shown = {
        "prepare-majority": "paxos-with-minority",
        "adopt-reported": "paxos-without-adoption",
        "keep-promise": "paxos-without-promise",
        "highest-ballot": "paxos-lower-ballot",
    }

    assert {slug: len(list_acts(name)) for slug, name in shown.items()} == {slug: events[slug] for slug in shown}


def test_the_record_is_what_the_search_gives() -> None:
    """Renew it with ``make searches``. The quick ones are searched again; all are named."""
    record = read_searches(RECORD)
    quick = [(case, line) for case, line in zip(CASES, record, strict=True) if line["states"] < 100_000]

    assert quick
    assert [record_case(case) for case, _ in quick] == [line for _, line in quick]


def test_with_every_rule_one_ballot_of_one_node_breaks_nothing_at_all() -> None:
    """Searched to the end."""
    found = explore(paxos_model(PaxosBounds(rounds=1, commands=1, proposers=("S1",))))

    assert (found.is_complete, found.alarms) == (True, ())


def test_bounds_are_told_in_words() -> None:
    """A claim of "no violation" is worth as much as its bounds, so pages print them."""
    bounds = PaxosBounds(crashes=2, proposers=("S1", "S2"))

    assert bounds.words == "3 nodes, 2 rounds, 1 slot, 2 commands, 2 crashes, no heartbeats, ballots of S1 and S2 only"
