"""Traces in the words of the published TLA+ specification: names, shape, and what cannot be said there."""

import re

import pytest

from raftstep.core.model import Membership, Settings
from raftstep.simulation.events import Request
from raftstep.simulation.plan import LEADER, Action, Setup
from raftstep.simulation.run import run
from raftstep.simulation.tla import VARIABLES, tla_module

SETUP = Setup(nodes=("S1", "S2", "S3"), plan=(Action(at_ms=500, directive=Request(node=LEADER, command="x=7")),))


def test_every_state_of_a_run_has_every_variable_of_the_specification() -> None:
    """ongardie/raft.tla, VARIABLES: the names there, and no others."""
    trace = run(SETUP, seed=1)

    module = tla_module(trace, "Trace")

    names = re.findall(r"^ {2,3}\[?(\w+) \|-> ", module, re.MULTILINE)
    assert names == list(VARIABLES) * len(trace.steps)


def test_brackets_close_and_the_module_ends() -> None:
    """A module that a parser would take: every bracket has its other half, and the last line is the end."""
    module = tla_module(run(SETUP, seed=1), "Trace")

    for opening, closing in (("[", "]"), ("(", ")"), ("{", "}"), ("<<", ">>")):
        assert module.count(opening) == module.count(closing)
    assert module.startswith("---- MODULE Trace ----\n")
    assert module.endswith("\n====\n")


def test_the_last_state_says_what_the_last_cluster_is() -> None:
    """The leader, its log and who answered it are those of the run."""
    trace = run(SETUP, seed=1)
    last = tla_module(trace, "Trace").rpartition("  [messages")[2]
    leader = next(node for node in trace.steps[-1].cluster.nodes if node.role == "leader")

    assert f'"{leader.id}" :> Leader' in last
    assert f'"{leader.id}" :> <<[term |-> {leader.current_term}, value |-> "x=7"]>>' in last
    assert len(re.findall(r":> Follower", last)) == 2


def test_messages_have_the_fields_of_the_specification() -> None:
    """The specification's four kinds of messages, with its names for what they carry."""
    module = tla_module(run(SETUP, seed=1), "Trace")

    for fields in (
        "mtype |-> RequestVoteRequest, mterm |-> 1, mlastLogTerm |-> 0, mlastLogIndex |-> 0, msource",
        "mtype |-> RequestVoteResponse, mterm |-> 1, mvoteGranted |-> TRUE, msource",
        "mtype |-> AppendEntriesRequest, mterm |-> 1, mprevLogIndex |-> 0, mprevLogTerm |-> 0, mentries |-> <<>>",
        "mtype |-> AppendEntriesResponse, mterm |-> 1, msuccess |-> TRUE, mmatchIndex |-> 1, msource",
    ):
        assert fields in module


def test_what_the_specification_does_not_know_is_refused() -> None:
    """Changes of configuration are not in it."""
    setup = Setup(nodes=("S1", "S2", "S3"), settings=Settings(membership=Membership.SINGLE), until_ms=10)

    with pytest.raises(ValueError, match="no changes of configuration"):
        tla_module(run(setup, seed=1), "Trace")
