"""Loading: every mistake at once, each with its place and a way to mend it, and never a traceback."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import pytest

from raftstep.core.guards import Guard
from raftstep.core.model import Entry, Membership, ReadMode, Settings
from raftstep.document.problem import Place
from raftstep.scenario import library
from raftstep.scenario.model import (
    Expectation,
    ExpectedConfiguration,
    Fork,
    Scenario,
    Sentence,
)
from raftstep.simulation.events import (
    ChangeRequest,
    Crash,
    Cut,
    Heal,
    LoseDisk,
    Partition,
    Pause,
    ReadRequest,
    Request,
    Restart,
    Resume,
    SnapshotRequest,
    Timeout,
    TransferRequest,
)
from raftstep.simulation.given_start import GivenNode, make_cluster
from raftstep.simulation.plan import Action, MessageFault, Pattern, SetLink, SetTimer, Setup
from tests.scenario.loading import (
    BAD_FOLDER,
    GOOD_TEXT,
    PLAIN_HEADER,
    STEPS,
    load_mistakes,
    load_scenario,
    only_mistake,
)
from tests.scenario.parents import PARENT, PARENT_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = Settings(
    no_op=True,
    empty_heartbeats=True,
    pre_vote=True,
    check_quorum=True,
    leader_stickiness=True,
    membership=Membership.JOINT,
    reads=ReadMode.LEASE,
    sessions=True,
    snapshot_after=5,
    minimum_timeout_ms=100,
    drift_bound=1.5,
    conflict_hints=True,
    entries_per_message=2,
    explicit_leave=True,
    session_limit=9,
    renew_sessions=True,
    without=frozenset({Guard.APPEND_ONLY, Guard.LEASE_ALLOWS_FOR_DRIFT}),
)
GIVEN_LOG = (Entry(term=1, command="x=1"), Entry(term=2, command="y=2"), Entry(term=2, command=None))
GIVEN_START = make_cluster(
    (
        GivenNode(id="S1", term=4, vote="S1", log=GIVEN_LOG, commit_index=1, is_leader=True),
        GivenNode(id="S2", term=4, vote="S1", log=GIVEN_LOG[:1]),
        GivenNode(id="S3", term=3, is_down=True),
    ),
    settings=SETTINGS,
    voters=("S1", "S2"),
    learners=("S3",),
)

# what is right


def test_a_scenario_says_everything_the_format_has() -> None:
    """scenario.schema.json: everything.yaml uses each key, and each must arrive in a value."""
    loaded = load_scenario(GOOD_TEXT, "somewhere/everything.yaml")

    assert (loaded.id, loaded.path, loaded.source) == ("everything", "somewhere/everything.yaml", GOOD_TEXT)
    assert (loaded.title, loaded.summary, loaded.seed, loaded.fork) == ("Everything", "All there is.", 11, None)
    assert (loaded.subject, loaded.broken_properties) == ("reads", ("Linearizability",))
    assert loaded.setup == Setup(
        nodes=("S1", "S2", "S3"),
        voters=("S1", "S2"),
        learners=("S3",),
        clock_speeds=(("S1", 0.8), ("S2", 2.0)),
        disks=(("S3", 40),),
        settings=SETTINGS,
        start_term=3,
        election_timeout_ms=(100, 200),
        heartbeat_interval_ms=40,
        latency_ms=(5, 9),
        loss=0.25,
        duplication=1.0,
        timers=(("S1", (165, 243)), ("S2", (300,))),
        links=(
            SetLink(source="S1", target="S2", latency_ms=(20, 40), loss=0.5, duplication=0.25),
            SetLink(target="S3"),
        ),
        start=GIVEN_START,
        until_ms=900,
        plan=(
            Action(at_ms=10, directive=Request(node="S1", command="x=7")),
            Action(when=Pattern(name="become-leader"), after_ms=60, directive=Crash(node="leader")),
            Action(when=Pattern(name="crash", node="S1"), directive=Restart(node="S1")),
            Action(when=Pattern(name="request"), directive=Timeout(node="S2")),
            Action(
                when=Pattern(name="grant-vote", node=None, term=4, index=0, source="S1", occurrence=2),
                directive=Partition(groups=(("S1", "S2"), ("S3",))),
            ),
            Action(at_ms=400, directive=Heal()),
            Action(
                at_ms=410,
                directive=MessageFault(source="S1", target="leader", kind="AppendEntries", count=3, lose=True),
            ),
            Action(at_ms=410, directive=MessageFault(delay_ms=40)),
            Action(at_ms=420, directive=MessageFault(target="S3", copies=1)),
            Action(at_ms=430, directive=SetTimer(node="S1", timeouts_ms=(171,))),
            Action(directive=SetTimer(node="S2", timeouts_ms=(262, 200))),
            Action(at_ms=440, directive=Request(node="leader", command="x+=1", client="alice", serial=2)),
            Action(at_ms=450, directive=ReadRequest(node="leader", key="x")),
            Action(at_ms=460, directive=ChangeRequest(node="leader", voters=("S1", "S2", "S3"))),
            Action(at_ms=470, directive=ChangeRequest(node="S1", voters=("S1",), learners=("S2",))),
            Action(at_ms=480, directive=TransferRequest(node="leader", target="S2")),
            Action(at_ms=490, directive=SnapshotRequest(node="leader")),
            Action(at_ms=500, directive=Cut(links=(("S1", "S2"), ("S3", "S1")))),
            Action(at_ms=510, directive=MessageFault(kind="InstallSnapshot", lose=True)),
            Action(at_ms=520, directive=Heal(links=(("S1", "S2"),))),
            Action(
                at_ms=530,
                directive=MessageFault(kind="AppendEntries", term=4, entry="x=7@4", index=5, nth=2, lose=True),
            ),
            Action(at_ms=540, directive=SetLink(source="leader", latency_ms=(1, 2))),
            Action(directive=SetLink(source="S1", target="S3", loss=1.0)),
            Action(at_ms=550, directive=LoseDisk(node="S3")),
            Action(at_ms=560, directive=Pause(node="leader")),
            Action(when=Pattern(name="lose-disk", node="S3"), directive=Resume(node="S2")),
        ),
    )
    assert len(loaded.action_places) == len(loaded.setup.plan)
    assert loaded.action_places[0] == Place(line=44, column=5, length=6)


def test_a_step_has_its_words_its_moment_and_its_expectation() -> None:
    """scenario.schema.json, `steps`; places are kept because problems found later point at them."""
    first, second = load_scenario(GOOD_TEXT).waypoints

    assert (first.name, first.when, first.after_ms, first.why, first.expect) == ("Start", None, 0, None, None)
    assert (second.when, second.after_ms) == (Pattern(name="become-leader", node="S2"), 5)
    assert second.title == Sentence(text="{{ leader }} leads", place=Place(line=106, column=12, length=20))
    assert second.say == Sentence(text="It leads,\nat last.\n", place=Place(line=110, column=7, length=9))
    assert second.why == Sentence(text="Because.", place=Place(line=112, column=10, length=8))
    assert second.expect == Expectation(place=Place(line=113, column=5, length=6), leader="none")


def test_an_expectation_compares_only_what_it_names() -> None:
    """scenario.schema.json, `expect`: what an author leaves out is not claimed."""
    assert load_scenario(GOOD_TEXT).expect == Expectation(
        place=Place(line=115, column=1, length=6),
        leader="S2",
        terms=(("S1", 4),),
        roles=(("S1", "down"), ("S2", "leader")),
        votes=(("S2", "S2"), ("S3", "none")),
        logs=(("S2", ("no-op@4", "x=7@4")), ("S3", ()), ("S1", ("1", "2"))),
        commit_index=(("S2", 2),),
        answered_commands=("x=7",),
        unanswered_commands=(),
        configurations=(
            (
                "S1",
                ExpectedConfiguration(voters=frozenset({"S1", "S2"}), outgoing=frozenset(), learners=frozenset({"S3"})),
            ),
            ("S2", ExpectedConfiguration(voters=frozenset({"S1", "S2"}))),
        ),
        snapshots=(("S1", 3),),
        machines=(("S1", "x", "7"), ("S1", "y", "none")),
        reads=("x=7", "y=none"),
        conditions=(
            Sentence(
                text='not committed("x=7")', place=Place(line=130, column=10, length=20), raw='not committed("x=7")'
            ),
        ),
        broken_properties=("Linearizability",),
    )


def test_what_is_not_said_has_the_values_of_the_schema() -> None:
    """Editors show the schema's defaults, so they have to be the true ones."""
    assert load_scenario(PLAIN_HEADER + STEPS).setup == Setup(nodes=("S1", "S2", "S3"), start_term=1, until_ms=700)


