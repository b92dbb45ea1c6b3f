"""Work side by side: the order of the tasks, every mistake told, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from raftstep.scenario.proofs import processes, shortest_runs
from raftstep.scenario.proofs.processes import LostError
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from tests.scenario.proofs import work

FEW = [VARIANTS_BY_SLUG["election-majority"], VARIANTS_BY_SLUG["append-only"], VARIANTS_BY_SLUG["one-vote-a-term"]]


def test_answers_come_in_the_order_of_the_tasks_and_what_is_told_with_its_number() -> None:
    """A build may not depend on which search ends first: the same pages, whatever the processors do."""
    told: list[tuple[int, str]] = []

    found = list(
        processes.side_by_side(
            work.double, [("a",), ("b",), ("c",)], lambda number, news: told.append((number, news)), most=2
        )
    )

    assert found == ["aa", "bb", "cc"]
    assert sorted(told) == [(0, "a is begun"), (1, "b is begun"), (2, "c is begun")]


def test_two_tasks_are_under_way_at_the_same_time_in_processes_of_their_own(tmp_path: Path) -> None:
    """Each waits for the other's file, so one after the other would never end."""
    one, other = str(tmp_path / "one"), str(tmp_path / "other")

    first, second = processes.side_by_side(work.wait_for, [(one, other), (other, one)], most=2)

    assert first != second


def test_a_mistake_is_told_with_its_words_and_the_others_go_on() -> None:
    """Searches take minutes; one that fails may not throw the others' work away."""
    first, second, third = processes.side_by_side(work.divide, [("2",), ("0",), ("4",)], most=2)

    assert (first, third) == (0.5, 0.25)
    assert isinstance(second, LostError)
    assert "ZeroDivisionError: division by zero" in str(second)


def test_a_process_that_dies_is_told() -> None:
    """The system ends a process that takes too much memory, and its waiter must not wait for ever."""
    [found] = processes.side_by_side(work.die, [("",)])

    assert str(found) == "the process that did it has ended"


def test_an_interrupt_reaches_the_work_which_puts_its_things_in_order(tmp_path: Path) -> None:
    """A long search is stored then, and gone on with by the next ``raftstep prove``."""
    tasks = [(str(tmp_path / name),) for name in ("one", "other")]
    script = f"""
import signal, sys, threading
from raftstep.scenario.proofs.processes import side_by_side
from tests.scenario.proofs.work import work_until_interrupted
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what runs behind it ignore interrupts
begun = threading.Semaphore(0)
def interrupt():
    begun.acquire(), begun.acquire()
    signal.raise_signal(signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    list(side_by_side(work_until_interrupted, {tasks!r}, lambda *_: begun.release(), most=2))
except KeyboardInterrupt:
    print("ended")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)

    assert (done.stdout, done.stderr) == ("ended\n", "")
    assert [Path(own).read_text(encoding="utf-8") for (own,) in tasks] == ["in order", "in order"]


SCRIPT = """
from raftstep.scenario.proofs.processes import side_by_side
from tests.scenario.proofs.work import double
print("the script runs")
print(*side_by_side(double, [("a",), ("b",)], most=2))
"""


def test_a_script_that_builds_a_site_without_a_guard_is_not_run_again(tmp_path: Path) -> None:
    """A process that loads the main program again would run anybody's script once more."""
    script = tmp_path / "build.py"
    script.write_text(SCRIPT, encoding="utf-8")
    here = Path(__file__).parents[3]

    done = subprocess.run(
        [sys.executable, str(script)],
        env={"PYTHONPATH": str(here)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert (done.stdout, done.stderr) == ("the script runs\naa bb\n", "")


def test_searches_side_by_side_find_what_they_find_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same states, in any process; each name is told once."""
    monkeypatch.setattr(shortest_runs, "processors", lambda: 2)
    told: list[str] = []

    shortest_runs.search_ahead(FEW, tmp_path / "ahead", told.append)

    assert sorted(told) == sorted(one.guard.slug for one in FEW)
    kept = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "ahead").iterdir()}
    for one in FEW:
        shortest_runs.find_shortest_run(one, tmp_path / "alone")
    assert kept == {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "alone").iterdir()}


@pytest.mark.parametrize(("cores", "variants"), [(1, FEW), (2, FEW[:1])], ids=["one processor", "one search"])
def test_no_process_is_started_where_it_would_not_pay(
    cores: int, variants: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process costs a second of imports, which one search or one processor never earns back."""
    monkeypatch.setattr(shortest_runs, "processors", lambda: cores)
    monkeypatch.setattr(shortest_runs, "side_by_side", None)

    shortest_runs.search_ahead(variants, tmp_path, print)  # type: ignore[arg-type]

    assert list(tmp_path.iterdir()) == []


def test_a_search_that_is_interrupted_ends_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no search that found nothing."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("raftstep.simulation.explore.search.Search._expand_level", interrupted)

    with pytest.raises(KeyboardInterrupt, match="it was interrupted"):
        shortest_runs.find_shortest_run(FEW[0])
