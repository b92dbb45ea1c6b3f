"""Breadth-first through every state of a model: what is found first is shortest.

A state is one integer: a cell's number for each place and the number of the rest. Where the model can be renamed,
a state stands for all that differ from it in nothing but the names; of these the search keeps one.
The order of all things is fixed, so the same model gives the same states, and the same schedule, in any process.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from sys import getsizeof
from typing import Any

from raftstep.simulation.explore.model import Alarms, Model
from raftstep.simulation.explore.result import Exploration, Move, Progress
from raftstep.simulation.explore.tables import MOST_PLACES, Tables

WIDTH = 24
MASK = (1 << WIDTH) - 1
INTEGER_BYTES = 48
"""What one state's integer takes in memory."""

LOOK_EVERY = 4096
"""How many states are looked at between two reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a search gives up: a number of events, of states, of bytes; 0 is no limit.

    ``properties`` are the names of those whose breaking ends the search; with none named, any does.
    """

    depth: int = 0
    states: int = 0
    bytes: int = 4_000_000_000
    properties: tuple[str, ...] = ()


NO_LIMITS = Limits()


def explore(model: Model, limits: Limits = NO_LIMITS, report: Callable[[Progress], None] | None = None) -> Exploration:
    """Search a model from its start. ``report`` is told now and then how far the search is.

    An interrupt from the keyboard ends the search with what it has found so far.
    """
    return Search(model).run(limits, report)