def test_words_mean_what_yaml_1_2_says() -> None:
    """In YAML 1.1, which most Python programs read, ``on`` is true and ``1:30`` is 90."""
    loaded = load_scenario(
        PLAIN_HEADER.replace("A scenario", "on").replace("seed: 7", "seed: 010") + "summary: 1:30\n" + STEPS
    )

    assert (loaded.title, loaded.summary, loaded.seed) == ("on", "1:30", 10)


@pytest.mark.parametrize(
    "text", [("\ufeff" + GOOD_TEXT).encode(), "\ufeff" + GOOD_TEXT, GOOD_TEXT.replace("\n", "\r\n")]
)
def test_a_byte_order_mark_and_other_line_ends_change_nothing(text: str | bytes) -> None:
    """Windows editors write both, and an author cannot see either."""
    assert load_scenario(text).action_places == load_scenario(GOOD_TEXT).action_places


# forks


def load_fork(step: int, rest: str = "") -> Scenario:
    return load_scenario(f"title: A fork\nfork: {{of: parent, step: {step}, question: 'What if?'}}\n{rest}{STEPS}")


def test_a_fork_keeps_what_its_parent_did_by_then() -> None:
    """CONTRIBUTING, *Adding a scenario*: a fork leaves its parent at a step, and what came before has happened."""
    parent = load_scenario(PARENT)
    for step, action_count in ((1, 0), (2, 1), (3, 2)):
        assert load_fork(step).setup.plan == parent.setup.plan[:action_count]


