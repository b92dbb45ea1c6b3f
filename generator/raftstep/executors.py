"""Long work side by side: on the processors of this machine, or on a Dask cluster, through ``concurrent.futures``.

Work is cut into tasks: functions of a module, with plain arguments and plain results. No result depends on how many
workers there are or on who finishes first, so it is the same alone, in a pool and on a cluster.

The workers of a pool are spawned, not forked, because a server has threads. A spawned worker loads the main program
first: a script that calls this at its top level, without ``if __name__ == "__main__":``, starts again in each worker,
which Python refuses there (``RuntimeError``, on stderr), and the pool is broken (``BrokenProcessPool``).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

from raftstep.limits import JOBS

P = ParamSpec("P")
T = TypeVar("T")
Report = Callable[[str], object]

LOOK_EVERY_S = 0.2
"""How often to look up while waiting: on Windows an interrupt does not end a wait."""

ASK_CLUSTER_EVERY_S = 1.0
"""How often a task on a cluster asks whether it is still wanted."""

CONNECT_TIMEOUT_S = 10
STORE_TIMEOUT_S = 30
"""How long interrupted tasks on a cluster may take to store what they have."""


class ExecutorError(Exception):
    """The executor that was asked for cannot be had; the words say how to get it."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def open_executor(
    scheduler: str | None = None, jobs: int | None = None, on_progress: Report = lambda _: None
) -> Iterator[Executor]:
    """An executor: the Dask cluster of this scheduler, or ``jobs`` processes here, as many as processors by default.

    Leaving the block, by an interrupt or otherwise, ends what is still running and waits until each task has stored
    what it wants to keep; nothing is left running. ``on_progress`` gets what tasks report meanwhile, in another thread.
    """
    jobs = min(jobs or processors(), JOBS.most)
    with _Interrupts() as interrupts:
        if scheduler:
            opened = _open_cluster(scheduler, on_progress)
        else:
            opened = _open_thread(on_progress) if jobs == 1 else _open_pool(jobs, on_progress, interrupts)
        with opened as executor:
            try:
                yield executor
            finally:
                interrupts.are_held = True


def map_tasks(executor: Executor, function: Callable[..., T], tasks: Iterable[tuple[Any, ...]]) -> Iterator[T]:
    """What the function makes of each task's arguments, in the order of the tasks; the first that raises ends it."""
    yield from results_in_order([executor.submit(function, *arguments) for arguments in tasks])


def results_in_order(futures: Iterable[Future[T]]) -> Iterator[T]:
    """The result of each, in their order, as soon as it and those before it are there."""
    for future in futures:
        wait_for(future)
        yield future.result()


def wait_for(future: Future[Any]) -> None:
    """Wait until a task is done, well or not; an interrupt ends the wait."""
    while not future.done():
        wait([future], timeout=LOOK_EVERY_S)


class _Interrupts:
    """Lets the first interrupt from the keyboard end a block; none disturbs how it ends, or how a worker is started.

    An impatient user sends two. A second one in the middle of a pool's shutdown would leave it half done, and Python
    then waits for ever for what is not going to end.
    """

    def __init__(self) -> None:
        self.are_held = self.is_waiting = self.is_raised = self.is_installed = False

    def __enter__(self) -> _Interrupts:
        is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if is_default and current_thread() is main_thread():
            self.is_installed = True
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.is_waiting:
            raise KeyboardInterrupt

    def _handle(self, *_: object) -> None:
        if self.is_raised:
            return
        if self.are_held:
            self.is_waiting = True
            return
        self.is_raised = True
        raise KeyboardInterrupt

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Put interrupts off for a moment. A process that is started in it blocks them as long as it lives."""
        can_block = hasattr(signal, "pthread_sigmask")  # not on Windows: a worker ignores them once it has started
        self.are_held = True
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else set()
        try:
            yield
        finally:
            if can_block:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self.are_held = False
            if self.is_waiting:
                self.is_waiting, self.is_raised = False, True
                raise KeyboardInterrupt


# What a task may say and ask


@dataclass(frozen=True, slots=True)
class _TaskChannel:
    """How a task reaches the code that waits for it. ``idle`` is set while there is none."""

    report: Report = lambda _: None
    is_interrupted: Callable[[], bool] = lambda: False
    idle: Event = field(default_factory=Event)


_link = ContextVar("_link", default=_TaskChannel())  # noqa: B039 - never changed, only replaced


def report_progress(words: str) -> None:
    """Report to the code that waits for this task how far it is."""
    _link.get().report(words)


def raise_if_interrupted() -> None:
    """Raise :class:`KeyboardInterrupt` where the task is no longer wanted; long tasks call this now and then."""
    if _link.get().is_interrupted():
        raise KeyboardInterrupt("its result is no longer wanted")


# In this process


@contextmanager
def _open_thread(on_progress: Report) -> Iterator[Executor]:
    interrupted = Event()
    link = _TaskChannel(on_progress, interrupted.is_set)
    with ThreadPoolExecutor(1, initializer=_link.set, initargs=(link,)) as executor:
        try:
            yield executor
        finally:
            interrupted.set()
            executor.shutdown(cancel_futures=True)


# In other processes


@contextmanager
def _open_pool(jobs: int, on_progress: Report, interrupts: _Interrupts) -> Iterator[Executor]:
    context = get_context("spawn")
    # To close the writer, which this process alone has, is to interrupt; so is the end of this process, in any way.
    stop_reader, stop_writer = context.Pipe(duplex=False)
    progress = context.SimpleQueue()
    listener = Thread(target=_pass_on, args=(progress, on_progress), daemon=True)
    listener.start()
    executor = _ProcessPool(jobs, context, _start_worker, (stop_reader, progress))
    executor.interrupts = interrupts
    try:
        yield executor
    finally:
        stop_writer.close()
        executor.shutdown(cancel_futures=True)
        progress.put(None)
        listener.join()
        progress.close()
        stop_reader.close()


def _pass_on(progress: SimpleQueue[str | None], on_progress: Report) -> None:
    for words in iter(progress.get, None):
        on_progress(words)


class _ProcessPool(ProcessPoolExecutor):
    interrupts: _Interrupts

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Submit a task, which may start a worker; it never gets an interrupt from the keyboard: we pass that on."""
        with self.interrupts.hold():
            task: Callable[..., T] = partial(_do_task, fn)
            return super().submit(task, *args, **kwargs)


