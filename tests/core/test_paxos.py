"""One node of Multi-Paxos, rule by rule. Sections are those of Lamport, *Paxos Made Simple* (2001)."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from raftstep.core.inputs import ClientRead, ClientRequest, CommandApplied, NodeRestarts, NotLeader, TimerFires
from raftstep.core.inputs import Outcome as RaftOutcome
from raftstep.core.model import Entry as RaftEntry
from raftstep.core.model import Node as RaftNode
from raftstep.core.model import Role
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.messages import (
    Accept,
    Accepted,
    AskForChosen,
    Chosen,
    Heartbeat,
    Prepare,
    Promise,
    Refusal,
)
from raftstep.core.paxos.model import Node
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.rules import Rule
from raftstep.core.paxos.step import step
from tests.builders_paxos import ballot, node, proposals, receive, slots


def prepare(number: str, *, source: str = "S2", target: str = "S1", first: int = 1) -> Prepare:
    return Prepare(source=source, target=target, ballot=ballot(number), first_index=first)


def promise(number: str, held: str = "", *, source: str = "S2", first: int = 1) -> Promise:
    return Promise(source=source, target="S1", ballot=ballot(number), accepted_proposals=proposals(held, first))


def accept(number: str, held: str, *, source: str = "S2", first: int = 1, chosen_to: int = 0) -> Accept:
    asked = tuple(replace(proposal, ballot=ballot("0")) for proposal in proposals(held, first))
    return Accept(source=source, target="S1", ballot=ballot(number), proposals=asked, chosen_index=chosen_to)


def accepted(number: str, *indexes: int, source: str = "S2") -> Accepted:
    return Accepted(source=source, target="S1", ballot=ballot(number), indexes=indexes)


def proposer(held: str = "", *, promised: str = "1", without: tuple[Guard, ...] = ()) -> Node:
    return step(node(slots_text=held, promised=promised, without=without), TimerFires()).node


def leader(held: str = "") -> Node:
    return receive(proposer(held), promise("2.S1")).node


# phase 1


def test_a_new_ballot_is_higher_than_any_known_and_asks_for_all_open_slots_at_once() -> None:
    """§2.5: numbers from disjoint sets; §3: one message for phase 1 of infinitely many instances."""
    outcome = step(node(promised="4.S3", slots_text="a@3.S2! b@3.S2"), TimerFires())

    assert outcome.messages == tuple(prepare("5.S1", source="S1", target=peer, first=2) for peer in ("S2", "S3"))
    assert (outcome.node.promised_ballot, outcome.node.role, outcome.rearm) == (ballot("5.S1"), Role.CANDIDATE, True)


def test_a_promise_reports_what_was_accepted_in_the_slots_asked_about() -> None:
    """§2.2, phase 1(b): with the highest-numbered proposal, if any, that it has accepted."""
    acceptor = node(promised="1.S3", slots_text="a@1.S3 - c@1.S3")

    outcome = receive(acceptor, prepare("2.S2", first=2))

    answer = Promise(source="S1", target="S2", ballot=ballot("2.S2"), accepted_proposals=proposals("c@1.S3", 3))
    assert outcome == Outcome(
        node=replace(acceptor, promised_ballot=ballot("2.S2")),
        messages=(answer,),
        rearm=True,
        rules=(Rule.GIVE_PROMISE,),
    )


def test_a_ballot_below_the_promise_is_refused_and_changes_nothing() -> None:
    """§2.2: it should probably inform the proposer, who should then abandon its proposal."""
    acceptor = node(promised="3.S3")

    outcome = receive(acceptor, prepare("2.S2"))

    refusal = Refusal(source="S1", target="S2", ballot=ballot("3.S3"))
    assert outcome == Outcome(node=acceptor, messages=(refusal,), rules=(Rule.REFUSE_BALLOT,))


def test_of_two_ballots_of_one_round_the_node_decides() -> None:
    """§2.5: no two proposers ever share a number; so there is no split vote, the higher ballot wins."""
    outcome = receive(node(), prepare("2.S2"), prepare("2.S3", source="S3"))

    assert outcome.node.promised_ballot == ballot("2.S3")
    assert receive(outcome.node, prepare("2.S2")).rules == (Rule.REFUSE_BALLOT,)


def test_any_node_may_lead_whatever_its_own_log_holds() -> None:
    """§3; in Raft a node with an empty log could not win here (§5.4.1 of the Raft paper)."""
    outcome = receive(proposer(), promise("2.S1", "a@1.S2 b@1.S2"))

    assert outcome.node.role is Role.LEADER
    assert outcome.node.slots == slots("a@2.S1 b@2.S1")
    assert outcome.rules == (Rule.COUNT_PROMISE, Rule.BECOME_LEADER, Rule.ADOPT_VALUE)
    assert outcome.messages[0] == replace(accept("2.S1", "a@0 b@0"), source="S1", target="S2", proposals=PROPOSED)


PROPOSED = tuple(replace(one, ballot=ballot("0")) for one in proposals("a@1 b@1"))


def test_a_new_leader_takes_the_value_of_the_highest_ballot_for_each_slot_by_itself() -> None:
    """§2.2, phase 2(a): the value of the highest-numbered proposal among the responses."""
    outcome = receive(proposer("a@1.S2 x@2.S3", promised="3.S3"), promise("4.S1", "b@3.S3 y@1.S2"))

    assert outcome.node.slots == slots("b@4.S1 x@4.S1")


def test_gaps_below_a_reported_value_are_filled_with_no_ops() -> None:
    """§3: a special no-op command that leaves the state unchanged."""
    outcome = receive(proposer(), promise("2.S1", "- - c@1.S3"))

    assert outcome.node.slots == slots("no-op@2.S1 no-op@2.S1 c@2.S1")
    assert Rule.FILL_GAP in outcome.rules


def test_promises_are_counted_by_who_gave_them() -> None:
    """Two answers of one node are one promise."""
    five = ("S1", "S2", "S3", "S4", "S5")
    asking = step(node(ids=five), TimerFires()).node

    assert receive(asking, promise("2.S1"), promise("2.S1")).node.role is Role.CANDIDATE
    assert receive(asking, promise("2.S1"), promise("2.S1", source="S3")).node.role is Role.LEADER


def test_a_promise_of_another_ballot_does_not_count() -> None:
    """§2.2, Phase 2(a): a proposer needs responses to its own prepare request, of this number."""
    outcome = receive(proposer(), promise("1.S1"))

    assert outcome == Outcome(node=proposer(), rules=(Rule.IGNORE_STALE,))


def test_a_proposer_told_of_a_higher_ballot_gives_its_own_up() -> None:
    """§2.2."""
    outcome = receive(leader(), Refusal(source="S3", target="S1", ballot=ballot("7.S2")))

    assert (outcome.node.role, outcome.node.promised_ballot, outcome.rearm) == (Role.FOLLOWER, ballot("7.S2"), True)


# phase 2


def test_a_leader_proposes_a_command_for_the_next_free_slot_though_those_before_are_open() -> None:
    """§3: it may propose command 142 before it learns that 141 is chosen."""
    one = step(leader(), ClientRequest(command="a")).node

    outcome = step(one, ClientRequest(command="b"))

    assert outcome.node.slots == slots("a@2.S1 b@2.S1")
    assert [message.proposals for message in outcome.messages if isinstance(message, Accept)] == [
        (replace(proposals("b@1", 2)[0], ballot=ballot("0")),)
    ] * 2


def test_a_node_that_does_not_lead_names_the_leader_it_knows_of() -> None:
    """§3: clients send their commands to the leader, so they must be able to learn who that is."""
    outcome = step(node(leader="S3"), ClientRequest(command="a"))

    assert outcome.answers == (NotLeader(command="a", leader="S3"),)


def test_slots_are_chosen_out_of_order_and_executed_in_order() -> None:
    """§3: slot 2 is chosen while slot 1 is open; its command waits for it, and so does its client."""
    two = step(step(leader(), ClientRequest(command="a")).node, ClientRequest(command="b")).node

    second = receive(two, accepted("2.S1", 2))
    both = receive(second.node, accepted("2.S1", 1, source="S3"))

    assert second.node.slots == slots("a@2.S1 b@2.S1!")
    assert (second.node.chosen_index, second.answers) == (0, ())
    assert both.node.chosen_index == 2
    assert both.answers == (CommandApplied(command="a", index=1, term=2), CommandApplied(command="b", index=2, term=2))


def test_a_node_keeps_its_promise() -> None:
    """§2.2, phase 2(b): unless it has already responded to a prepare request of a higher number."""
    acceptor = node(promised="3.S3")

    outcome = receive(acceptor, accept("2.S2", "a@2.S2"))

    assert (outcome.node, outcome.rules) == (acceptor, (Rule.REFUSE_BALLOT,))


def test_an_acceptance_replaces_the_value_and_the_ballot() -> None:
    """An entry of Raft keeps its term; a value of Paxos is accepted again, in the ballot of the new leader."""
    acceptor = node(promised="1.S3", slots_text="a@1.S3")

    assert receive(acceptor, accept("2.S2", "a@2.S2")).node.slots == slots("a@2.S2")
    assert receive(acceptor, accept("2.S2", "b@2.S2")).node.slots == slots("b@2.S2")


def test_holes_are_allowed() -> None:
    """§3: a leader's messages may be lost and come in any order."""
    assert receive(node(), accept("2.S2", "c@2.S2", first=3)).node.slots == slots("- - c@2.S2")


