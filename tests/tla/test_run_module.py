"""A run in the words of the published TLA+ specification: names, shape, and what the specification keeps."""

import re
from dataclasses import replace
from itertools import pairwise

from raftstep.core.model import Settings
from raftstep.simulation.events import Crash, Request, Restart
from raftstep.simulation.plan import LEADER, Action, Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Trace
from raftstep.tla.run_module import VARIABLES, write_run_module

REQUEST = Action(at_ms=500, directive=Request(node=LEADER, command="x=7"))
SETUP = Setup(nodes=("S1", "S2", "S3"), start_term=1, plan=(REQUEST,))


def states_of(trace: Trace) -> list[dict[str, str]]:
    """The states of a module: what each variable holds, with what has not changed filled in."""
    module = write_run_module(trace, "Trace")
    states: list[dict[str, str]] = []
    for text in re.split(r"^s\d+ == ?", module.partition("Trace == <<")[0], flags=re.MULTILINE)[1:]:
        written = {
            first or second: value
            for first, second, value in re.findall(r"(?:(\w+) \|->|!\.(\w+) =) (.*?)[\],]*$", text, re.M)
        }
        states.append({**(states[-1] if states else {}), **written})
    return states


def test_every_state_of_a_run_has_every_variable_of_the_specification() -> None:
    """ongardie/raft.tla, VARIABLES: the names there, and no others."""
    trace = run(SETUP, seed=1)

    states = states_of(trace)

    assert [tuple(state) for state in states] == [VARIABLES] * len(trace.steps)


def test_brackets_close_and_the_module_ends() -> None:
    """A module that a parser would take: every bracket has its other half, and the last line is the end."""
    module = write_run_module(run(SETUP, seed=1), "Trace")

    for opening, closing in (("[", "]"), ("{", "}"), ("<<", ">>")):
        assert module.count(opening) == module.count(closing)
    assert module.startswith("---- MODULE Trace ----\n")
    assert module.endswith("\n====\n")


def test_the_last_state_says_what_the_last_cluster_is() -> None:
    """The leader and its log are those of the run."""
    trace = run(SETUP, seed=1)
    leader = next(node for node in trace.steps[-1].cluster.nodes if node.role == "leader")

    last_state = states_of(trace)[-1]

    assert f'{leader.id} |-> "Leader"' in last_state["state"]
    assert last_state["state"].count('"Follower"') == 2
    assert f'{leader.id} |-> <<[term |-> {leader.current_term}, value |-> "x=7"]>>' in last_state["log"]


def test_messages_have_the_fields_of_the_specification() -> None:
    """The specification's four kinds of messages, with its names for what they carry."""
    module = write_run_module(run(SETUP, seed=1), "Trace")

    for fields in (
        'mtype |-> "RequestVoteRequest", mterm |-> 2, mlastLogTerm |-> 0, mlastLogIndex |-> 0, msource',
        'mtype |-> "RequestVoteResponse", mterm |-> 2, mvoteGranted |-> TRUE, msource',
        'mtype |-> "AppendEntriesRequest", mterm |-> 2, mprevLogIndex |-> 0, mprevLogTerm |-> 0, mentries |-> <<>>',
        'mtype |-> "AppendEntriesResponse", mterm |-> 2, msuccess |-> TRUE, mmatchIndex |-> 1, msource',
    ):
        assert fields in module


def test_a_late_vote_counts_nowhere() -> None:
    """The core ignores a vote that reaches a leader; to the specification it is a message that was lost."""
    states = states_of(run(SETUP, seed=1))
    leading = [state for state in states if '"Leader"' in state["state"]]

    assert {(state["votesResponded"], state["votesGranted"]) for state in leading} == {
        (leading[0]["votesGranted"], leading[0]["votesGranted"])
    }
    assert leading[0]["votesGranted"].count('"') == 4


def test_a_leader_sets_its_own_next_index_when_it_is_elected_and_never_again() -> None:
    """raft.tla, BecomeLeader and ClientRequest: nextIndex[i][i] does not follow the leader's log."""
    states = states_of(run(SETUP, seed=1))
    leader = re.search(r'(\w+) \|-> "Leader"', states[-1]["state"])
    assert leader

    assert f"{leader[1]} |-> [S1 |-> 1, S2 |-> 2, S3 |-> 2]" in states[-1]["nextIndex"]


def test_a_crash_empties_what_a_restart_of_the_specification_empties() -> None:
    """raft.tla, Restart: the votes, the indexes and the commit index begin anew; term, vote and log stay."""
    crash = (REQUEST, Action(at_ms=700, directive=Crash(node=LEADER)))
    setup = replace(SETUP, plan=(*crash, Action(at_ms=800, directive=Restart(node="S1"))), until_ms=800)
    trace = run(setup, seed=1)
    step = next(step for step in trace.steps if isinstance(step.event, Crash))
    assert step.event == Crash(node="S1")

    before, after = states_of(trace)[step.number - 1 : step.number + 1]

    assert {name for name in VARIABLES if before[name] != after[name]} == {
        "state",
        "commitIndex",
        "votesResponded",
        "votesGranted",
        "nextIndex",
        "matchIndex",
    }
    assert after["votesResponded"].startswith("[S1 |-> {}")


def test_a_leader_that_steps_down_keeps_its_indexes_and_votes() -> None:
    """raft.tla, UpdateTerm: only the term, the role and the vote change."""
    trace = run(replace(SETUP, settings=Settings(), until_ms=3000, loss=0.4, plan=()), seed=3)
    states = states_of(trace)
    demotions = [
        (before, after)
        for before, after in pairwise(states)
        if before["state"].count("Leader") > after["state"].count("Leader")
    ]

    assert demotions
    for before, after in demotions:
        assert [after[name] for name in VARIABLES[6:]] == [before[name] for name in VARIABLES[6:]]