def _start_worker(stop_reader: Connection, progress: SimpleQueue[str | None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupted = Event()
    link = _TaskChannel(progress.put, interrupted.is_set)
    link.idle.set()
    _link.set(link)
    Thread(target=_watch, args=(stop_reader, interrupted, link.idle), daemon=True).start()


def _watch(stop_reader: Connection, interrupted: Event, idle: Event) -> None:
    """Pass the interrupt on to the task, and end with the process that started this one: a pool's worker does not."""
    with suppress(EOFError, OSError):
        stop_reader.recv()
    interrupted.set()
    if parent := parent_process():
        parent.join()
        idle.wait()
        os._exit(1)


def _do_task(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    raise_if_interrupted()
    idle = _link.get().idle
    idle.clear()
    try:
        return function(*args, **kwargs)
    finally:
        idle.set()


# On a cluster


@contextmanager
def _open_cluster(scheduler: str, on_progress: Report) -> Iterator[Executor]:
    try:
        import distributed
    except ImportError as error:
        raise ExecutorError(
            "a scheduler needs Dask, which is not installed: pip install 'raftstep[cluster]'"
        ) from error
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        words = (
            f"no Dask scheduler answers at {scheduler}: {error}; start one with `dask scheduler`, and its workers with"
        )
        raise ExecutorError(f"{words} `dask worker {scheduler} --nthreads 1`") from error
    with _closing(client):
        _check_code(client, _digest_package())
        name = f"raftstep-{uuid4().hex}"
        client.subscribe_topic(name, lambda event: on_progress(event[1]))
        stop = distributed.Event(name, client=client)
        executor = _Cluster(client.get_executor(), name)
        try:
            yield executor
        finally:
            with suppress(OSError):  # of a scheduler that is gone there is nothing left to end
                stop.set()
                if not all(future.done() for future in executor.futures) and any(client.processing().values()):
                    wait(executor.futures, timeout=STORE_TIMEOUT_S)
                executor.shutdown(wait=False)
                client.unsubscribe_topic(name)
                stop.clear()


@contextmanager
def _closing(client: Any) -> Iterator[None]:
    """Close a client at the end of a block; a scheduler that does not answer by then is left alone."""
    try:
        yield
    finally:
        with suppress(OSError):
            client.close()


def _check_code(client: Any, digest: str) -> None:
    """Refuse a cluster whose scheduler or workers have no raftstep, or another one than this."""
    try:
        digests = {client.run_on_scheduler(_digest_package), *client.run(_digest_package).values()}
    except Exception as error:
        raise ExecutorError(f"{_OTHER_CODE}: {error}") from error
    if digests != {digest}:
        raise ExecutorError(_OTHER_CODE)


_OTHER_CODE = "the cluster has no raftstep or another one; install the same for its scheduler and all its workers"


class _Cluster(Executor):
    """Dask's own executor, whose tasks can be interrupted and report, and are done by workers with the same code."""

    def __init__(self, executor: Executor, name: str) -> None:
        self.executor = executor
        self.name = name
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        task = _ClusterTask(fn, self.name, _digest_package())
        future = self.executor.submit(task, *args, **kwargs)
        self.futures.append(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.executor.shutdown(wait and not cancel_futures)


@dataclass(frozen=True, slots=True)
class _ClusterTask:
    """A function as it travels to a worker."""

    function: Callable[..., Any]
    name: str
    digest: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from distributed import get_worker

        if self.digest != _digest_package():
            raise ExecutorError(_OTHER_CODE)
        worker, asker = get_worker(), _Asker(self.name)
        token = _link.set(_TaskChannel(lambda words: worker.log_event(self.name, words), asker.is_interrupted))
        try:
            raise_if_interrupted()
            return self.function(*args, **kwargs)
        except KeyboardInterrupt as interrupt:  # it would end the worker
            raise ExecutorError(f"interrupted: {interrupt}") from interrupt
        finally:
            _link.reset(token)


class _Asker:
    """Asks the scheduler now and then whether those who wait have gone."""

    def __init__(self, name: str) -> None:
        from distributed import Event as ClusterEvent

        self.stop = ClusterEvent(name)
        self.next_s = 0.0

    def is_interrupted(self) -> bool:
        """Whether the task is to end; for a second the answer is taken to be the last one."""
        if time.monotonic() < self.next_s:
            return False
        self.next_s = time.monotonic() + ASK_CLUSTER_EVERY_S
        return bool(self.stop.is_set())


@cache
def _digest_package() -> str:
    """What this package's code is, to compare it with a worker's."""
    package = Path(__file__).parent
    total = sha256()
    for path in sorted(package.rglob("*.py")):
        total.update(f"{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes())
    return total.hexdigest()