def test_a_leader_repeats_to_each_node_what_it_has_not_accepted() -> None:
    """§2.1: messages can be lost, so what is not acknowledged is sent again; what is, is not."""
    one = receive(step(leader(), ClientRequest(command="a")).node, accepted("2.S1", 1)).node

    to_second, to_third = step(one, TimerFires()).messages

    assert isinstance(to_second, Heartbeat)
    assert isinstance(to_third, Accept)
    assert (to_second.chosen_index, to_third.chosen_index) == (1, 1)


# learning


def test_what_was_accepted_in_the_leaders_ballot_is_chosen_when_it_says_so() -> None:
    """§2.3."""
    follower = node(promised="2.S2", slots_text="a@2.S2 b@2.S2", leader="S2")

    outcome = receive(follower, Heartbeat(source="S2", target="S1", ballot=ballot("2.S2"), chosen_index=1))

    assert outcome.node.slots == slots("a@2.S2! b@2.S2")
    assert outcome.rules == (Rule.HEAR_LEADER, Rule.LEARN_CHOSEN, Rule.EXECUTE)


def test_a_value_of_another_ballot_is_asked_for_instead() -> None:
    """It may be another one than was chosen."""
    follower = node(promised="2.S2", slots_text="a@1.S3", leader="S2")

    outcome = receive(follower, Heartbeat(source="S2", target="S1", ballot=ballot("2.S2"), chosen_index=2))

    ask = AskForChosen(source="S1", target="S2", ballot=ballot("2.S2"), indexes=(1, 2))
    assert (outcome.messages, outcome.node.slots) == ((ask,), follower.slots)


