"""Work side by side: results in the order of the tasks, progress meanwhile, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

import pytest

from raftstep import executors
from raftstep.executors import map_tasks, open_executor
from raftstep.scenario.proofs import shortest_runs
from raftstep.scenario.proofs.stored_results import StoredResults
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG, Variant
from tests import executor_tasks

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'generator'}{os.pathsep}{ROOT}"}
SOME_VARIANTS = [VARIANTS_BY_SLUG[slug] for slug in ("election-majority", "append-only", "one-vote-a-term")]

JOBS = pytest.mark.parametrize("jobs", [1, 2], ids=["in this process", "in two others"])


@JOBS
def test_results_come_in_the_order_of_the_tasks_and_progress_meanwhile(jobs: int) -> None:
    """Issue 15: a concurrent.futures executor, with progress kept."""
    progress: list[str] = []

    with open_executor(jobs=jobs, on_progress=progress.append) as executor:
        results = list(map_tasks(executor, executor_tasks.double, [("a",), ("b",), ("c",)]))

    assert results == ["aa", "bb", "cc"]
    assert sorted(progress) == ["a is begun", "b is begun", "c is begun"]


def test_two_tasks_are_under_way_at_the_same_time_in_processes_of_their_own(tmp_path: Path) -> None:
    """Each waits for the other's file, so one after the other would never end."""
    one, other = tmp_path / "one", tmp_path / "other"

    with open_executor(jobs=2) as executor:
        first, second = map_tasks(executor, executor_tasks.wait_for, [(one, other), (other, one)])

    assert len({first, second, os.getpid()}) == 3


@JOBS
def test_a_mistake_in_a_task_is_raised_where_its_result_is_taken(jobs: int) -> None:
    """Those before it have their results."""
    with open_executor(jobs=jobs) as executor:
        results = map_tasks(executor, executor_tasks.divide, [(2,), (0,)])

        assert next(results) == 0.5
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_a_process_that_dies_breaks_the_pool_at_once() -> None:
    """Nobody waits for a result that will never come."""
    with open_executor(jobs=2) as executor, pytest.raises(BrokenProcessPool):
        executor.submit(executor_tasks.die).result(timeout=30)


# Interrupts: tasks that would go on for ever, each of which writes that it has begun, and that it has stored

PARENT = """
import signal, sys
from pathlib import Path
from raftstep.executors import map_tasks, open_executor
from tests.executor_tasks import work_until_interrupted

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what runs behind it ignore interrupts
    tasks = [(Path(name),) for name in sys.argv[2:]]
    try:
        with open_executor(jobs=int(sys.argv[1])) as executor:
            list(map_tasks(executor, work_until_interrupted, tasks))
    except KeyboardInterrupt:
        print("interrupted")
"""


def interrupt_parent(folder: Path, jobs: int, interrupt: Callable[[int], object]) -> tuple[str, str, list[str]]:
    """What the parent prints, what it complains of, and what its tasks have written when nothing runs any more."""
    script = folder / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    files = [folder / f"task-{number}" for number in range(jobs)]
    parent = subprocess.Popen(
        [sys.executable, script, str(jobs), *files],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: all(file.exists() and file.read_text(encoding="utf-8") for file in files))
    interrupt(parent.pid)
    output, errors = parent.communicate(timeout=30)
    wait_until(lambda: not list_running(parent.pid))
    return output, errors, [file.read_text(encoding="utf-8") for file in files]


def wait_until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def list_running(group: int) -> list[int]:
    """The processes of a group that have not ended; one that has, and whom nobody collects, does not count."""
    running = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, own_group = file.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[:3]
            if int(own_group) == group and state != "Z":
                running.append(int(file.parent.name))
    return running


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="what runs is read from /proc")

INTERRUPTS = {
    "to the parent alone": lambda pid: os.kill(pid, signal.SIGINT),
    "to all, as a terminal does": lambda pid: os.killpg(pid, signal.SIGINT),
    "again and again": lambda pid: [(os.killpg(pid, signal.SIGINT), time.sleep(0.002)) for _ in range(30)],
}


