"""The command line: what it prints, what it returns, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from raftstep.cli import main, printing
from raftstep.scenario import library
from raftstep.simulation import random_run
from raftstep.simulation.plan import PlanError
from tests.scenario.schedules import TWO_LEADERS

if TYPE_CHECKING:
    from pathlib import Path

CaptureFixture = pytest.CaptureFixture[str]

BROKEN = (library.read_scenario_text("leader-election") or "").replace("leader: S3", "leader: S2")


def error_output(capsys: CaptureFixture, arguments: list[str]) -> str:
    """What a command that fails says; nothing of it goes to the output."""
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_play_prints_the_transcript(capsys: CaptureFixture) -> None:
    """README, *At the terminal*: `raftstep play leader-election` is the run as a transcript."""
    assert main(["play", "leader-election"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "     0 ms  the cluster starts"
    assert lines[-1].endswith("states: none broken")


def test_play_takes_a_file_as_well_as_a_name(capsys: CaptureFixture, tmp_path: Path) -> None:
    """README: each `SCENARIO` is a file or the name of one that is shipped."""
    main(["play", "split-vote"])
    expected_output = capsys.readouterr().out
    file = tmp_path / "mine.yaml"
    file.write_text(library.read_scenario_text("split-vote") or "", encoding="utf-8")

    assert main(["play", str(file)]) == 0
    assert capsys.readouterr().out == expected_output


def test_play_with_a_seed_and_an_end_runs_freely(capsys: CaptureFixture) -> None:
    """README: the same script, other chances, another end; captions and expectations are then not the point."""
    assert main(["play", "leader-election", "--seed", "72", "--until", "600"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert int(lines[-2].split()[0]) <= 600
    assert main(["play", "leader-election", "--until", "40"]) == 1
    assert "never comes before the run ends at 40 ms" in capsys.readouterr().err


def test_play_says_why_a_scenario_fails(capsys: CaptureFixture, tmp_path: Path) -> None:
    """Style, *Problems*: place, what is wrong, how to mend it; then the line itself."""
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN, encoding="utf-8")

    words = error_output(capsys, ["play", str(file)])

    assert words.startswith(f"{file}:")
    assert "the leader is S3, not S2; correct the expectation" in words
    assert "^^^^^^" in words


def test_check_takes_all_shipped_scenarios_when_none_is_named(capsys: CaptureFixture) -> None:
    """README: `raftstep check` asks every shipped scenario whether its run keeps its word."""
    assert main(["check"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == list(library.list_scenario_ids())
    assert all(line.endswith(("none broken", " broken, on purpose")) for line in lines)
    verdicts = {line.split(":")[0]: line.split(", ", 2)[2] for line in lines}
    assert verdicts["leader-election"] == "none broken"
    assert verdicts["lease-drift"] == "Linearizability broken, on purpose"


def test_check_goes_on_after_a_broken_scenario_and_fails(capsys: CaptureFixture, tmp_path: Path) -> None:
    """Style, *Problems*: report all, not the first."""
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN, encoding="utf-8")

    assert main(["check", str(file), "no-op"]) == 1

    captured = capsys.readouterr()
    assert "the leader is S3, not S2" in captured.err
    assert captured.out.startswith("no-op: 4 steps")


@pytest.mark.parametrize("view", ["cluster", "log", "timeline"])
def test_render_draws_a_picture_that_stands_by_itself(capsys: CaptureFixture, tmp_path: Path, view: str) -> None:
    """README: `raftstep render`; a picture in a slide or a mail has no page to bring its glyphs."""
    file = tmp_path / "out.svg"

    assert main(["render", "leader-election", "--step", "2", "--view", view, "-o", str(file)]) == 0

    assert capsys.readouterr().out == ""
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    links = {element.get("href") for element in root.iter() if element.get("href")}
    assert links <= {f"#{id}" for id in ids}, "every glyph used is in the file"


def test_render_prints_without_an_output(capsys: CaptureFixture) -> None:
    """What a Unix user expects: without `-o` the result goes to standard output, for the next program."""
    assert main(["render", "no-op"]) == 0
    assert capsys.readouterr().out.startswith("<svg ")


@pytest.mark.parametrize("step", ["0", "9", "-1", "1000000"])
def test_render_says_which_steps_there_are(capsys: CaptureFixture, step: str) -> None:
    """Errors teach: whoever asks for step 9 wants to know how far the steps go."""
    words = error_output(capsys, ["render", "leader-election", "--step", step])

    assert words == f"there is no step {step}; leader-election has steps 1 to 8\n"


def test_render_says_that_a_place_cannot_be_written(capsys: CaptureFixture, tmp_path: Path) -> None:
    """Errors teach: a folder or a missing one is the user's slip, not a traceback."""
    assert "choose a place that can be written" in error_output(capsys, ["render", "no-op", "-o", str(tmp_path)])
    missing = tmp_path / "none" / "out.svg"
    assert error_output(capsys, ["render", "no-op", "-o", str(missing)]).startswith(f"{missing}: no such file")


