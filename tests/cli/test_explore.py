"""``raftstep explore``, ``prove`` and ``export`` at the terminal."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from raftstep.cli import main, prove
from raftstep.cli.prove import LONG_SEARCHES, STALE_HINT
from raftstep.cli.searching import run_search
from raftstep.simulation.explore import Exploration, Limits
from raftstep.simulation.explore.bounds import Bounds


def test_a_violation_prints_its_transcript_and_has_an_exit_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """3 is for a broken property; 1 for a mistake in the question."""
    assert main(["explore", "one-vote-a-term"]) == 3

    said = capsys.readouterr().out
    assert "broken after 6 events; no schedule of 5 events or fewer breaks it" in said
    assert "Election Safety broken at step" in said
    assert "  - timeout: S1" in said


def test_what_was_not_broken_is_said_with_its_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    """Never more than was searched."""
    assert main(["explore", "--bounds", "terms=1,entries=0,commands=0"]) == 0

    assert "no violation within these bounds: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--without", "up-to-dat-log"],
            'there is no rule "up-to-dat-log" to leave out; did you mean "up-to-date-log"?',
        ),
        (["--bounds", "trms=2"], 'there is no bound "trms"; did you mean "terms"?'),
        (["--bounds", "terms=two"], '"terms=two": write a bound as a name and a whole number, such as terms=3'),
        (["--bounds", "terms=²"], '"terms=²": write a bound as a name and a whole number, such as terms=3'),
        (["--bounds", f"terms={'9' * 5000}"], "terms can be 0 to 9, not a number of 5000 digits"),
        (["--bounds", "heartbeats=2"], '"heartbeats=2": heartbeats are on or off; write heartbeats=1 or heartbeats=0'),
        (["--bounds", "nodes=12"], "nodes can be 1 to 9, not 12"),
        (["--bounds", "nodes=6"], "a search has at most 5 nodes, not 6"),
        (["--bounds", "ticks=100"], "ticks can be 0 to 99, not 100"),
        (["--bounds", "tick=4"], 'there is no bound "tick"; did you mean "ticks"?'),
        (["--bounds", "ticks=4ms"], '"ticks=4ms": write a bound as a name and a whole number, such as terms=3'),
        (["lease-drift", "--bounds", "reads=1"], "without ticks none passes; give it some, such as ticks=3"),
        (["lease-drift"], "clocks need time to pass, and without ticks none does; give it some with --bounds ticks=3"),
        (
            ["steady-paxos"],
            "only Raft is searched, and this runs Multi-Paxos; name a scenario of Raft, or use raftstep",
        ),
        (["split-vote"], "this follows leader-election up to a step; name leader-election, with --without RULE"),
        (["learner-promoted"], "S4 would be neither; take it out of nodes, or name it under learners"),
    ],
)
def test_a_question_that_cannot_be_asked_is_answered_in_words(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors teach, with the known names."""
    assert main(["explore", *arguments]) == 1

    assert words in capsys.readouterr().err


