"""Long work side by side, on as many processes as there are processors.

Each process is a Python of its own that takes one task after another as a line of JSON, and answers in lines. It is not
forked, for a server has threads; nor does it load the main program again, as `multiprocessing` does where it does not
fork: that may be anybody's script, which would run a second time. It ends when its input does, so none outlives us.
"""

from __future__ import annotations

import _thread
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from importlib import import_module
from queue import SimpleQueue
from threading import Event, Thread
from traceback import format_exc
from typing import Any, TextIO

Tell = Callable[[Any], None]
Work = Callable[..., Any]
"""A function of a module that takes a task's words and a :data:`Tell`, and returns what JSON can hold."""

_BEGIN = "import sys; sys.path[:] = {path!r}; from raftstep.scenario.proofs.processes import serve; serve()"


LOOK_EVERY_S = 0.2
"""How often to look up while waiting: on Windows an interrupt does not end a wait."""


class LostError(Exception):
    """A task that was not done: its process could not be started or died, or the work raised, with the words of it."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(
    work: Work,
    tasks: Sequence[Sequence[str]],
    tell: Callable[[int, Any], None] = lambda _number, _news: None,
    *,
    most: int | None = None,
) -> Iterator[Any]:
    """What the work makes of each task, in their order; a :class:`LostError` in the place of what was not done.

    ``tell`` gets the number of a task, from 0, and what is told of it meanwhile; it is called from several threads. An
    interrupt reaches the work wherever it is done, waits until that has put its things in order, and goes on from here.
    """
    helpers = [_Helper() for _ in range(min(most or processors(), len(tasks)))]
    free: SimpleQueue[_Helper] = SimpleQueue()
    for helper in helpers:
        free.put(helper)

    def done(number: int) -> Any:
        helper = free.get()
        try:
            return helper.do(work, tasks[number], lambda news: tell(number, news))
        except LostError as lost:
            return lost
        finally:
            free.put(helper)

    try:
        with ThreadPoolExecutor(len(helpers) or 1) as threads:
            try:
                for future in [threads.submit(done, number) for number in range(len(tasks))]:
                    while not future.done():
                        wait([future], timeout=LOOK_EVERY_S)
                    yield future.result()
            finally:
                threads.shutdown(wait=False, cancel_futures=True)
                for helper in helpers:
                    helper.end()
    finally:
        for helper in helpers:
            helper.close()


class _Helper:
    """One process that works for this one; started with its first task."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.ended = False

    def do(self, work: Work, task: Sequence[str], tell: Tell) -> Any:
        try:
            process = self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            print(json.dumps([work.__module__, work.__qualname__, *task]), file=process.stdin, flush=True)
            for line in process.stdout:
                kind, answer = json.loads(line)
                if kind == "done":
                    return answer
                if kind == "failed":
                    raise LostError(answer)
                tell(answer)
        except (OSError, ValueError) as error:
            raise LostError(str(error)) from error
        raise LostError("the process that did it has ended")

    def _started(self) -> subprocess.Popen[str]:
        if self.ended:
            raise LostError("nothing more is begun")
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _BEGIN.format(path=sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                start_new_session=True,  # an interrupt from the keyboard is for us, who pass it on
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        return self.process

    def end(self) -> None:
        """Let the process end: at once where it waits, else when it has put its things in order."""
        self.ended = True
        if self.process and self.process.stdin:
            with suppress(OSError):
                self.process.stdin.close()
            self.process.wait()

    def close(self) -> None:
        """Let go of what it said, when nobody listens any more."""
        if self.process and self.process.stdout:
            self.process.stdout.close()


# in the other process


def serve() -> None:
    """Do what is asked for line by line until there is no more; where that comes in the middle of a task, end it."""
    asked: SimpleQueue[list[str] | None] = SimpleQueue()
    busy = Event()
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever the work prints is no answer

    def listen() -> None:
        for line in sys.stdin:
            asked.put(json.loads(line))
        asked.put(None)
        if busy.is_set():
            _thread.interrupt_main()

    signal.signal(signal.SIGINT, signal.default_int_handler)  # what was started with it ignored could not be ended
    Thread(target=listen, daemon=True).start()
    with suppress(KeyboardInterrupt, BrokenPipeError):
        while (task := asked.get()) is not None:
            busy.set()
            _answer(answers, *_done(task, lambda news: _answer(answers, "news", news)))
            busy.clear()


def _done(task: Sequence[str], tell: Tell) -> tuple[str, Any]:
    module, name, *words = task
    try:
        return "done", getattr(import_module(module), name)(*words, tell)
    except Exception:
        return "failed", format_exc()


def _answer(answers: TextIO, kind: str, answer: Any) -> None:
    print(json.dumps([kind, answer]), file=answers, flush=True)