def test_a_schedule_is_a_scenario_like_any_other(capsys: CaptureFixture, tmp_path: Path) -> None:
    """What a search found and wrote can be checked, played, drawn, and searched from."""
    file = str(tmp_path / "found.yaml")
    assert main(["explore", "one-vote-a-term", "-o", file]) == 3
    assert capsys.readouterr().out.endswith("\n" + TWO_LEADERS)

    assert main(["check", file]) == 0
    assert capsys.readouterr().out == f"{file}: 7 steps, 11 states checked, Election Safety broken, on purpose\n"
    assert main(["play", file]) == 0
    assert "Election Safety broken at step 10: S2 and S1 both lead term 1" in capsys.readouterr().out
    assert main(["render", file, "--step", "7"]) == 0
    assert ", step 7, Event 6: the cluster at 126 ms" in capsys.readouterr().out
    assert "start in term 1, and S1 starts in term 0" in error_output(capsys, ["export", file])
    assert main(["explore", file, "--bounds", "entries=0,commands=0,terms=1"]) == 3
    assert capsys.readouterr().out.endswith("\n" + TWO_LEADERS)


def test_a_schedule_has_no_chances_to_change(capsys: CaptureFixture, tmp_path: Path) -> None:
    """CONTRIBUTING: a schedule has `script:` in place of `seed` and `until_ms`; a silent option would mislead."""
    file = tmp_path / "found.yaml"
    file.write_text(TWO_LEADERS, encoding="utf-8")

    for option in (["--seed", "3"], ["--until", "50"]):
        words = error_output(capsys, ["play", str(file), *option])
        reason = "is a schedule, which has no random draws and no end time"
        assert words == f"{file} {reason}; leave out --seed and --until\n"
    assert "choose a place that can be written" in _explore_error(capsys, str(tmp_path))


def _explore_error(capsys: CaptureFixture, path: str) -> str:
    assert main(["explore", "one-vote-a-term", "-o", path]) == 1
    return capsys.readouterr().err


@pytest.mark.parametrize("verb", [["check"], ["play"], ["render"], ["export"]], ids=" ".join)
def test_a_schedule_that_cannot_happen_is_told_by_every_verb(
    capsys: CaptureFixture, tmp_path: Path, verb: list[str]
) -> None:
    """README: a found run is a scenario for play, check, render and pages, so each verb reads schedules too."""
    file = tmp_path / "mine.yaml"
    file.write_text(TWO_LEADERS.replace("- timeout: S2", "- deliver: all"), encoding="utf-8")

    words = error_output(capsys, [*verb, str(file)])

    assert words.startswith(f"{file}:8:5: no such message has been sent by then; did you mean")
    assert "8 |   - deliver: {RequestVote: {source: S2, target: S1}}\n  |     ^^^^^^^" in words


def test_chaos_checks_every_state(capsys: CaptureFixture) -> None:
    """README: `raftstep chaos`: random faults; the properties checked in every state."""
    assert main(["chaos", "--nodes", "3", "--seed", "5", "--until", "600", "--faults", "4"]) == 0
    assert capsys.readouterr().out.endswith("states: none broken\n")


def test_chaos_runs_either_protocol(capsys: CaptureFixture) -> None:
    """The issue on Multi-Paxos: the same simulator, the same faults."""
    assert main(["chaos", "--protocol", "multi-paxos", "--seed", "5", "--until", "600"]) == 0
    assert capsys.readouterr().out.endswith("states: none broken\n")
    words = error_output(capsys, ["chaos", "--protocol", "multi-paxos", "--with", "no-op"])
    assert words == "Multi-Paxos has no such features; leave them out, or run raft\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chaos", "--nodes", "0"], '"0" is not a whole number from 1 to 9'),
        (["chaos", "--nodes", "10"], '"10" is not a whole number from 1 to 9; the pictures have room for no more'),
        (["chaos", "--loss", "1"], '"1" is not a share from 0 to below 1, such as 0.1'),
        (["chaos", "--loss", "nan"], '"nan" is not a share from 0 to below 1'),
        (["chaos", "--until", "0"], '"0" is not a whole number from 1 to 3,600,000'),
        (["chaos", "--faults", "1000000000"], "from 0 to 2,000; make more runs, with --count"),
        (["chaos", "--count", "1000000000"], "from 1 to 1,000,000; call it again, from the next seed or number on"),
        (["chaos", "--jobs", "62"], "from 1 to 61; use a cluster for more, with --scheduler"),
        (["soak", "--count", "²"], '"²" is not a whole number from 1 to 1,000,000'),
        (["soak", "--first", "-1"], '"-1" is not a whole number from 0 to 4,294,967,295'),
        (["play", "no-op", "--until", "9" * 5000], f'"{"9" * 20}" is not a whole number from 1'),
        (["explore", "--depth", "-1"], '"-1" is not a whole number from 0 to 1,000'),
        (["explore", "--memory", "-5"], '"-5" is not a whole number from 1 to 64,000'),
        (["explore", "--minutes", "0"], '"0" is not a whole number from 1 to 1,440'),
    ],
    ids=lambda part: " ".join(part)[:30] if isinstance(part, list) else "",
)
def test_a_silly_number_is_answered_with_its_range(capsys: CaptureFixture, arguments: list[str], words: str) -> None:
    """Issue 16: options refuse silly numbers, before anything is made of them."""
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)

    assert exit_info.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("features", [("joint", "single"), ("read-index", "lease")])