PLAIN = """title: Four nodes
nodes: [A, S2, S3, S4]
seed: 1
until_ms: 100
steps:
  - {name: Start, title: It starts, when: start, say: It starts.}
"""


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("start: {A: {role: down}}", "a search begins with every node up and no link cut; restart the nodes that are"),
        ("learners: [A]", "in a search the last nodes are the learners; put A last under nodes"),
        ("voters: [A, S2]", "S3, S4 would be neither; take it out of nodes, or name it under learners"),
        ("settings: {protocol: multi-paxos}", "only Raft is searched, and this runs Multi-Paxos"),
    ],
    ids=["down", "learners", "voters", "protocol"],
)
def test_a_setting_that_a_search_cannot_honour_is_refused(
    setting: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 16: never dropped. Multi-Paxos was searched as Raft, and one voter of three as three."""
    file = tmp_path / "four.yaml"
    file.write_text(f"{PLAIN}{setting}\n", encoding="utf-8")

    assert main(["explore", str(file), "--bounds", "ticks=1"]) == 1

    assert f"{file}: " in (words_told := capsys.readouterr().err)
    assert words in words_told


def test_a_search_keeps_the_names_and_the_clocks_of_its_nodes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it finds is printed and written with the names of the scenario."""
    file = tmp_path / "four.yaml"
    file.write_text(f"{PLAIN}clocks: {{A: 0.5}}\nsettings: {{without: [one-vote-a-term]}}\n", encoding="utf-8")
    bounds = "terms=1,entries=0,commands=0,ticks=3"

    assert main(["explore", str(file), "--bounds", bounds, "-o", str(tmp_path / "found.yaml")]) == 3
    assert "A's clock running at 0.5" in capsys.readouterr().out
    assert "nodes: [A, S2, S3, S4]" in (tmp_path / "found.yaml").read_text(encoding="utf-8")
    assert main(["check", str(tmp_path / "found.yaml")]) == 0


def test_a_search_ends_in_time() -> None:
    """Issue 16: time and memory of a search have a bound that is told."""
    exploration, _ = run_search(Bounds(terms=3, entries=3), Limits(), lambda _: None, most_minutes=0)

    assert exploration.words.endswith("events; then the limit of 0 minutes was met")


SCHEDULE = """title: Two commands at an old leader
nodes: [S1, S2, S3]
start: steady
settings: {without: [up-to-date-log]}
script:
  - client: {node: S1, command: "x=1"}
  - deliver: {AppendEntries: {source: S1, target: S3}}
"""


def test_a_search_goes_on_from_the_end_of_a_schedule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is the whole run, and can be played."""
    begun, found = tmp_path / "begun.yaml", tmp_path / "found.yaml"
    begun.write_text(SCHEDULE, encoding="utf-8")

    assert main(["explore", str(begun), "--after", "--bounds", "commands=0", "-o", str(found)]) == 3
    assert "and the 2 events after it\nbroken after 4 events" in capsys.readouterr().out
    assert "broken in 6 events" in found.read_text(encoding="utf-8")
    assert main(["check", str(found)]) == 0


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("steady", "--after takes the events of a schedule; name a scenario that has a script"),
        ("leader-election", "leader-election has no script, so there are no events to begin after"),
    ],
)
def test_where_there_are_no_events_to_begin_after_it_is_said(
    model: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors teach."""
    assert main(["explore", model, "--after"]) == 1

    assert words in capsys.readouterr().err


def test_a_scenario_lends_its_nodes_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """Five nodes as in the eight steps, looked at for three events."""
    assert main(["explore", "leader-election", "--depth", "3"]) == 4

    assert capsys.readouterr().out.startswith("5 nodes, 2 terms")


def test_a_run_is_exported_in_the_words_of_the_specification(capsys: pytest.CaptureFixture[str]) -> None:
    """The eight steps as a TLA+ module."""
    assert main(["export", "leader-election"]) == 0

    assert capsys.readouterr().out.startswith("---- MODULE Trace ----")


def test_a_run_is_written_with_all_that_tlc_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The specification, the run and the check, and the line that has TLC read them."""
    assert main(["export", "no-op", "-o", str(tmp_path / "check")]) == 0

    assert capsys.readouterr().out.endswith("in it, run: java -cp tla2tools.jar tlc2.TLC -deadlock RaftCheck\n")
    names = {"RaftSteps.tla", "Trace.tla", "RaftCheck.tla", "RaftCheck.cfg"}
    assert {file.name for file in (tmp_path / "check").iterdir()} == names


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An export is several files, and must not end up among somebody else's; an earlier one is written again."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert main(["export", "no-op", "-o", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path}: holds other files; choose a new folder\n"

    assert main(["export", "no-op", "-o", str(tmp_path / "check")]) == 0
    assert main(["export", "no-op", "-o", str(tmp_path / "check")]) == 0


def test_a_bounded_model_is_written_for_tlc(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bounds are those of a search, and the invariants our properties."""
    assert main(["export", "boot", "--model", "--bounds", "terms=3,nodes=2", "-o", str(tmp_path / "model")]) == 0

    assert capsys.readouterr().out.startswith("2 nodes, 3 terms, 1 entry, 1 command; from the boot of the cluster\n")
    configuration = (tmp_path / "model" / "Model.cfg").read_text(encoding="utf-8")
    assert "  MaxTerm = 3\n" in configuration
    assert "INVARIANTS ElectionSafety LogMatching LeaderCompleteness StateMachineSafety\n" in configuration


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["boot", "--model"], "boot: a model is several files; say with -o in which folder to write them"),
        (["no-op", "--bounds", "terms=3"], "no-op: bounds are of a model, and this is a run; add --model"),
        (["check-quorum"], "check-quorum: the specification knows nothing of the setting check_quorum"),
        (["boot", "--model", "--bounds", "reads=1", "-o", "x"], "boot: the specification has no bound reads"),
        (["no-op", "-o", "no/such/folder"], "no such file or directory; choose a folder that can be written"),
    ],
    ids=["no folder", "bounds of a run", "unknown setting", "unknown bound", "no place"],
)
def test_what_cannot_be_exported_is_explained(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors teach."""
    assert main(["export", *arguments]) == 1

    assert words in capsys.readouterr().err


def test_certificates_that_hold_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """``make prove ARGS=--stale`` after a change that changes nothing costs nothing."""
    assert main(["prove", "--stale", "commit-own-term"]) == 0

    assert capsys.readouterr().out == "commit-own-term: the certificate holds\n"


TWO = ["snapshot-is-an-entry", "commit-own-term"]


class ImmediateExecutor(Executor):
    """Does every task at once; ``outcomes`` are what the searches of a name come to."""

    def __init__(self, outcomes: dict[str, Exploration | Exception]) -> None:
        self.outcomes = outcomes

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        assert fn is prove.certify_in_worker
        future: Future[Any] = Future()
        outcome = self.outcomes[args[0]]
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result((outcome, 2.0))
        return future


def test_several_long_searches_are_made_side_by_side_the_longest_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said of each is what is said of one alone; a certificate is written though another search is stopped."""
    found = Exploration(states=10, depth=3, is_complete=True)
    stopped = Exploration(states=5, depth=2, is_complete=False, stop_reason="the limit of 5 states was met")
    written = []

    @contextmanager
    def open_executor(
        scheduler: str | None, jobs: int | None, on_progress: Callable[[str], object]
    ) -> Iterator[Executor]:
        assert (scheduler, jobs) == (None, 2)
        on_progress("commit-own-term: 3 events, 155 states")
        yield ImmediateExecutor({"commit-own-term": stopped, "snapshot-is-an-entry": found})

    monkeypatch.setattr(prove, "open_executor", open_executor)
    monkeypatch.setattr(prove, "write_certificate", lambda *arguments: written.append(arguments))

    assert main(["prove", "--jobs", "2", *TWO]) == 4

    output = capsys.readouterr()
    assert output.out.splitlines() == [
        f"commit-own-term: {LONG_SEARCHES['commit-own-term'].words}",
        "no violation in schedules of up to 2 events; then the limit of 5 states was met",
        STALE_HINT,
    ]
    assert output.err == "commit-own-term: 3 events, 155 states\n"
    assert written == [("snapshot-is-an-entry", LONG_SEARCHES["snapshot-is-an-entry"], found, 2.0)]


def test_an_interrupt_ends_all_searches_and_says_what_is_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that was interrupted begins again; those that were finished have their certificates."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prove, "open_executor", interrupt)

    assert main(["prove", "--jobs", "2", *TWO]) == 130

    assert capsys.readouterr().out == f"Interrupted. {STALE_HINT}\n"


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_jobs_are_a_whole_number_from_1(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors teach."""
    with pytest.raises(SystemExit):
        main(["prove", "--jobs", jobs])

    assert f'"{jobs}" is not a whole number from 1' in capsys.readouterr().err
