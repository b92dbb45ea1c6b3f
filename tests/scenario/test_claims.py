"""A caption's claims rest on the run, and one that speaks without asking is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.document.problem import Problems
from raftstep.scenario import library
from raftstep.scenario.claims import Claim, check_claims, split_claims
from raftstep.scenario.load import load
from raftstep.scenario.model import Expectation, Scenario, Sentence, Waypoint
from tests.scenario.test_facts import play_shipped

MAJORITIES = "{{ majorities[0].holding(2) | listed }}"

HELD_BY_OLD = (
    "Of the **old** {{ majorities[0].size | in_words }} nodes {{ majorities[0].holding(2) | length | in_words }} hold "
    "entry 2, a majority."
)
HELD_BY_THREE = "{{ majority | in_words | capitalize }} of {{ size | in_words }} hold entry 1: {{ leader }} commits it."
BECAME_ENTRY = (
    "It becomes entry 1 of term {{ leader.log[0].term }}, and {{ majority | in_words }} nodes hold it: **committed**, "
    "and the client is answered."
)
WRONG_CAPTIONS = [
    ("joint-consensus", "Not yet", HELD_BY_OLD),
    ("joint-consensus", "Both", "With S4’s answer {{ majority | in_words }} of the new nodes hold it, too."),
    ("joint-consensus", "Five", "Entry 3 is on {{ majorities[0].holding(3) | listed }}: committed."),
    ("vote-denied", "Commit", HELD_BY_THREE),
    ("uncommitted-lost", "Another", BECAME_ENTRY),
    ("learner-promoted", "Uncounted", f"{MAJORITIES} hold entry 2, a majority of the voters."),
    ("learner-promoted", "Counted", f"{MAJORITIES} hold x=8."),
    ("removed-node", "Committed", f"{MAJORITIES} hold it, {{{{ majority | in_words }}}} of {{{{ size | in_words }}}}."),
]
"""Captions that once called the acknowledgements a leader had the nodes that hold an entry, with their steps."""


def check_words(say: str, expect: Expectation | None = None, title: str = "A step", why: str = "") -> list[str]:
    """The problems of a step with these words, at a moment of a shipped run."""
    scenario = play_shipped("leader-election").scenario
    place = scenario.waypoints[0].place

    def sentence(text: str) -> Sentence:
        return Sentence(text=text, place=place)

    waypoint = replace(
        scenario.waypoints[5],
        title=sentence(title),
        say=sentence(say),
        why=sentence(why) if why else None,
        expect=expect,
    )
    return problem_words(replace(scenario, waypoints=(waypoint,)))


def problem_words(scenario: Scenario) -> list[str]:
    problems = check_claims(scenario)
    return [problem.words for problem in problems.problems] if problems else []


def expect_conditions(*conditions: str) -> Expectation:
    place = play_shipped("leader-election").scenario.waypoints[0].place
    return Expectation(place=place, conditions=tuple(Sentence(text=text, place=place) for text in conditions))


@pytest.mark.parametrize("name", library.list_scenario_ids())
def test_every_claim_of_a_shipped_scenario_rests_on_its_run(name: str) -> None:
    """Contributing, *Adding a scenario*: a caption asks the run for what it says."""
    assert problem_words(play_shipped(name).scenario) == []


@pytest.mark.parametrize(("name", "step", "say"), WRONG_CAPTIONS, ids=[f"{n} {s}" for n, s, _ in WRONG_CAPTIONS])
def test_a_caption_that_calls_acknowledgements_holders_is_found(name: str, step: str, say: str) -> None:
    """A leader knows of fewer copies than there are; each of these sentences was shown beside a picture of more."""
    scenario = play_shipped(name).scenario
    waypoint = next(waypoint for waypoint in scenario.waypoints if waypoint.name == step)
    wrong = replace(waypoint, say=replace(waypoint.say, text=say), expect=drop_conditions(waypoint))

    problems = problem_words(replace(scenario, waypoints=(wrong,)))

    remedies = (
        "says who holds an entry without asking the run",
        "asks what the leader knows, and says it of the nodes",
    )
    assert any(remedy in words for words in problems for remedy in remedies), problems


def drop_conditions(waypoint: Waypoint) -> Expectation | None:
    return replace(waypoint.expect, conditions=()) if waypoint.expect else None


@pytest.mark.parametrize(
    ("say", "remedy"),
    [
        ("S1 and S2 hold x=7.", 'says who holds an entry without asking the run; write {{ holders("x=7") | listed }}'),
        (
            "x=7 is on every node.",
            'says who holds an entry without asking the run; write {{ holders("x=7") | listed }}',
        ),
        ("S1 holds x=7.", "says what a node holds without asking the run; write {{ S1.log[-1] }}"),
        ("{{ known_holders(1) | listed }} hold x=7.", "asks what the leader knows, and says it of the nodes"),
        ("S2 has entries up to {{ S1.match.S2 }}.", "asks what the leader knows, and says it of the nodes"),
        ("It needs a majority.", "speaks of a majority without asking the run; write {{ majority }} of {{ size }}"),
        ("x=7 is committed.", "says what is committed without asking the run; ask for a commit_index"),
        ("x=7 is not yet committed.", "says that an entry is not committed, and an entry is committed as soon as"),
        ("S1 cannot commit it.", "says what cannot be without asking the run; name the reason in a hole"),
        ("It took 237 ms.", 'has "237" typed; let the run fill it in'),
        ("S1 leads term 2.", 'has "2" typed; let the run fill it in'),
        ("Two nodes lead.", 'has "Two" typed; let the run fill it in'),
        ("{{ 2 | in_words }} nodes lead.", "has a hole with nothing but a number in it; ask the run for it"),
    ],
)
def test_a_claim_that_asks_nothing_is_found_and_told_what_to_ask(say: str, remedy: str) -> None:
    """Contributing: errors teach."""
    assert any(remedy in words for words in check_words(say)), check_words(say)


@pytest.mark.parametrize(
    "say",
    [
        '{{ holders("x=7") | listed }} hold x=7.',
        '{{ known_holders("x=7") | listed }} are known to hold x=7.',
        "S1 holds {{ S1.log[-1] }}.",
        "{{ majority }} of {{ size }} is a majority.",
        "Entries up to {{ S1.commit_index }} are committed.",
        "S1 has {{ S1.votes | length }} votes and cannot win.",
        "S1 sends x=7, as in Figure 8 of the paper [@ongaro-2014-raft §5.4.2].",
        "{# general #}Two of four nodes are no majority and cannot commit.",
    ],
)
def test_a_claim_that_asks_the_run_is_fine(say: str) -> None:
    """A note that says *general* excuses its sentence; names, commands, figures and sections are no numbers."""
    assert check_words(say) == []


def test_what_an_expectation_asks_counts_for_every_word_of_its_step() -> None:
    """The run has to bear the expectation out, so the words may rest on it."""
    say = "x=7 is on every node, and it is not committed. S1 cannot commit it."
    expect = expect_conditions('holders("x=7") | length == size', 'not committed("x=7")')

    assert check_words(say, expect, title="Every node has x=7: copies are not enough") == []
    assert len(check_words(say)) == 3


def test_a_note_excuses_its_own_sentence_alone() -> None:
    """A general statement beside a claim about the run does not hide it."""
    (words,) = check_words("{# general #}Two nodes may lead. Three nodes lead.")

    assert words.startswith('"Three nodes lead."')


def test_a_mark_belongs_to_the_sentence_it_stands_in() -> None:
    """A hole in one sentence says nothing of the next."""
    assert split_claims("{{ S1 }} leads. It holds {{ holders(1) | listed }}! **Done.** Yes") == [
        Claim(words="… leads.", names=frozenset({"S1"})),
        Claim(words="It holds …!", names=frozenset({"holders"})),
        Claim(words="**Done.**"),
        Claim(words="Yes"),
    ]


def test_a_schedule_s_captions_are_checked_too() -> None:
    """A schedule has no expectation at its steps: its captions ask for all they say."""
    text = "title: T\nnodes: [S1, S2, S3]\nscript:\n  - timeout: S1\n    say: S1 leads term 2.\n"
    loaded = load("t.yaml", text)
    assert isinstance(loaded, Scenario), loaded.show()

    problems = check_claims(loaded)

    assert isinstance(problems, Problems)
    assert problems.problems[0].place.line == 5
