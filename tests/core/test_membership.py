"""Who belongs to the cluster, and how that changes (§6, dissertation chapter 4). F1 … F8 number the cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.core.inputs import NotLeader, Outcome, RequestRefused
from raftstep.core.model import NO_CONFIGURATION, Membership, Role, new_node
from raftstep.core.rules import Rule
from raftstep.core.step import step
from tests.builders import (
    RESTART,
    TIMER,
    append_accepted,
    append_entries,
    candidate,
    change_request,
    configuration_entry,
    entries,
    follower,
    full_configuration,
    leader,
    members,
    receive,
    receive_all,
    request_vote,
    run_steps,
    vote_granted,
    with_configuration,
    with_settings,
)

SINGLE = Membership.SINGLE
CAUGHT_UP = {"S2": (3, 2), "S3": (3, 2)}
S1_LEADS = with_configuration(
    leader("S1", term=2, log=entries(1, 2), commit=2, progress=CAUGHT_UP),
    members("123"),
    membership=SINGLE,
    progress=CAUGHT_UP,
)

# A configuration is in force where it is in the log


def test_a_leader_needs_the_majority_of_a_configuration_that_is_not_committed_yet() -> None:
    """F1. §6: with S4 in the log it takes three of four, and S4 is sent the log too."""
    learner = replace(S1_LEADS, configuration=members("123", learners="4"), bootstrap=members("123", learners="4"))
    node = with_configuration(learner, learner.configuration, membership=SINGLE, progress={**CAUGHT_UP, "S4": (3, 2)})

    appended, second, third = run_steps(
        node,
        change_request(members("1234")),
        receive(append_accepted("S2", "S1", term=2, match=3)),
        receive(append_accepted("S4", "S1", term=2, match=3)),
    )

    assert appended.rules == (Rule.APPEND_CONFIGURATION,)
    assert appended.node.log[-1] == configuration_entry(2, members("1234"))
    assert [message.target for message in appended.messages] == ["S2", "S3", "S4"]
    assert (second.node.commit_index, third.node.commit_index) == (2, 3)


def test_a_candidate_needs_the_majority_of_the_latest_configuration_in_its_log() -> None:
    """F1. §6: with {1,2,3,4} in the log, two votes beside its own are wanted, and all three are asked."""
    node = replace(
        with_configuration(
            follower("S1", term=1, log=(configuration_entry(1, members("1234")),)), members("123"), membership=SINGLE
        )
    )
    asked, one, two = run_steps(
        replace(node, configuration=members("1234")),
        TIMER,
        receive(vote_granted("S2", "S1", term=2)),
        receive(vote_granted("S4", "S1", term=2)),
    )

    assert [message.target for message in asked.messages] == ["S2", "S3", "S4"]
    assert [one.node.role, two.node.role] == [Role.CANDIDATE, Role.LEADER]


def test_a_follower_uses_a_configuration_as_soon_as_it_is_in_its_log() -> None:
    """F1. §6: committed or not."""
    node = with_configuration(follower("S1", term=1), full_configuration(3), membership=SINGLE)

    outcome = step(node, receive(append_entries("S2", "S1", term=1, new=(configuration_entry(1, members("1234")),))))

    assert outcome.node.configuration == members("1234")
    assert outcome.rules == (Rule.ACCEPT_ENTRIES, Rule.ADOPT_CONFIGURATION)


def test_a_configuration_that_is_removed_from_the_log_gives_way_to_the_one_before() -> None:
    """F1. Dissertation §4.1: back to three nodes, of which two are a majority."""
    node = with_configuration(
        follower("S1", term=1, log=(configuration_entry(1, members("1234")),)), full_configuration(3), membership=SINGLE
    )
    node = replace(node, configuration=members("1234"))

    outcome = step(node, receive(append_entries("S2", "S1", term=2, new=entries(2))))

    assert outcome.node.configuration == full_configuration(3)
    assert outcome.rules == (
        Rule.ADOPT_NEWER_TERM,
        Rule.ACCEPT_ENTRIES,
        Rule.TRUNCATE_CONFLICT,
        Rule.REVERT_CONFIGURATION,
    )


def test_a_node_comes_back_with_the_configuration_of_its_log() -> None:
    """§6: it is durable because the log is."""
    node = with_configuration(
        follower("S1", term=1, log=(configuration_entry(1, members("1234")),)), full_configuration(3), membership=SINGLE
    )

    assert step(node, RESTART).node.configuration == members("1234")


# What a leader refuses


def refusal(rule: Rule) -> tuple[tuple[RequestRefused, ...], tuple[Rule, ...]]:
    """What the operator hears, and the rule that says why."""
    return (RequestRefused(request="change the configuration", rule=rule),), (rule,)


def test_a_second_change_waits_for_the_first_to_be_committed() -> None:
    """F3. Dissertation §4.1: or majorities of the two need not meet."""
    first, second, committed, third = run_steps(
        S1_LEADS,
        change_request(members("12")),
        change_request(members("1")),
        receive(append_accepted("S2", "S1", term=2, match=3)),
        change_request(members("1")),
    )

    assert first.rules == (Rule.APPEND_CONFIGURATION,)
    assert (second.answers, second.rules) == refusal(Rule.REFUSE_SECOND_CHANGE)
    assert committed.rules == (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY)
    assert third.rules == (Rule.APPEND_CONFIGURATION, Rule.COMMIT, Rule.APPLY)


def test_a_change_waits_until_the_leader_has_committed_an_entry_of_its_own_term() -> None:
    """F4. Ongaro 2015: the no-op of term 7 is in the log but not committed; once it is, the change is taken."""
    node = with_configuration(leader("S1", term=7, log=entries(1, 7), commit=1), members("123"), membership=SINGLE)

    early, committed, late = run_steps(
        node,
        change_request(members("12")),
        receive(append_accepted("S2", "S1", term=7, match=2)),
        change_request(members("12")),
    )

    assert (early.answers, early.rules) == refusal(Rule.REFUSE_EARLY_CHANGE)
    assert committed.node.commit_index == 2
    assert late.rules == (Rule.APPEND_CONFIGURATION,)


def test_without_joint_consensus_one_voter_changes_at_a_time() -> None:
    """Dissertation §4.1: three voters to one is two steps."""
    outcome = step(S1_LEADS, change_request(members("1")))

    assert (outcome.answers, outcome.rules) == refusal(Rule.REFUSE_CHANGE_OF_SEVERAL)
    assert outcome.node == S1_LEADS


def test_a_node_that_does_not_lead_sends_the_operator_to_the_leader() -> None:
    """§6, §8: changes are entries, and only leaders append."""
    node = with_configuration(follower("S1", term=1, leader="S2"), full_configuration(3))

    outcome = step(node, change_request(members("12")))

    assert outcome == Outcome(
        node=node,
        answers=(NotLeader(command="change the configuration", leader="S2"),),
        rules=(Rule.REDIRECT_CLIENT,),
    )


@pytest.mark.parametrize(
    ("membership", "wanted", "words"),
    [
        (Membership.FIXED, members("12"), "the configuration is fixed in the settings"),
        (Membership.SINGLE, members(""), "a configuration needs a voter"),
    ],
)
def test_a_change_that_makes_no_sense_is_a_mistake(membership: Membership, wanted: object, words: str) -> None:
    """It is the caller's, not the cluster's."""
    with pytest.raises(ValueError, match=words):
        step(with_settings(S1_LEADS, membership=membership), change_request(wanted))  # type: ignore[arg-type]


# Nodes that leave


def test_a_leader_commits_its_own_removal_without_counting_itself_and_then_steps_down() -> None:
    """F5. Dissertation §4.2.2: {2,3} needs both of them; S1 leads until then."""
    appended, one, both = run_steps(
        S1_LEADS,
        change_request(members("23")),
        receive(append_accepted("S2", "S1", term=2, match=3)),
        receive(append_accepted("S3", "S1", term=2, match=3)),
    )

    assert (appended.node.commit_index, one.node.commit_index, one.node.role) == (2, 2, Role.LEADER)
    assert both.rules == (Rule.RECORD_MATCH, Rule.COMMIT, Rule.APPLY, Rule.STEP_DOWN_REMOVED)
    assert (both.node.role, both.node.commit_index, both.rearm) == (Role.FOLLOWER, 3, True)


def test_of_two_nodes_a_leader_leaves_when_the_other_has_the_entry() -> None:
    """Dissertation §4.2.2: stepping down sooner would leave a node that knows of no such change."""
    node = with_configuration(
        leader("S1", nodes=2, term=2, log=entries(2), commit=1, progress={"S2": (2, 1)}),
        members("12"),
        membership=SINGLE,
        progress={"S2": (2, 1)},
    )

    appended, acknowledged = run_steps(
        node, change_request(members("2")), receive(append_accepted("S2", "S1", term=2, match=2))
    )

    assert appended.node.role is Role.LEADER
    assert acknowledged.rules[-1] is Rule.STEP_DOWN_REMOVED


def test_of_two_nodes_the_leader_removes_the_other_on_its_own() -> None:
    """Dissertation §4.1: of {1}, S1 is the majority."""
    node = with_configuration(
        leader("S1", nodes=2, term=2, log=entries(2), commit=1, progress={"S2": (2, 1)}),
        members("12"),
        membership=SINGLE,
        progress={"S2": (2, 1)},
    )

    outcome = step(node, change_request(members("1")))

    assert (outcome.node.commit_index, outcome.node.role, outcome.messages) == (2, Role.LEADER, ())


def test_a_node_whose_removal_is_not_known_to_be_committed_may_stand_without_its_own_vote() -> None:
    """Dissertation §4.2.2: it may be the only one with the entry; its vote belongs to no cluster any more."""
    log = (*entries(1), configuration_entry(1, members("23")))
    node = replace(with_configuration(follower("S1", term=1, log=log, commit=1), members("123"), membership=SINGLE))
    node = replace(node, configuration=members("23"))

    stood, one, two = run_steps(
        node, TIMER, receive(vote_granted("S2", "S1", term=2)), receive(vote_granted("S3", "S1", term=2))
    )

    assert stood.rules == (Rule.START_ELECTION,)
    assert (one.node.role, two.node.role) == (Role.CANDIDATE, Role.LEADER)


def test_a_node_that_knows_of_its_removal_stays_passive() -> None:
    """Dissertation §4.2.2: nobody needs it, and its elections would only disturb."""
    log = (*entries(1), configuration_entry(1, members("23")))
    node = with_configuration(follower("S1", term=1, log=log, commit=2), members("123"), membership=SINGLE)
    node = replace(node, configuration=members("23"))

    assert step(node, TIMER) == Outcome(node=node, rearm=True, rules=(Rule.STAY_PASSIVE,))


# Strangers


def test_requests_of_unknown_nodes_are_answered_by_the_usual_rules() -> None:
    """F6. Dissertation §4.1: the sender's configuration decides, for it may be the newer one."""
    node = with_configuration(follower("S1", term=1), full_configuration(3))

    vote = step(node, receive(request_vote("S9", "S1", term=2)))
    stored = step(node, receive(append_entries("S9", "S1", term=2, new=entries(2))))

    assert vote.messages == (vote_granted("S1", "S9", term=2),)
    assert stored.messages == (append_accepted("S1", "S9", term=2, match=1),)
    assert stored.node.leader == "S9"


