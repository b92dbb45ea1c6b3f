"""Schedules as scenarios: what can be written, what it plays, and what is said of what cannot happen."""

import pytest

from raftstep.core.model import Role
from raftstep.core.rules import Rule
from raftstep.document.problem import Problems
from raftstep.limits import SCRIPT_EVENTS
from raftstep.scenario.load import load
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.play import play
from raftstep.scenario.proofs.comparison import compare_runs
from raftstep.scenario.proofs.shortest_runs import find_shortest_run
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from raftstep.simulation.events import Deliver
from tests.scenario.loading import load_scenario
from tests.scenario.schedules import ELECTION, SLOW_CLOCK, TWO_LEADERS


def play_text(text: str) -> PlayedScenario:
    outcome = play(load_scenario(text))
    assert isinstance(outcome, PlayedScenario), outcome.show()
    return outcome


def list_problems(text: str) -> list[str]:
    outcome = play(load_scenario(text))
    assert isinstance(outcome, Problems)
    return [f"{problem.place.line}:{problem.place.column}: {problem.words}" for problem in outcome.problems]


def test_a_schedule_is_played_directive_by_directive() -> None:
    """One request is lost, the other arrives, the vote comes back: S1 leads, and its first words are under way."""
    run = play_text(ELECTION)

    leader = run.trace.steps[-1].cluster.node("S1")
    assert (leader.role, leader.votes_granted) == (Role.LEADER, frozenset({"S1", "S2"}))
    assert run.scenario.summary == "Two of three are enough."


def test_each_event_is_a_step_and_a_loss_is_none() -> None:
    """As on the pages of the rules: named by what happens, told by the rules that the node obeys."""
    run = play_text(ELECTION)

    assert [moment.title for moment in run.moments] == [
        "The start",
        "S1's election timeout runs out",
        "S2 receives RequestVote(term 1, last entry 0 of term 0) from S1",
        "S1 receives vote(term 1) from S2",
    ]
    assert run.moments[2].say.startswith("A node that sees a newer term in any message takes that term")
    assert [waypoint.place.line for waypoint in run.scenario.waypoints] == [5, 5, 8, 9]


def test_what_an_author_says_of_an_event_has_holes_that_the_run_fills() -> None:
    """A caption is a caption, in a schedule as with a clock; of several events in a directive the first has it."""
    run = play_text(ELECTION.replace("deliver: all", "deliver: all\n    say: Word reaches {{ it }}.", 1))

    assert [run.moments[1].say, run.moments[2].say] == ["S1 stands in term 1.", "Word reaches S2."]
    assert list_problems(ELECTION.replace("{{ it }} stands", "S9 stands")) == [
        '6:10: the caption names "S9", which is no node of this run; use one of these (nodes: S1, S2, S3)'
    ]


def test_time_passes_in_a_schedule_by_its_ticks() -> None:
    """Each is a step; what happens between two of them is shown between them, and a slow clock shows less."""
    run = play_text(SLOW_CLOCK)

    assert [(moment.title, moment.event_step.time_ms) for moment in run.moments] == [
        ("The start", 0),
        ("100 ms pass", 100),
        ("50 ms pass", 150),
        ("S2's election timeout runs out", 175),
    ]
    assert run.moments[1].say == "100 ms have passed since the start, and S1's clock shows 80 ms."
    assert run.moments[3].say == "At 182 ms the clocks show 120 and 150 ms."


def test_a_schedule_may_expect_what_a_scenario_may() -> None:
    """At its end."""
    play_text(ELECTION + "expect: {leader: S1, votes: {S2: S1, S3: none}, roles: {S3: follower}}\n")

    [words] = list_problems(ELECTION + "expect: {leader: S2}\n")
    assert words.startswith("10:1: at 60 ms the leader is S1, not S2; correct the expectation")


