"""Breadth-first through every state of a model: what is found first is shortest.

A state is one integer: the number of the node at each place, the number of the rest, and a bit for each message sent.
Where the model can be renamed, a state stands for all that differ from it in nothing but the names, and one is kept.
The order of all things is fixed, so the same model gives the same states, and the same schedule, in any process.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from sys import getsizeof

from raftstep.simulation.explore.model import Alarms, Model
from raftstep.simulation.explore.result import EVERYWHERE, Exploration, Move, Progress
from raftstep.simulation.explore.tables import MASK, MOST_PLACES, WIDTH, Tables

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
        start = self._canonical(self._start())
        self.seen = {start}
        self.states = [start]
        self.parents = array("I", [0])
        self.first = 0

    def _start(self) -> int:
        tables, model = self.tables, self.tables.model
        sent = 0
        for message in model.messages:
            sent |= 1 << tables.message(message)
        nodes = [tables.nodes.of(node) for node in model.nodes]
        return self._pack(sent, tables.rest(model.history, model.budget), nodes)

    @property
    def bytes(self) -> int:
        """What the states and the way to each take in memory; the tables are small beside them."""
        size = getsizeof(self.seen) + getsizeof(self.states) + getsizeof(self.parents)
        return size + len(self.states) * (getsizeof(self.states[-1]) + 15) // 16 * 16

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
        names, sent_images, rest_images = tables.names, tables.sent_images, tables.rest_images
        rest_after, spent = tables.rest_after, tables.spent
        size = len(tables.model.nodes)
        places = range(size)
        most, timed = tables.model.most_messages, tables.model.time is not None
        below = WIDTH * size
        above = below + WIDTH
        for parent in range(low, high):
            state = states[parent]
            sent = state >> above
            rest = state >> below & MASK
            together = state & (1 << below) - 1
            images = {0: sent}
            for place in places:
                shift = WIDTH * place
                node = state >> shift & MASK
                for now, out, meaning, _ in tables.steps(node, place, sent):
                    rest_now = rest
                    if meaning:
                        known = rest_after.get(rest << 32 | meaning)
                        rest_now = tables.work_out_rest(rest, meaning) if known is None else known
                        if rest_now < 0:
                            continue
                        if self._breaks(rest, rest_now, meaning, state, place, now, properties):
                            return parent
                    elif now == node and sent | out == sent:
                        continue
                    nodes = together + (now - node << shift)
                    least = -1
                    for number, packed in names.get(nodes) or tables.names_for(nodes):
                        image = images.get(number)
                        if image is None:
                            image = images[number] = tables.renamed_mail(sent, number)
                        if number:
                            rest_image = (rest_images.get(rest_now) or tables.rest_images_of(rest_now))[number]
                            image |= (sent_images.get(out) or tables.work_out_sent(out))[number]
                        else:
                            rest_image = rest_now
                            image |= out
                        over = spent.get(packed)
                        if over is None:
                            over = tables.spent_at(packed)
                        code = (image & ~over) << above | rest_image << below | packed
                        if least < 0 or code < least:
                            least = code
                    if least not in seen and not (most and (least >> above).bit_count() > most):
                        seen.add(least)
                        states.append(least)
                        parents.append(parent)
            if timed:
                self._pass_time(parent)
        return None

    def _pass_time(self, parent: int) -> None:
        """Let time move on in a state. Nothing breaks by it, for no node acts."""
        after = self._later(self.states[parent])
        if after is None:
            return
        code = self._canonical(after)
        if code not in self.seen:
            self.seen.add(code)
            self.states.append(code)
            self.parents.append(parent)

    def _later(self, state: int) -> int | None:
        sent, rest, nodes = self._unpack(state)
        after = self.tables.passed(nodes)
        return None if after is None else self._pack(sent, rest, after)

    def _breaks(
        self, rest: int, rest_now: int, meaning: int, state: int, place: int, now: int, properties: tuple[str, ...]
    ) -> Alarms:
        tables = self.tables
        if not tables.meanings[meaning].loud:
            return ()
        nodes = self._nodes(state)
        nodes[place] = now
        alarms = tables.alarms_of.get(rest << 32 | meaning, ()) + tables.check(rest_now, nodes, place)
        if not properties:
            return alarms
        return tuple(alarm for alarm in alarms if alarm.property in properties)

    # states as integers

    def _nodes(self, state: int) -> list[int]:
        return [state >> WIDTH * place & MASK for place in range(len(self.tables.mail_for))]

    def _unpack(self, state: int) -> tuple[int, int, list[int]]:
        nodes = self._nodes(state)
        state >>= WIDTH * len(nodes)
        return state >> WIDTH, state & MASK, nodes

    @staticmethod
    def _pack(sent: int, rest: int, nodes: list[int]) -> int:
        packed = sent << WIDTH | rest
        for node in reversed(nodes):
            packed = packed << WIDTH | node
        return packed

    def _canonical(self, state: int) -> int:
        """The state under the names that make its nodes least, and where several do, the whole state."""
        tables = self.tables
        below = WIDTH * len(tables.mail_for)
        sent, rest, _ = self._unpack(state)
        nodes = state & (1 << below) - 1
        rests = tables.rest_images.get(rest) or tables.rest_images_of(rest)
        return min(
            (mail & ~tables.spent_at(packed)) << below + WIDTH | rests[number] << below | packed
            for number, packed in tables.names.get(nodes) or tables.names_for(nodes)
            for mail in [tables.renamed_mail(sent, number)]
        )

    # the way to a state

    def _schedule(self, number: int, properties: tuple[str, ...]) -> tuple[tuple[Move, ...], Alarms]:
        """The events that lead to a state, and one more that breaks a property, under the names of the start."""
        way = [number]
        while way[-1]:
            way.append(self.parents[way[-1]])
        state = self._start()
        schedule: list[Move] = []
        alarms: Alarms = ()
        for goal in [*(self.states[one] for one in way[-2::-1]), None]:
            state, move, alarms = self._towards(goal, state, properties)
            schedule.append(move)
        return tuple(schedule), alarms

    def _towards(self, goal: int | None, state: int, properties: tuple[str, ...]) -> tuple[int, Move, Alarms]:
        """The first event that leads to a state, or, without one, that breaks a property."""
        for after, move, alarms in self._successors(state, properties):
            if alarms if goal is None else not alarms and self._canonical(after) == goal:
                return after, move, alarms
        raise AssertionError("a state that was reached cannot be reached again: renaming a run must give a run")

    def _successors(self, state: int, properties: tuple[str, ...]) -> Iterator[tuple[int, Move, Alarms]]:
        tables = self.tables
        sent, rest, nodes = self._unpack(state)
        for place, node in enumerate(nodes):
            for now, out, meaning, given in tables.steps(node, place, sent):
                rest_now = tables.work_out_rest(rest, meaning) if meaning else rest
                if rest_now < 0:
                    continue
                alarms = self._breaks(rest, rest_now, meaning, state, place, now, properties)
                after = self._pack(sent | out, rest_now, [*nodes[:place], now, *nodes[place + 1 :]])
                value, delivery = tables.given(given)
                yield after, Move(place=place, given=value, delivery=delivery), alarms
        later = self._later(state) if tables.model.time else None
        if tables.model.time and later is not None:
            yield later, Move(place=EVERYWHERE, given=tables.model.time.given, delivery=False), ()
