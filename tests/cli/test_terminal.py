"""The terminal as others leave it: closed, full, narrow, or with somebody at it who has seen enough."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from raftstep import __version__
from raftstep.cli import main
from raftstep.cli.exit_codes import EXIT_CODE_WORDS, ExitCode, exit_code_of
from raftstep.cli.output import write_output
from raftstep.cli.workers import scheduler_address
from raftstep.simulation.explore import Exploration, Limits, Search
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.raft import raft_model

CaptureFixture = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'generator'}{os.pathsep}{ROOT}"}
RAFTSTEP = [sys.executable, "-m", "raftstep"]
LONG_SEARCH = ["explore", "--bounds", "terms=3,entries=2,commands=2,crashes=2"]
LONG_SOAK = ["soak", "--count", "100000", "--jobs", "2"]


def run_in_shell(command: str) -> tuple[int, str, str]:
    """What a command in which ``raftstep`` stands returns, prints and complains of, in bash with ``pipefail``."""
    script = f'set -o pipefail; raftstep() {{ "{sys.executable}" -m raftstep "$@"; }}; {command}'
    completed = subprocess.run(
        ["bash", "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60
    )
    return completed.returncode, completed.stdout, completed.stderr


# Streams


@pytest.mark.parametrize("command", ["check", "render leader-election", "--help"])
def test_a_reader_that_has_seen_enough_ends_a_command_in_silence(command: str) -> None:
    """As with git log | head -1: what a shell calls 141, SIGPIPE's own code, and not a word."""
    assert run_in_shell(f"raftstep {command} | :") == (141, "", "")


