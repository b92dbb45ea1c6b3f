"""What captions may name is what the trace says, recomputed here the slow way."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from raftstep.scenario import library
from raftstep.scenario.caption_values import FactError
from raftstep.scenario.facts import collect_facts
from raftstep.scenario.load import load
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.play import play
from raftstep.simulation.describe import entry_content
from raftstep.simulation.events import Pause, Resume, Timeout
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace


def facts_at(run: PlayedScenario, number: int) -> dict[str, Any]:
    moment = run.moments[number - 1]
    return collect_facts(run.trace, moment.event_step, moment.shown_step, moment.time_ms, run.moments_ms[:number])


@cache
def play_shipped(name: str) -> PlayedScenario:
    loaded = load(f"{name}.yaml", library.read_scenario_text(name) or "")
    assert isinstance(loaded, Scenario), loaded.show()
    run = play(loaded)
    assert isinstance(run, PlayedScenario), run.show()
    return run


def timer_started_ms(trace: Trace, event: Step, id: str) -> int | None:
    """When a node's timer was last started before an event: the first step that has just that timer.

    A pause does not count, so a timer that is taken up after one has started later by as much.
    """
    timer = trace.cluster_before(event).timer(id)
    if timer is None:
        return None
    first = next(step for step in trace.steps if step.cluster.timer(id) == timer)
    if not isinstance(first.event, Resume):
        return first.time_ms
    pause = next(step for step in reversed(trace.steps[: first.number]) if step.event == Pause(node=id))
    return first.time_ms - (pause.time_ms - (timer_started_ms(trace, pause, id) or 0))


@pytest.mark.parametrize("name", library.list_scenario_ids())
def test_a_node_has_waited_since_its_timer_was_started(name: str) -> None:
    """Style, *Tests*: each quick function has a slow, obvious twin that it must agree with."""
    run = play_shipped(name)
    for moment in run.moments:
        nodes = {node.id: node for node in facts_at(run, moment.number)["nodes"]}
        for id, node in nodes.items():
            since = timer_started_ms(run.trace, moment.event_step, id)
            assert node.waited_ms == (0 if since is None else moment.event_step.time_ms - since), (moment.number, id)


def test_a_candidate_has_waited_its_whole_timeout() -> None:
    """§5.2: an election begins when the election timeout elapses, neither sooner nor later."""
    run = play_shipped("leader-election")
    candidate = facts_at(run, 2)["it"]

    assert candidate.waited_ms == run.moments[1].event_step.time_ms == run.trace.start.timer("S1").deadline_ms


@pytest.mark.parametrize("name", library.list_scenario_ids())
def test_time_since_a_step_runs_from_the_moment_it_shows_to_this_event(name: str) -> None:
    """A caption says "15 ms later": later than what the reader saw at that step."""
    run = play_shipped(name)
    for moment in run.moments:
        since = facts_at(run, moment.number)["ms_since"].call
        for earlier in run.moments[: moment.number]:
            assert since(earlier.number) == moment.event_step.time_ms - earlier.time_ms


@pytest.mark.parametrize("name", library.list_scenario_ids())
def test_the_holders_of_an_entry_are_all_with_that_index_in_their_logs(name: str) -> None:
    """Style, *Tests*: a slow twin; an entry in a snapshot (§7) is still held."""
    run = play_shipped(name)
    for moment in run.moments:
        facts = facts_at(run, moment.number)
        holders = facts["holders"].call
        logs = {
            node.id: [{"x=7", None}] * node.snapshot.index
            + [set() if protocol_of(entry).is_hole(entry) else {entry_content(entry), None} for entry in node.log]
            for node in moment.shown_step.cluster.nodes
        }
        for index in range(1, 4):
            with_some = [id for id, log in logs.items() if any(log[index - 1 : index])]
            found = [(id, entry) for id in with_some for entry in facts[id].log if entry.index == index]
            is_raft = run.trace.protocol == "raft"
            if len({(entry.term if is_raft else None, entry.command) for _, entry in found}) > 1:
                with pytest.raises(FactError, match="the logs have different entries at index"):
                    holders(index, None)
                copied = {
                    id
                    for id, entry in found
                    if entry.command == found[0][1].command and (not is_raft or entry.term == found[0][1].term)
                }
                in_snapshot = set(with_some) - {id for id, _ in found}
                assert set(holders(found[0][1], None)) == copied | in_snapshot
            else:
                assert holders(index, None) == with_some
            expected = [id for id, log in logs.items() if log[index - 1 : index] and "x=7" in log[index - 1]]
            assert holders(index, "x=7") == expected


@pytest.mark.parametrize("name", library.list_scenario_ids())
def test_the_known_holders_are_those_whose_acknowledgement_the_leader_has(name: str) -> None:
    """Figure 2, matchIndex: a leader learns of a copy from an acknowledgement, never of more than there are."""
    run = play_shipped(name)
    for moment in run.moments:
        leader = current_leader(moment.shown_step.cluster)
        if leader is None or run.trace.protocol != "raft":
            continue
        facts = facts_at(run, moment.number)
        for index in range(1, facts[leader.id].last_index + 1):
            known = facts["known_holders"].call(index)
            voters = {*leader.configuration.voters, *leader.configuration.outgoing}
            acknowledged = {peer for peer, match in facts[leader.id].match.items() if match >= index and peer in voters}
            itself = {leader.id} if facts[leader.id].written_index >= index else set()
            assert set(known) == acknowledged | itself
            entry = next((entry for entry in facts[leader.id].log if entry.index == index), None)
            if entry and name != "empty-disk":  # where an acknowledged entry was lost with its disk
                assert set(known) <= set(facts["holders"].call(entry, None))


def test_a_leader_whose_disk_is_slow_counts_itself_when_the_write_has_ended() -> None:
    """Dissertation §10.2.1: the leader's own copy counts for a commit once its disk has it, and not before."""
    facts = facts_at(play_shipped("slow-disk"), 3)

    assert facts["S1"].commit_index == 2
    assert facts["majorities"][0].holding(2) == facts["known_holders"].call(2) == ["S2", "S3"]
    assert facts_at(play_shipped("slow-disk"), 2)["committed"].call("x=7") is False