def test_a_leader_teaches_and_the_node_learns() -> None:
    """§2.3: a learner that missed a chosen value may ask for it; what it had accepted in that slot gives way."""
    teacher = replace(leader("a@1.S3! b@1.S3!"), tallies=())
    lesson = receive(teacher, AskForChosen(source="S2", target="S1", ballot=ballot("2.S1"), indexes=(1, 2, 3)))

    (chosen,) = lesson.messages
    assert isinstance(chosen, Chosen)
    outcome = receive(node("S2", slots_text="x@1.S2", promised="2.S1"), chosen)

    assert [slot.value.command for slot in outcome.node.slots] == ["a", "b"]
    assert outcome.node.chosen_index == 2


# crashes


def test_promise_and_acceptances_survive_a_crash_and_the_rest_does_not() -> None:
    """§2.5: stable storage keeps what the acceptor must remember."""
    before = step(leader("a@1.S3! b@1.S2"), ClientRequest(command="c")).node

    outcome = step(before, NodeRestarts())

    assert outcome.node == node(promised="2.S1", slots_text="a@1.S3 b@2.S1 c@2.S1")
    assert (outcome.rearm, outcome.rules) == (True, (Rule.RESTART,))


def test_what_it_does_not_know_it_refuses_to_do() -> None:
    """Errors teach: an input of Raft's extensions must not pass in silence as if it had been done."""
    with pytest.raises(ValueError, match="Multi-Paxos here has no reads"):
        step(node(), ClientRead(id="read 1", key="x"))