def test_answers_of_nodes_that_were_removed_are_dropped() -> None:
    """§6: a leader keeps no marks for them, and their votes count for nothing."""
    removed = receive_all(
        step(S1_LEADS, change_request(members("12"))).node, append_accepted("S2", "S1", term=2, match=3)
    )
    standing = replace(candidate("S1", term=3), configuration=members("14"))

    assert step(removed, receive(append_accepted("S3", "S1", term=2, match=3))).rules == (Rule.IGNORE_STALE_RESPONSE,)
    assert step(standing, receive(vote_granted("S2", "S1", term=3))).node.role is Role.CANDIDATE


def test_a_node_without_a_configuration_waits_and_serves() -> None:
    """Dissertation §4.4: it stands for nothing, votes, stores, and joins when an entry says so."""
    node = new_node("S4", NO_CONFIGURATION, S1_LEADS.settings)

    waited, voted, joined = run_steps(
        node,
        TIMER,
        receive(request_vote("S1", "S4", term=1)),
        receive(append_entries("S1", "S4", term=1, new=(configuration_entry(1, members("1234")),))),
    )

    assert (waited.node, waited.rules) == (node, (Rule.STAY_PASSIVE,))
    assert voted.messages == (vote_granted("S4", "S1", term=1),)
    assert joined.node.configuration == members("1234")
