"""Work on a Dask cluster of two real workers: the same results as alone, also where one of them is killed half-way."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from raftstep import executors
from raftstep.cli import main, prove
from raftstep.executors import ExecutorError, map_tasks, open_executor
from raftstep.scenario.proofs.certificate import certificate_folder
from raftstep.scenario.schedule import write_schedule
from raftstep.simulation.random_run import draw_run
from raftstep.simulation.soak import run_batch
from raftstep.simulation.timing_trials import SPLIT_VOTE_EXPERIMENTS, run_chunk
from tests import executor_tasks

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.filterwarnings("default")  # what Dask does is not ours to mend


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue 15: the extra raftstep[cluster]; without it a sentence says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)

    assert main(["soak", "--scheduler", "tcp://127.0.0.1:8786"]) == 1
    assert "not installed: pip install 'raftstep[cluster]'" in capsys.readouterr().err


class Cluster:
    """A scheduler and two workers of one thread each, every one a process on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        address_file = folder / "scheduler.json"
        self.scheduler = self.start("scheduler", "--port", "0", "--scheduler-file", str(address_file))
        wait_until(lambda: address_file.is_file() and address_file.read_text(encoding="utf-8").endswith("}"))
        self.address = json.loads(address_file.read_text(encoding="utf-8"))["address"]
        self.workers = [self.start("worker", self.address, "--nthreads", "1", "--no-nanny") for _ in range(2)]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a part of it, which listens on loopback alone."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'generator'}{os.pathsep}{ROOT}"},
                stdout=log,
                stderr=log,
            )

    def end(self) -> None:
        """End all of it."""
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


def wait_until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.02)


@contextmanager
def start_cluster(folder: Path) -> Iterator[Cluster]:
    try:
        import distributed
    except ImportError:
        reason = "the package distributed is not installed, so work on a cluster cannot be tested"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    cluster = Cluster(folder)
    try:
        with distributed.Client(cluster.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=30)
        yield cluster
    finally:
        cluster.end()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that nobody harms."""
    with start_cluster(tmp_path_factory.mktemp("cluster")) as unharmed:
        yield unharmed


def test_a_worker_that_is_killed_half_way_changes_no_result(tmp_path: Path) -> None:
    """Issue 15: nothing lost, nothing counted twice, the same results as alone."""
    batches = [([draw_run(number) for number in range(first, first + 5)],) for first in range(0, 60, 5)]
    results = []

    with start_cluster(tmp_path) as mortal, open_executor(mortal.address) as executor:
        for result in map_tasks(executor, run_batch, batches):
            results.append(result)
            if len(results) == 2:
                mortal.workers[0].kill()
        assert mortal.workers[0].wait() != 0

    with open_executor(jobs=1) as executor:
        assert results == list(map_tasks(executor, run_batch, batches))
    assert sum(result.runs for result in results) == 60


def test_verbs_print_the_same_alone_in_a_pool_and_on_a_cluster(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 15: results do not depend on how many workers there are or in which order they finish."""
    outputs = set()
    for options in (["--jobs", "1"], ["--jobs", "2"], ["--scheduler", cluster.address]):
        assert main(["soak", "--count", "30", *options]) == 0
        assert main(["chaos", "--count", "30", "--until", "500", *options]) == 0
        outputs.add(re.sub(r"\d+ s:", "", capsys.readouterr().out))

    [output] = outputs
    assert [line.split(",")[0] for line in output.splitlines()] == ["30 runs", "30 runs"]


def test_trials_are_the_same_on_a_cluster(cluster: Cluster) -> None:
    """``raftstep timing``: the parts of an experiment, put together again."""
    experiment = SPLIT_VOTE_EXPERIMENTS[0]

    with open_executor(cluster.address) as executor:
        parts = list(map_tasks(executor, run_chunk, [(experiment, 0, 10), (experiment, 10, 10)]))

    assert [*parts[0], *parts[1]] == run_chunk(experiment, 0, 20)


def test_a_long_search_on_a_cluster_leaves_its_certificate_here(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``raftstep prove``: the same states and the same run as the certificate in the repository has."""
    written: list[tuple[Any, ...]] = []
    monkeypatch.setattr(prove, "write_certificate", lambda *arguments: written.append(arguments))

    assert main(["prove", "previous-term", "--scheduler", cluster.address]) == 0

    [(name, bounds, exploration, _)] = written
    certificate = json.loads((certificate_folder() / "previous-term.json").read_text(encoding="utf-8"))
    assert (name, exploration.states, exploration.depth) == (
        "previous-term",
        certificate["states"],
        certificate["depth"],
    )
    assert write_schedule(bounds, exploration.schedule) == certificate["script"]
    assert "previous-term: 3 events, " in capsys.readouterr().err


def test_an_interrupt_lets_a_task_on_a_cluster_store_what_it_has(cluster: Cluster, tmp_path: Path) -> None:
    """To leave the block, by Ctrl-C or otherwise, leaves nothing running there either, and begins nothing more."""
    files = [tmp_path / "one", tmp_path / "other", tmp_path / "waiting"]
    progress: list[str] = []

    with open_executor(cluster.address, on_progress=progress.append) as executor:
        for file in files:
            executor.submit(executor_tasks.work_until_interrupted, file)
        wait_until(lambda: len(progress) == 2)

    assert sorted(file.read_text(encoding="utf-8") for file in files if file.exists()) == ["begun stored"] * 2
    with open_executor(cluster.address) as executor:
        assert list(map_tasks(executor, executor_tasks.double, [("a",)])) == ["aa"]


def test_a_cluster_with_other_code_is_refused(cluster: Cluster) -> None:
    """Its results would not be the same."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        executors._check_code(client, executors._digest_package())
        with pytest.raises(ExecutorError, match="no raftstep or another one"):
            executors._check_code(client, "other code")


def test_a_worker_with_other_code_that_comes_later_is_refused(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not there yet when the cluster is looked at, so each task looks too."""
    with open_executor(cluster.address) as executor:
        monkeypatch.setattr(executors, "_digest_package", lambda: "other code")
        with pytest.raises(ExecutorError, match="no raftstep or another one"):
            list(map_tasks(executor, executor_tasks.double, [("a",)]))


def test_a_scheduler_that_does_not_answer_is_told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors teach."""
    monkeypatch.setattr(executors, "CONNECT_TIMEOUT_S", 0.2)
    address = cluster.address.rsplit(":", 1)[0] + ":1"

    with pytest.raises(ExecutorError, match=f"no Dask scheduler answers at {address}"), open_executor(address):
        pass