@needs_proc
@JOBS
@pytest.mark.parametrize("interrupt", INTERRUPTS.values(), ids=INTERRUPTS)
def test_an_interrupt_lets_each_task_store_what_it_has_and_leaves_nothing_running(
    jobs: int, interrupt: Callable[[int], object], tmp_path: Path
) -> None:
    """A task may have something to store, and what was found before it is written."""
    assert interrupt_parent(tmp_path, jobs, interrupt) == ("interrupted\n", "", ["begun stored"] * jobs)


@needs_proc
def test_no_worker_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    """Nobody is left to end them, so they end themselves, and store what they have before."""
    _, _, written = interrupt_parent(tmp_path, 2, lambda pid: os.kill(pid, signal.SIGKILL))

    assert written == ["begun stored"] * 2


@needs_proc
def test_an_interrupt_while_the_workers_start_ends_all_too(tmp_path: Path) -> None:
    """Ctrl-C at any moment: a worker that is still being loaded says nothing of it."""
    script = tmp_path / "early.py"
    script.write_text(PARENT.replace("list(map", "print('begun', flush=True); list(map"), encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, script, "2", tmp_path / "one", tmp_path / "other"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout
    assert parent.stdout.readline() == "begun\n"
    time.sleep(0.05)
    os.killpg(parent.pid, signal.SIGINT)

    assert parent.communicate(timeout=30) == ("interrupted\n", "")
    wait_until(lambda: not list_running(parent.pid))


# Searches in a build

UNGUARDED = """
import sys
from pathlib import Path
from raftstep.scenario.proofs import shortest_runs
from raftstep.scenario.proofs.stored_results import StoredResults
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG

variants = [VARIANTS_BY_SLUG[slug] for slug in ("election-majority", "append-only")]
shortest_runs.processors = lambda: 2
results = StoredResults(Path(sys.argv[1]))
shortest_runs.search_ahead(variants, results, print)
print([shortest_runs.find_shortest_run(variant, results).states for variant in variants])
"""


def test_a_main_program_without_a_guard_still_gets_its_results(tmp_path: Path) -> None:
    """Python refuses to start it again in each worker and says so; the build then searches alone."""
    script = tmp_path / "build.py"
    script.write_text(UNGUARDED, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, script, tmp_path / "cache"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout == "[2, 18]\n"
    assert "An attempt has been made to start a new process" in done.stderr


def test_searches_side_by_side_find_what_they_find_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same states, in any process; each name is reported once."""
    monkeypatch.setattr(shortest_runs, "processors", lambda: 2)
    monkeypatch.setattr(executors, "processors", lambda: 2)
    begun: list[str] = []

    shortest_runs.search_ahead(SOME_VARIANTS, StoredResults(tmp_path / "ahead"), begun.append)

    assert sorted(begun) == sorted(variant.guard.slug for variant in SOME_VARIANTS)
    stored = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "ahead").iterdir()}
    for variant in SOME_VARIANTS:
        shortest_runs.find_shortest_run(variant, StoredResults(tmp_path / "alone"))
    assert stored == {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "alone").iterdir()}


@pytest.mark.parametrize(
    ("cores", "variants"), [(1, SOME_VARIANTS), (2, SOME_VARIANTS[:1])], ids=["one processor", "one search"]
)
def test_no_process_is_started_where_it_would_not_pay(
    cores: int, variants: list[Variant], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To start one takes longer than a short search."""
    monkeypatch.setattr(shortest_runs, "processors", lambda: cores)
    monkeypatch.setattr(shortest_runs, "open_executor", lambda **_: pytest.fail("an executor was opened"))

    shortest_runs.search_ahead(variants, StoredResults(tmp_path), print)

    assert list(tmp_path.iterdir()) == []


def test_a_search_that_is_interrupted_ends_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no search that found nothing."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("raftstep.simulation.explore.search.Search._expand_level", interrupt)

    with pytest.raises(KeyboardInterrupt, match="it was interrupted"):
        shortest_runs.find_shortest_run(SOME_VARIANTS[0])


def test_a_cluster_that_does_not_let_go_changes_no_result() -> None:
    """Issue 16: Dask raises where its scheduler is silent at the end; all that was asked for is there by then."""

    class SilentClient:
        def close(self) -> None:
            raise TimeoutError("timed out after 20 s.")

    with executors._closing(SilentClient()):
        result = 1

    assert result == 1