def test_of_two_features_that_exclude_each_other_none_is_dropped(
    capsys: CaptureFixture, features: tuple[str, str]
) -> None:
    """Issue 16: settings that a verb cannot honour are refused; here the second was left out in silence."""
    words = error_output(capsys, ["chaos", "--with", features[0], "--with", features[1]])

    assert "exclude each other; try each in a run of its own" in words
    assert all(feature in words for feature in features)


def test_a_run_that_meets_a_limit_says_how_to_have_more(capsys: CaptureFixture) -> None:
    """Issue 16: what, how much, how to ask for more."""
    words = error_output(capsys, ["chaos", "--nodes", "9", "--slowest", "60000", "--until", "60000"])

    assert words.startswith("more than 1,000 messages are in flight at ")
    assert words.endswith("or in Python allow more with Setup(most_messages=…)\n")


VERBS = [["play"], ["play", "--seed", "3"], ["check"], ["render"]]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_file_that_is_not_there_is_named_with_the_nearest_scenario(capsys: CaptureFixture, verb: list[str]) -> None:
    """Errors teach: a mistyped name is the most frequent mistake at a terminal."""
    words = error_output(capsys, [verb[0], "leader-electoin", *verb[1:]])

    assert words.startswith("leader-electoin:1:1: no such file or directory; give a file that is there, or ")
    assert 'did you mean "leader-election"?' in words


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_folder_is_no_scenario(capsys: CaptureFixture, tmp_path: Path, verb: list[str]) -> None:
    """Errors teach: the shell completes to folders, and no verb may end in a traceback."""
    assert "is a directory; give a file" in error_output(capsys, [verb[0], str(tmp_path), *verb[1:]])


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
@pytest.mark.parametrize("content", [bytes(range(256)), b"", b"\xff\xfe" * 400, b"x" * 10_000_000], ids=len)
def test_a_file_that_is_no_text_is_a_problem(
    capsys: CaptureFixture, tmp_path: Path, verb: list[str], content: bytes
) -> None:
    """Anyone may hand over anything: a binary, an empty file, ten megabytes of one letter."""
    file = tmp_path / "some.yaml"
    file.write_bytes(content)

    assert error_output(capsys, [verb[0], str(file), *verb[1:]]).startswith(f"{file}:")


@pytest.mark.parametrize("arguments", [["play", "no-op", "--until", "999"], ["chaos"]], ids=["play", "chaos"])
def test_a_run_that_is_given_up_says_so(
    capsys: CaptureFixture, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """A run that is asked to go on for very long stops at a number of events, with no action to blame."""

    def endless(*_: object, **__: object) -> None:
        raise PlanError(None, "the run has 50000 events by 9 ms")

    for module in (printing, random_run):
        monkeypatch.setattr(module, "run", endless)

    assert "the run has 50000 events by 9 ms" in error_output(capsys, arguments)


@pytest.mark.parametrize("arguments", [[], ["dance"], ["render", "no-op", "--view", "aerial"], ["play"]])
def test_a_wrong_word_gets_the_usage(capsys: CaptureFixture, arguments: list[str]) -> None:
    """What a Unix user expects: usage on standard error, and a return of 2."""
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)

    assert exit_info.value.code == 2
    assert capsys.readouterr().err.startswith("usage: raftstep")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_a_terminal_that_lacks_a_sign_gets_the_rest(encoding: str) -> None:
    """Output that is redirected on Windows is in the code page of the system."""
    completed = subprocess.run(
        [sys.executable, "-m", "raftstep", "play", "no-op"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
        timeout=30,
    )

    assert completed.returncode == 0, completed.stderr.decode(errors="replace")[-300:]
    assert completed.stdout.decode(encoding, errors="replace").rstrip().endswith("none broken")