def test_a_fork_has_its_parents_cluster_and_its_own_actions() -> None:
    """CONTRIBUTING, *Adding a scenario*: a what-if changes what happens next, not who it happens to."""
    parent = load_scenario(PARENT)

    loaded = load_fork(3, "until_ms: 800\ntimers: {S2: [200]}\nhappens: [{at_ms: 500, crash: S3}]\n")

    assert loaded.seed == parent.seed
    assert loaded.fork == Fork(parent_id="parent", step=3, question="What if?", place=Place(line=2, column=1, length=4))
    assert loaded.setup.heartbeat_interval_ms == 40
    assert loaded.setup.timers == (("S1", (160,)), ("S2", (200,)))
    assert loaded.setup.until_ms == 800
    assert loaded.setup.plan == (*parent.setup.plan[:2], Action(at_ms=500, directive=Crash(node="S3")))
    assert [place.line for place in loaded.action_places] == [2, 2, 5]


def test_a_fork_may_expect_what_its_parents_clients_sent() -> None:
    """An expectation names a command that some client sends; before the fork those are the parent's clients."""
    assert load_fork(3, "expect: {answered: [x=7]}\n").expect
    with pytest.raises(AssertionError, match='no client sends "x=7"'):
        load_fork(2, "expect: {answered: [x=7]}\n")


def test_a_fork_that_goes_round_in_a_ring_is_refused() -> None:
    """Anyone may hand over anything: a fork of itself must not recurse without end."""
    assert "is itself a fork" in only_mistake(PARENT_TEXTS["fork-of-itself"])


