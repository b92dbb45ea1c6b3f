"""New nodes are sent the log before they have a vote (§6, dissertation §4.2.1)."""

from __future__ import annotations

from dataclasses import replace

from raftstep.core.inputs import RequestRefused
from raftstep.core.model import CatchUp, Membership
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    append_accepted,
    append_entries,
    change_request,
    entries,
    leader,
    members,
    receive,
    receive_at,
    run_steps,
    timer_at,
    with_configuration,
)

CAUGHT_UP = {"S2": (3, 2), "S3": (3, 2)}
S1_LEADS = with_configuration(
    leader("S1", term=2, log=entries(1, 2), commit=2, progress=CAUGHT_UP),
    members("123"),
    membership=Membership.SINGLE,
    progress=CAUGHT_UP,
)


def test_a_new_node_is_sent_the_log_before_it_has_a_vote() -> None:
    """§6, dissertation §4.2.1: the configuration does not change yet; S4 gets what it lacks, by the usual back-up."""
    outcome = step(S1_LEADS, change_request(members("1234"), clock_ms=1000))

    assert outcome.rules == (Rule.START_CATCH_UP,)
    assert outcome.messages == (append_entries("S1", "S4", term=2, previous=(2, 2), commit=2),)
    assert (outcome.node.configuration, outcome.node.log) == (members("123"), S1_LEADS.log)
    assert outcome.node.leader_state.catch_up == CatchUp(
        configuration=members("1234"), target_index=2, round_number=1, started_ms=1000
    )


def test_a_new_node_that_caught_up_quickly_becomes_a_voter() -> None:
    """Dissertation §4.2.1: the last round took less than an election timeout."""
    _, caught_up = run_steps(
        S1_LEADS,
        change_request(members("1234"), clock_ms=1000),
        receive_at(1100, append_accepted("S4", "S1", term=2, match=2)),
    )

    assert caught_up.rules == (Rule.RECORD_MATCH, Rule.APPEND_CONFIGURATION)
    assert caught_up.node.configuration == members("1234")
    assert caught_up.node.leader_state.catch_up is None


def test_a_round_that_took_too_long_is_followed_by_another() -> None:
    """Dissertation §4.2.1: the new round covers what the leader holds by now."""
    asked = step(S1_LEADS, change_request(members("1234"), clock_ms=1000)).node
    grown = replace(asked, log=(*asked.log, *entries(2, 2, after=2)))

    slow = step(grown, receive_at(1150, append_accepted("S4", "S1", term=2, match=2)))

    assert slow.rules == (Rule.RECORD_MATCH, Rule.NEXT_CATCH_UP_ROUND)
    assert slow.node.leader_state.catch_up == CatchUp(
        configuration=members("1234"), target_index=4, round_number=2, started_ms=1150
    )


def test_after_ten_slow_rounds_the_change_is_given_up() -> None:
    """Dissertation §4.2.1: the node is too slow; the leader forgets it and takes other changes again."""
    asked = step(S1_LEADS, change_request(members("1234"), clock_ms=0)).node
    for clock_ms in range(200, 2200, 200):
        outcome = step(asked, receive_at(clock_ms, append_accepted("S4", "S1", term=2, match=2)))
        asked = outcome.node

    assert outcome.rules == (Rule.RECORD_MATCH, Rule.GIVE_UP_CATCH_UP)
    assert outcome.node == S1_LEADS


def test_a_new_node_that_never_answers_is_given_up_too() -> None:
    """Dissertation §4.2.1: unavailable, it would hold every other change up."""
    early, late = run_steps(S1_LEADS, change_request(members("1234")), timer_at(1499), timer_at(1500))[1:]

    assert early.rules == (Rule.SEND_HEARTBEAT,)
    assert late.rules == (Rule.SEND_HEARTBEAT, Rule.GIVE_UP_CATCH_UP)


def test_no_other_change_is_taken_while_a_new_node_catches_up() -> None:
    """F3. Dissertation §4.2.1: it is a change under way."""
    _, second = run_steps(S1_LEADS, change_request(members("1234")), change_request(members("12")))

    assert second.answers == (RequestRefused(request="change the configuration", rule=Rule.REFUSE_SECOND_CHANGE),)


def test_a_leader_that_steps_down_forgets_who_was_catching_up() -> None:
    """§6: the change was never in the log."""
    asked = step(S1_LEADS, change_request(members("1234"))).node

    outcome = step(asked, receive(append_entries("S2", "S1", term=3, previous=(2, 2))))

    assert (outcome.node.configuration, outcome.node.leader_state.catch_up) == (members("123"), None)