@pytest.mark.parametrize("command", ["play no-op", "--version"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
def test_a_full_disk_is_told_in_one_sentence(command: str) -> None:
    """As git does: the reason, and a code that a script can see."""
    words = "the output cannot be written: no space left on device\n"
    assert run_in_shell(f"raftstep {command} > /dev/full") == (1, "", words)


@pytest.mark.parametrize(("redirection", "code"), [("2> /dev/full", 1), ("<&- >&- 2>&-", 1)])
def test_without_an_error_stream_nothing_is_said_and_nothing_else_changes(redirection: str, code: int) -> None:
    """What is said of a mistake never gets among the results, nor into a file that is opened later."""
    assert run_in_shell(f"raftstep check no-such-file {redirection}") == (code, "", "")


@pytest.mark.parametrize("command", ["play no-op", "check no-op", "--version"])
def test_output_that_goes_nowhere_is_told(command: str) -> None:
    """Issue 16: with standard output closed the results are lost, and a script must see that."""
    words = "the output cannot be written: bad file descriptor\n"
    assert run_in_shell(f"raftstep {command} >&-") == (1, "", words)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
def test_a_device_that_is_full_is_told_before_the_work(capsys: CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 16: no minute of measuring is lost."""
    monkeypatch.setattr("raftstep.cli.timing.make_record", lambda _: pytest.fail("it is measured"))

    assert main(["timing", "-o", "/dev/full"]) == 1

    assert "no space left on device; choose a place that can be written" in capsys.readouterr().err


def test_a_file_is_written_though_the_terminal_is_gone(tmp_path: Path) -> None:
    """The file must not become standard output by taking its number."""
    file = tmp_path / "step.svg"

    assert run_in_shell(f"raftstep render no-op -o '{file}' <&- >&- 2>&-") == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith("<svg ")


# Interrupts


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "no-op"],
        ["play", "leader-election"],
        ["render", "split-vote"],
        ["chaos", "--until", "600"],
        ["codex"],
        ["explore", "one-vote-a-term"],
        ["soak", "--count", "30", "--jobs", "1"],
    ],
    ids=" ".join,
)
def test_an_interrupt_at_any_moment_is_one_line_and_130(arguments: list[str]) -> None:
    """Issue 16: Ctrl-C at any moment in any verb; no traceback, and a code that tells it from an end."""
    completed = subprocess.run(
        [sys.executable, "-m", "tests.cli.interrupting", "10", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    outcomes = [json.loads(line) for line in completed.stdout.splitlines()]
    assert len(outcomes) == 10, completed.stderr
    for calls, code, errors in outcomes:
        is_at_end = code in (0, 3) and errors == ""
        assert is_at_end or (code == 130 and errors in ("Interrupted.\n", "")), (calls, code, errors)
    assert outcomes[0][1] == 130
    assert completed.stderr == ""


@pytest.mark.parametrize("module", ["argparse", "raftstep.cli", "raftstep.cli.terminal", "raftstep.cli.chaos"])
def test_an_interrupt_while_importing_is_one_line_and_130(module: str) -> None:
    """Issue 16: Ctrl-C at any moment; the first moments of a command are spent on importing."""
    completed = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IMPORT, module, "--version"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (completed.returncode, completed.stdout, completed.stderr) == (130, "", "Interrupted.\n")


# What the command's own script does, with an interrupt where a module is looked for.
INTERRUPTED_IMPORT = """
import sys
from raftstep.__main__ import run_program

class Interrupting:
    def __init__(self, module):
        self.module = module
    def find_spec(self, name, path, target=None):
        if name == self.module:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting(sys.argv.pop(1)))
sys.exit(run_program())
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (LONG_SEARCH, r"no violation in schedules of up to \d+ events; then it was interrupted\n"),
        (LONG_SOAK, r"[\d,]+ runs, [\d,]+ events, \d+ s: nothing wrong\n"),
    ],
    ids=["explore", "soak"],
)
def test_an_interrupted_search_says_what_it_found_so_far(arguments: list[str], words: str) -> None:
    """Issue 16: one line, 130, and nothing left running."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: has_begun(process.pid, arguments))
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)

    assert re.search(words, output)
    assert errors in ("", "Interrupted.\n")
    assert process.returncode == 130
    wait_until(lambda: not list_processes(process.pid))


# A shell has what runs behind it ignore interrupts, and tests may run there.
INTERRUPTIBLE = """
import signal, sys
from raftstep.cli import run_program
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run_program())
"""


def has_begun(group: int, arguments: list[str]) -> bool:
    """Whether a command does what it is for: its workers run, or it has used processor time beyond that of a start."""
    processes = list_processes(group)
    return len(processes) >= 3 if "--jobs" in arguments else sum(processes.values()) > 1.5


def list_processes(group: int) -> dict[int, float]:
    """The processes of a group that have not ended, with their processor time in seconds."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:  # it has ended since
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found[int(file.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def wait_until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.02)


# What a terminal shows


def run_at_terminal(arguments: list[str], **variables: str) -> str:
    """All that a command writes to a terminal of its own."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*RAFTSTEP, *arguments], env={**ENVIRONMENT, **variables}, stdout=terminal, stderr=terminal, stdin=terminal
    )
    os.close(terminal)
    output = b""
    while chunk := read_terminal(controller):
        output += chunk
    os.close(controller)
    process.wait(timeout=60)
    return output.decode()


def read_terminal(controller: int) -> bytes:
    try:
        return os.read(controller, 65536)
    except OSError:  # on Linux: the other end is closed
        return b""


@pytest.mark.parametrize("columns", [40, 200])
def test_progress_is_one_line_of_a_terminal_however_narrow(columns: int) -> None:
    """A line that wraps is not written over, but fills the screen."""
    output = run_at_terminal(["explore", "--depth", "9"], COLUMNS=str(columns), TERM="dumb")

    bars = [bar for line in output.split("\r\n")[1:-2] for bar in line.split("\r") if bar]
    assert len(bars) >= 8
    assert all(len(bar) < columns for bar in bars)
    assert "\x1b" not in output, "no colours and no control sequences, so NO_COLOR and a dumb terminal have their way"


def test_progress_is_for_terminals_alone() -> None:
    """A log file is no place for a line that is written over and over."""
    code, _, errors = run_in_shell("raftstep explore --depth 9")

    assert (code, errors) == (4, "")


@pytest.mark.parametrize("arguments", [["--help"], ["explore", "--help"], ["chaos", "--help"]], ids=" ".join)
def test_help_lists_the_exit_codes_and_fits_a_narrow_terminal(
    arguments: list[str], capsys: CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 16: exit codes in --help."""
    monkeypatch.setenv("COLUMNS", "44")

    with pytest.raises(SystemExit) as exit_info:
        main(arguments)

    output = capsys.readouterr().out
    assert exit_info.value.code == 0
    assert re.findall(r"^ +(\d+)  \w", output.split("exit codes:")[1], re.M) == [str(code.value) for code in ExitCode]
    assert set(EXIT_CODE_WORDS) == set(ExitCode)
    assert all(len(line) <= 44 for line in output.split("\n\n", 1)[1].splitlines())


def test_the_version_is_told(capsys: CaptureFixture) -> None:
    """What a report of a bug begins with."""
    with pytest.raises(SystemExit) as exit_info:
        main(["--version"])

    assert exit_info.value.code == 0
    assert capsys.readouterr().out == f"raftstep {__version__}\n"


# Exit codes of searches


def raise_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_how_a_search_ended_is_told_by_its_code() -> None:
    """Issue 16: a search that stopped at a limit says so by its code."""
    broken = Exploration(states=9, depth=3, is_complete=False, schedule=())
    complete = Exploration(states=9, depth=3, is_complete=True)
    at_depth = Search(raft_model(Bounds())).run(Limits(depth=2))
    interrupted = Search(raft_model(Bounds())).run(report=raise_interrupt)

    codes = [exit_code_of(exploration) for exploration in (broken, complete, at_depth, interrupted)]
    assert codes == [ExitCode.BROKEN, ExitCode.FINE, ExitCode.STOPPED, ExitCode.INTERRUPTED]


def test_where_nothing_is_found_no_file_is_written_and_that_is_said(tmp_path: Path, capsys: CaptureFixture) -> None:
    """An option that cannot be honoured is not dropped in silence."""
    file = tmp_path / "found.yaml"

    assert main(["explore", "--depth", "2", "-o", str(file)]) == 4

    assert capsys.readouterr().err == f"{file} is not written: there is no run to write\n"
    assert not file.exists()


# Options and folders


def test_features_that_exclude_each_other_are_refused(capsys: CaptureFixture) -> None:
    """An option that cannot be honoured is not dropped in silence."""
    assert main(["chaos", "--with", "joint", "--with", "single"]) == 1

    assert capsys.readouterr().err == "joint and single exclude each other; try each in a run of its own\n"


@pytest.mark.parametrize(
    "address",
    [
        "scheduler",
        "tcp://host",
        "tcp://host:99999",
        "tcp://host:0",
        "http://host:80",
        "tcp://[::1",
        "tcp://::1:80",
        "tcp://[::1:80",
        "tcp://[1:2]:80",
        "tcp://a:b@host:80",
    ],
)
def test_what_is_no_address_of_a_scheduler_is_refused_before_dask_is_asked(
    address: str, capsys: CaptureFixture
) -> None:
    """Errors teach."""
    with pytest.raises(SystemExit) as exit_info:
        main(["soak", "--scheduler", address])

    assert exit_info.value.code == 2
    assert f'"{address}" is not the address of a scheduler, such as tcp://127.0.0.1:8786' in capsys.readouterr().err


@pytest.mark.parametrize("address", ["tcp://host:8786", "tls://10.0.0.1:80", "tcp://[::1]:8786", "ws://a-b.example:1"])
def test_an_address_of_a_scheduler_is_taken_as_it_is(address: str) -> None:
    """What is refused is only what cannot be one."""
    assert scheduler_address(address) == address


def test_a_folder_without_data_is_no_codex(tmp_path: Path, capsys: CaptureFixture) -> None:
    """A mistyped folder must not pass for one in which nothing is wrong."""
    assert main(["codex", str(tmp_path)]) == 1

    words = "there is no data of a Codex in this folder; name the one that holds sources.yaml and terms/\n"
    assert capsys.readouterr() == ("", f"{tmp_path}: {words}")


# Files that are written


def test_a_file_is_written_whole_or_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt or a full disk leaves neither half a file nor one beside it."""
    file = tmp_path / "step.svg"
    assert write_output(file, "first")

    monkeypatch.setattr(Path, "replace", raise_interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_output(file, "second")

    assert [path.name for path in tmp_path.iterdir()] == ["step.svg"]
    assert file.read_text(encoding="utf-8") == "first"


def test_a_file_keeps_its_mode_and_a_link_leads_where_it_led(tmp_path: Path) -> None:
    """As an editor that saves."""
    file, link = tmp_path / "step.svg", tmp_path / "link.svg"
    file.write_text("first", encoding="utf-8")
    file.chmod(0o600)
    link.symlink_to(file)

    assert write_output(link, "second")

    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "second"
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_no_file_is_written_to_as_it_is() -> None:
    """-o /dev/stdout and -o /dev/null are usual."""
    assert run_in_shell("raftstep render no-op -o /dev/stdout | head -c 5; raftstep render no-op -o /dev/null") == (
        0,
        "<svg ",
        "",
    )


@pytest.mark.parametrize("name", ["", "no-such-folder/a.svg", "nul\0", "x" * 300, "loop"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(
    name: str, tmp_path: Path, capsys: CaptureFixture
) -> None:
    """Errors teach, and no hour of searching is lost."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    assert main(["render", "no-op", "-o", str(tmp_path / name)]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(str(tmp_path))
    assert "choose a place that can be written" in captured.err