class Search:
    """A search under way. It can be stored between two depths, and gone on with later (see :meth:`run`)."""

    def __init__(self, model: Model) -> None:
        if not 1 <= len(model.nodes) <= MOST_PLACES:
            raise ValueError(f"a model has 1 to {MOST_PLACES} nodes, not {len(model.nodes)}")
        self.tables = Tables(model)
        self.depth = 0
        start = self._canonical(*self._start())
        self.seen = {start}
        self.states = [start]
        self.parents = array("I", [0])
        self.first = 0

    def _start(self) -> tuple[list[int], int]:
        tables, model = self.tables, self.tables.model
        inboxes = [0] * len(model.nodes)
        for message in model.messages:
            inboxes[model.target(message)] |= 1 << tables.messages.of(message)
        cells = [tables.cell(tables.nodes.of(node), inbox) for node, inbox in zip(model.nodes, inboxes, strict=True)]
        return cells, tables.rest(model.history, model.budget)

    @property
    def bytes(self) -> int:
        """What the states and the way to each take in memory; the tables are small beside them."""
        size = getsizeof(self.seen) + getsizeof(self.states) + getsizeof(self.parents)
        return size + INTEGER_BYTES * len(self.states)

    def run(
        self,
        limits: Limits = NO_LIMITS,
        report: Callable[[Progress], None] | None = None,
        store: Callable[[Search], None] | None = None,
    ) -> Exploration:
        """Go on until a property breaks, all is searched, or a limit is met. ``store`` is called between two depths."""
        try:
            while self.first < len(self.states):
                if limits.depth and self.depth >= limits.depth:
                    return self._result(f"the limit of {limits.depth} events was met")
                found = self._level(limits, report)
                if found is not None:
                    return found
                if store:
                    store(self)
        except KeyboardInterrupt:
            return self._result("it was interrupted")
        return self._result(None)

    def _result(
        self, stopped: str | None, schedule: tuple[Move, ...] | None = None, alarms: Alarms = ()
    ) -> Exploration:
        complete = stopped is None and schedule is None
        return Exploration(
            states=len(self.states),
            depth=self.depth - 1 if complete else self.depth,
            complete=complete,
            schedule=schedule,
            alarms=alarms,
            stopped=stopped,
            bytes=self.bytes,
        )

    # one depth

    def _level(self, limits: Limits, report: Callable[[Progress], None] | None) -> Exploration | None:
        """Look at all states of one depth. What was begun and not finished is undone, to be begun again later."""
        first, last = self.first, len(self.states)
        try:
            for low in range(first, last, LOOK_EVERY):
                broken = self._expand(low, min(low + LOOK_EVERY, last), limits.properties)
                if broken is not None:
                    schedule, alarms = self._schedule(broken, limits.properties)
                    return self._result(None, schedule, alarms)
                if report:
                    left = max(0, last - low - LOOK_EVERY)
                    report(Progress(depth=self.depth, states=len(self.states), left=left, next=len(self.states) - last))
                if limits.states and len(self.states) > limits.states:
                    return self._result(f"the limit of {limits.states:,} states was met")
                if limits.bytes and self.bytes > limits.bytes:
                    return self._result(f"the limit of {limits.bytes // 1_000_000:,} MB of memory was met")
        except KeyboardInterrupt:
            self._undo(last)
            raise
        self.first = last
        self.depth += 1
        return None

    def _undo(self, last: int) -> None:
        self.seen.difference_update(self.states[last:])
        del self.states[last:], self.parents[last:]

    def _expand(self, low: int, high: int, properties: tuple[str, ...]) -> int | None:
        """Look at these states; the first whose next event breaks a property is returned by its number."""
        tables, seen, states, parents = self.tables, self.seen, self.states, self.parents
        steps, with_mail, rest_after = tables.steps, tables.with_mail, tables.rest_after
        canonical = self._canonical
        places = range(len(tables.model.nodes))
        top = WIDTH * len(places)
        for parent in range(low, high):
            state = states[parent]
            rest = state >> top
            cells = [state >> WIDTH * place & MASK for place in places]
            for place in places:
                for now, mail, meaning, _ in steps[cells[place]] or tables.steps_of(cells[place], place):
                    after = cells.copy()
                    after[place] = now
                    for to, bits in mail:
                        cell = after[to]
                        changed = with_mail[cell].get(bits)
                        after[to] = tables.add_mail(cell, bits) if changed is None else changed
                    if meaning:
                        rest_now = rest_after.get(rest << 32 | meaning)
                        if rest_now is None:
                            rest_now = tables.work_out_rest(rest, meaning)
                        if rest_now < 0:
                            continue
                        if self._breaks(rest, rest_now, meaning, after, place, properties):
                            return parent
                        code = canonical(after, rest_now)
                    elif after == cells:
                        continue
                    else:
                        code = canonical(after, rest)
                    if code not in seen:
                        seen.add(code)
                        states.append(code)
                        parents.append(parent)
        return None

    def _breaks(
        self, rest: int, rest_now: int, meaning: int, after: list[int], place: int, properties: tuple[str, ...]
    ) -> Alarms:
        tables = self.tables
        if not tables.meanings[meaning].loud:
            return ()
        alarms = tables.alarms_of.get(rest << 32 | meaning, ()) + tables.check(rest_now, after, place)
        if not properties:
            return alarms
        return tuple(alarm for alarm in alarms if alarm.property in properties)

    # names

    def _canonical(self, cells: list[int], rest: int) -> int:
        """The state's integer, under the names that make its cells' orbits ascend; of several, the least integer."""
        tables = self.tables
        if len(tables.orders) == 1:
            return self._pack(cells, rest)
        images = [tables.images[cell] or tables.images_of(cell) for cell in cells]
        orbits = [tables.orbit[cell] for cell in cells]
        ranked = sorted(orbits)
        key = tuple(map(ranked.index, orbits))
        orders = tables.fitting.get(key)
        if orders is None:
            orders = tables.fitting[key] = self._fitting(key)
        rests = tables.rest_images[rest] or tables.rest_images_of(rest)
        return min(self._pack([images[place][number] for place in back], rests[number]) for number, back in orders)

    def _fitting(self, key: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
        """The renamings that make these ranks ascend, each with the place that every new place comes from."""
        fitting = []
        for number, order in enumerate(self.tables.orders):
            back = tuple(order.index(place) for place in range(len(order)))
            if all(key[one] <= key[other] for one, other in pairwise(back)):
                fitting.append((number, back))
        return fitting

    @staticmethod
    def _pack(cells: list[int], rest: int) -> int:
        for cell in reversed(cells):
            rest = rest << WIDTH | cell
        return rest

    # the way to a state

    def _schedule(self, number: int, properties: tuple[str, ...]) -> tuple[tuple[Move, ...], Alarms]:
        """The events that lead to a state, and one more that breaks a property, under the names of the start."""
        way = [number]
        while way[-1]:
            way.append(self.parents[way[-1]])
        cells, rest = self._start()
        schedule: list[Move] = []
        alarms: Alarms = ()
        for goal in [*(self.states[one] for one in way[-2::-1]), None]:
            cells, rest, move, alarms = self._towards(goal, cells, rest, properties)
            schedule.append(move)
        return tuple(schedule), alarms

    def _towards(
        self, goal: int | None, cells: list[int], rest: int, properties: tuple[str, ...]
    ) -> tuple[list[int], int, Move, Alarms]:
        """The first event that leads to a state, or, without one, that breaks a property."""
        for after, rest_now, move, alarms in self._successors(cells, rest, properties):
            if alarms if goal is None else not alarms and self._canonical(after, rest_now) == goal:
                return after, rest_now, move, alarms
        raise AssertionError("a state that was reached cannot be reached again: renaming a run must give a run")

    def _successors(self, cells: list[int], rest: int, properties: tuple[str, ...]) -> Any:
        tables = self.tables
        for place, cell in enumerate(cells):
            for now, mail, meaning, given in tables.steps_of(cell, place):
                after = cells.copy()
                after[place] = now
                for to, bits in mail:
                    after[to] = tables.add_mail(after[to], bits)
                rest_now = tables.work_out_rest(rest, meaning) if meaning else rest
                if rest_now < 0:
                    continue
                alarms = self._breaks(rest, rest_now, meaning, after, place, properties)
                value, delivery = tables.given(given)
                yield after, rest_now, Move(place=place, given=value, delivery=delivery), alarms