@pytest.mark.parametrize("slug", sorted(VARIANTS_BY_SLUG))
def test_what_a_search_found_is_played_as_its_own_page_shows_it(slug: str) -> None:
    """The schedule that a rule's page offers is the same run, in the same steps."""
    variant = VARIANTS_BY_SLUG[slug]
    page = compare_runs(variant, find_shortest_run(variant)).run_without_rule

    run = play_text(page.scenario.source)

    assert run.trace == page.trace
    assert [moment.title for moment in run.moments] == [moment.title for moment in page.moments]
    assert [moment.shown_step for moment in run.moments] == [moment.shown_step for moment in page.moments]
    assert variant.broken_property in run.scenario.broken_properties


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("timeout: S1", "client: S1", 'expected a mapping, found text "S1"'),
        ("timeout: S1", "client: {command: x=1}", '"node" is missing; add "node: S1"'),
        ("script:", "learners: many\nscript:", 'expected a list, found text "many"'),
        ("script:", "learners: [S1, S2, S3]\nscript:", "at least one node must vote; name fewer learners"),
        ("script:", "without: [persist-log]\nscript:", '"without" is one of the settings; write it under "settings"'),
        ("script:", "settings: {without: persist-log}\nscript:", 'expected a list, found text "persist-log"'),
        ("script:", "settings: {no_op: perhaps}\nscript:", 'expected true or false, found text "perhaps"'),
        ("script:", "expect: Log Matching\nscript:", 'expected a mapping, found text "Log Matching"'),
        ("title: One", "title: \x07", "the character U+0007 is not allowed in YAML"),
        ("script:", "clocks: {S1: 0.8}\nscript:", 'no time passes in this schedule; remove "clocks", or let some'),
        (
            "script:",
            "settings: {election_timeout_ms: [100, 200]}\nscript:",
            'no time passes in this schedule; remove "election_timeout_ms"',
        ),
        ("timeout: S1", "tick: S1", 'expected a whole number, found text "S1"'),
        ("timeout: S1", "tik: 50", 'unknown directive "tik"; did you mean "tick"?'),
        ("script:", "script: &all", 'anchors and aliases, such as "&all", are not used here'),
    ],
)
def test_no_value_of_a_wrong_kind_ends_in_a_traceback(old: str, new: str, words: str) -> None:
    """It is told as in every scenario."""
    found = load("election.yaml", ELECTION.replace(old, new, 1))

    assert isinstance(found, Problems)
    assert words in found.show()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "drop: {source: S1, target: S3}",
            "drop: {source: S1, target: S1}",
            "7:5: no such message is in flight; did you mean",
        ),
        (
            "deliver: all\n  - deliver: all",
            "deliver: {RequestVote: {source: S1, target: S3}}",
            '8:5: no such message has been sent by then; did you mean "RequestVote: {source: S1, target: S2}"? (there',
        ),
        ("timeout: S1", "deliver: {TimeoutNow: {source: S1}}", "5:5: no such message has been sent by then; let one"),
        ("drop: {source: S1, target: S3}", "drop: {}\n  - timeout: S1\n  - drop: {}", "10:5: no message is in flight"),
        (
            "drop: {source: S1, target: S3}",
            "deliver: {RequestVote: {source: S1}}",
            '7:5: 2 messages are meant; say more of the one: "RequestVote: {source: S1, target: S2}" or "RequestVote',
        ),
        ("timeout: S1", "crash: S1\n  - timeout: S1", "6:5: S1 is down; let it start again before, with"),
        ("timeout: S1", "lose_disk: S1\n  - timeout: S1", "5:5: S1 is not down; let it crash before, with"),
        (
            "drop: {source: S1, target: S3}",
            "cut: [{source: S1, target: S2}]\n  - deliver: {RequestVote: {target: S2}}",
            "8:5: the link from S1 to S2 is cut, so nothing arrives over it; let the link heal before",
        ),
        (
            "drop: {source: S1, target: S3}",
            "heal: [{source: S1, target: S2}]",
            "7:5: the link from S1 to S2 is not cut; name a link that is, or write heal: true",
        ),
        (
            "drop: {source: S1, target: S3}",
            "partition: [[S1], [S2, S3]]",
            "8:5: no message that can arrive is in flight; remove it",
        ),
        (
            "drop: {source: S1, target: S3}",
            "deliver: {RequestVote: {source: S1, nth: 3}}",
            "7:5: no such message has been sent by then",
        ),
        (
            "drop: {source: S1, target: S3}",
            "restart: S2\n    expect: {leader: S1}",
            "8:5: at 45 ms the leader is none, not S1; ",
        ),
        (
            "timeout: S1",
            "tick: 100\n  - timeout: S1",
            "6:5: S1's timer cannot fire yet; by its own clock it has run 100 ms; let it run 150 ms",
        ),
        (
            "timeout: S1",
            "timeout: S1\n" + "  - timeout: S1\n" * 51 + "  - deliver: all",
            "57:5: a schedule has at",
        ),
    ],
)
def test_an_event_that_cannot_happen_where_it_stands_is_told_in_words(old: str, new: str, words: str) -> None:
    """The first of them; what follows may hang on it."""
    found = list_problems(ELECTION.replace(old, new, 1))

    assert len(found) == 1
    assert found[0].startswith(words)
    assert "; " in found[0]