def test_an_index_names_no_entry_where_logs_differ() -> None:
    """§5.4.2, Figure 8: two logs with an entry at one index need not have the same entry there."""
    facts = facts_at(play_shipped("figure-8"), 4)

    with pytest.raises(FactError) as refusal:
        facts["holders"].call(2, None)
    assert str(refusal.value) == (
        'the logs have different entries at index 2, y=2 at S1 and z=2 at S5; name one, such as holders("y=2")'
    )
    assert facts["holders"].call(facts["S5"].log[1], None) == ["S5"]
    assert facts["holders"].call("y=2", None) == facts["holders"].call(facts["S1"].log[1], None) == ["S1", "S2", "S3"]
    assert facts["known_holders"].call(facts["S5"].log[1]) == []
    assert facts["committed"].call(facts["S1"].log[1]) is False


def test_an_entry_given_from_a_log_is_held_where_there_is_a_copy_of_it() -> None:
    """§5.3, Log Matching: an index and a term name one entry, so a no-op needs no command to be asked for."""
    facts = facts_at(play_shipped("old-entry-before-no-op"), 6)

    assert facts["holders"].call(facts["S3"].log[1], None) == ["S2", "S3"]
    assert facts["holders"].call(facts["S1"].log[1], None) == ["S1"]


def test_a_node_reaches_those_that_it_can_hear_and_that_hear_it() -> None:
    """Half-open links carry messages one way, and a node that is down reaches none."""
    half_open, crashed = facts_at(play_shipped("half-open-links"), 2), facts_at(play_shipped("leader-election"), 7)

    assert half_open["reach"].call("S1") == ["S1"]
    assert half_open["reach"].call(half_open["S2"]) == ["S2", "S3"]
    assert crashed["reach"].call("S1") == []
    assert crashed["reach"].call("S2") == ["S2", "S3", "S4", "S5"]


def test_an_entry_is_found_by_its_command_even_after_it_is_gone() -> None:
    """A caption names what was removed: its index and term are those it had."""
    facts = facts_at(play_shipped("uncommitted-lost"), 6)
    removed, kept = facts["entry"].call("x=7"), facts["entry"].call("x=8")

    assert (removed.index, removed.term) == (1, 2)
    assert (kept.index, kept.term) == (1, 3)
    assert facts["holders"].call("x=7", None) == []


@pytest.mark.parametrize("name", library.list_scenario_ids())
def test_the_next_to_fire_has_the_earliest_deadline_of_all_who_wait_for_an_election(name: str) -> None:
    """Style, *Tests*: a slow twin, which asks every timer but those of leaders and of nodes that are down."""
    run = play_shipped(name)
    for moment in run.moments:
        cluster = moment.shown_step.cluster
        waiting = [
            (timer.deadline_ms, cluster.ids.index(node.id), node.id)
            for node in cluster.nodes
            if node.id not in cluster.down_nodes and node.role != "leader" and (timer := cluster.timer(node.id))
        ]
        assert facts_at(run, moment.number)["next_to_fire"] == min(waiting)[2]


def test_after_the_crash_the_next_to_fire_fires_next() -> None:
    """The explainer's caption of step 7 names the next candidate, and step 8 has to bear it out."""
    run = play_shipped("leader-election")
    shown = run.moments[6].shown_step
    timeout = next(step.event for step in run.trace.steps[shown.number + 1 :] if isinstance(step.event, Timeout))

    assert facts_at(run, 7)["next_to_fire"] == timeout.node