def test_a_fork_of_an_unknown_scenario_is_told_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors teach: a mistyped name is answered with the likeliest one."""
    monkeypatch.setattr(library, "list_scenario_ids", lambda: ("leader-election", "split-vote"))

    assert only_mistake("title: T\nfork: {of: split-voet, step: 1, question: Why}\n" + STEPS) == (
        '2:12: unknown scenario "split-voet"; did you mean "split-vote"? (known: leader-election, split-vote)'
    )


def test_a_fork_says_what_is_wrong_with_its_parent() -> None:
    """The mistake is in another file, so its place has to name that file."""
    words = only_mistake('title: T\nfork: {of: impossible, step: 1, question: "Why?"}\n' + STEPS)

    assert "impossible.yaml:10:18: this cannot happen: S1 is not down at 600 ms" in words


# what is wrong


@pytest.mark.parametrize("file", sorted(BAD_FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_kind_of_mistake_is_named_with_its_place(file: Path, golden: Callable[[str, str], None]) -> None:
    """Style, *Problems*: place, what is wrong, how to mend it; tests/scenario/bad holds one file a mistake."""
    report = load_mistakes(file.read_bytes(), file.name).show()

    golden(str(file.with_suffix(".txt")), report + "\n")
    for problem in load_mistakes(file.read_bytes(), file.name).problems:
        assert "; " in problem.words, "says no way to mend it"


def test_every_mistake_is_told_in_the_order_of_the_file() -> None:
    """Style, *Problems*: report all, not the first; authors mend from top to bottom."""
    problems = load_mistakes((BAD_FOLDER / "several.yaml").read_bytes()).problems

    assert [problem.place.line for problem in problems] == [2, 3, 7, 8, 9, 11, 14, 16, 17, 18, 19]


def test_a_mistake_far_to_the_right_is_shown_with_its_caret() -> None:
    """A caret past the edge of the terminal wraps and points at nothing."""
    line, caret = load_mistakes((BAD_FOLDER / "far-right.yaml").read_bytes()).show().splitlines()[-2:]

    assert line[caret.index("^") :].startswith("los: 1")
    assert caret.endswith(" ^^^")


def test_not_every_one_of_a_thousand_mistakes_is_shown() -> None:
    """What scrolls past is not read, and a wrong file can hold thousands."""
    problems = load_mistakes(PLAIN_HEADER + STEPS + "".join(f"key{number}: 1\n" for number in range(5000))).problems

    assert len(problems) == 101
    assert problems[-1].words == "there are more mistakes, which are not shown; fix those above first"


@pytest.mark.parametrize("size", [10_000_000, 300_000])
@pytest.mark.parametrize("kind", [str, bytes])
def test_a_file_that_is_far_too_long_is_refused_at_once(size: int, kind: type) -> None:
    """Anyone may hand over anything, and a build may not hang on it."""
    text = PLAIN_HEADER + "# " + "x" * size
    start_s = process_time()

    words = only_mistake(text if kind is str else text.encode())

    assert words.startswith("1:1: the file is " + ("10.0 MB" if size > 1_000_000 else "300 kB"))
    assert process_time() - start_s < 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 50_000, "nested more than 20 levels deep"),
        ("{a: " * 20_000, "nested more than 20 levels deep"),
        ("- " * 50_000, "nested more than 20 levels deep"),
        ("- a\n" * 50_000, "more than 20000 keys and values"),
        ("\xff\x00\x01".encode("latin-1"), "not UTF-8: the byte 0xff is no text"),
        (GOOD_TEXT.encode("utf-16"), "not UTF-8: the byte 0xff is no text"),
        (b"title: a\n\xc3(", "2:1: not UTF-8"),
        ("title: \ud800", "U+D800 is not allowed"),
    ],
    ids=["lists", "mappings", "dashes", "many", "binary", "utf-16", "cut-utf-8", "surrogate"],
)
def test_a_file_meant_to_hurt_is_refused_at_once(text: str | bytes, words: str) -> None:
    """Anyone may hand over anything: deep nesting and foreign encodings end in a problem, soon."""
    start_s = process_time()

    assert words in only_mistake(text)
    assert process_time() - start_s < 5