def test_a_schedule_with_pre_vote_begins_from_a_steady_leader_and_can_replace_it() -> None:
    """Dissertation §9.6: two followers that have both given S1 up grant each other the pre-vote."""
    text = ELECTION[: ELECTION.index("script:")] + (
        "start: steady\nsettings: {pre_vote: true}\nscript:\n"
        "  - timeout: S2\n  - deliver: {RequestPreVote: {source: S2, target: S3}}\n"
        "  - timeout: S3\n  - deliver: {RequestPreVote: {source: S3, target: S2}}\n"
        "  - deliver: {RequestPreVoteResponse: {source: S2, target: S3}}\n"
    )

    trace = play_text(text).trace

    assert [node.role for node in trace.start.nodes] == [Role.LEADER, Role.FOLLOWER, Role.FOLLOWER]
    answers = [step.outcome.rules for step in trace.steps if step.outcome and isinstance(step.event, Deliver)]
    assert answers[:2] == [(Rule.DENY_PRE_VOTE_LEADER_ALIVE,), (Rule.GRANT_PRE_VOTE,)]
    assert trace.steps[-1].cluster.node("S3").role is Role.CANDIDATE


def test_a_schedule_is_no_longer_than_a_reader_bears() -> None:
    """Each event has its pictures."""
    assert SCRIPT_EVENTS.most == 100


def test_what_breaks_and_what_should_break_are_the_same() -> None:
    """An undeclared break is told at the event that does it, one that does not come where it is declared."""
    assert "Election Safety" in play_text(TWO_LEADERS).scenario.broken_properties

    [words] = list_problems(TWO_LEADERS.replace("expect", "# expect"))
    assert words.startswith("10:5: Election Safety broken at step 10 (120 ms): S2 and S1 both lead term 1; this is a")
    assert words.endswith('then write "expect: {broken: [Election Safety]}"')
    assert list_problems(TWO_LEADERS.replace("one-vote-a-term", "append-only")) == [
        '11:1: Election Safety does not break in this run; remove it from "broken"'
    ]


def test_a_schedule_from_a_steady_leader_may_ask_before_it_votes() -> None:
    """With pre-vote an election takes two rounds of messages, and then there is a leader as without."""
    run = play_text(ELECTION.replace("script:", "start: steady\nsettings: {pre_vote: true}\nscript:"))

    leader = run.trace.start.node("S1")
    assert (leader.role, leader.current_term, leader.votes_granted) == (Role.LEADER, 1, frozenset({"S1", "S2"}))


def test_nothing_follows_a_schedule() -> None:
    """A fork leaves its parent at a moment, and a schedule has no clock."""
    text = 'title: T\nfork: {of: other, step: 2, question: "Why?"}\nsteps:\n'
    text += "  - {name: Start, title: A, when: start, say: B}\n"

    found = load("fork.yaml", text, find_parent={"other": ELECTION}.get)

    assert isinstance(found, Problems)
    assert '2:12: "other" is a schedule, and a schedule cannot be forked; fork a scenario with a clock' in found.show()