# rules left out


def test_each_guard_left_out_lets_the_node_do_what_it_forbids() -> None:
    """A guard that changes nothing guards nothing."""

    def held(outcome: Outcome) -> tuple[str, ...]:
        return tuple(slot.value.command or "no-op" for slot in outcome.node.slots)

    late = receive(node(promised="3.S3", slots_text="b@3.S3", without=(Guard.KEEP_PROMISE,)), accept("2.S2", "a@2.S2"))
    assert held(late) == ("a",)

    deaf = receive(proposer(without=(Guard.ADOPT_REPORTED,)), promise("2.S1", "a@1.S2"))
    assert held(step(deaf.node, ClientRequest(command="b"))) == ("b",)  # type: ignore[arg-type]

    low = proposer("b@3.S3", promised="3.S3", without=(Guard.HIGHEST_BALLOT,))
    assert held(receive(low, promise("4.S1", "a@1.S2"))) == ("a",)

    assert proposer(without=(Guard.PREPARE_MAJORITY,)).role is Role.LEADER

    few = replace(leader(), without=frozenset({Guard.ACCEPT_MAJORITY}))
    assert step(few, ClientRequest(command="a")).node.chosen_index == 1

    forgetful = node(promised="3.S3", slots_text="a@3.S3", without=(Guard.DURABLE_PROMISE, Guard.DURABLE_ACCEPTANCE))
    assert step(forgetful, NodeRestarts()).node == replace(forgetful, promised_ballot=ballot("0"), slots=())


def test_every_rule_and_guard_is_a_sentence() -> None:
    """Style, *Rules and docstrings*: captions and the table of rules print them as sentences."""
    for one in (*Rule, *Guard):
        assert one.sentence[0].isupper()
        assert one.sentence.endswith(".")


def test_a_node_answers_to_the_names_that_simulator_captions_and_pictures_know() -> None:
    """They are written for Raft's node; what only Raft's own core reads, need not be there."""
    own = {"last_heard_ms", "disk_is_slow", "written_index"}

    assert {field.name for field in fields(RaftNode) if not hasattr(node(), field.name)} == own
    assert {field.name for field in fields(RaftEntry) if not hasattr(slots("a@1.S1")[0], field.name)} == set()
    assert {field.name for field in fields(RaftOutcome)} == {field.name for field in fields(Outcome)}


def test_under_the_names_of_raft_a_node_tells_its_own_state() -> None:
    """Pictures and tables read both protocols by the same names, so a ballot is shown as a term."""
    one = node("S3", promised="4.S2", slots_text="x=1@2.S1! - x=3@4.S2!", role=Role.FOLLOWER)

    assert (one.current_term, one.voted_for, one.commit_index, one.last_applied) == (ballot("4.S2"), "S2", 1, 1)
    assert one.machine.pairs == (("x", "1"),)
    assert [(slot.term, slot.command) for slot in one.log if not slot.is_hole] == [
        (ballot("2.S1"), "x=1"),
        (ballot("4.S2"), "x=3"),
    ]
