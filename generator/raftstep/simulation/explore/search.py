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
from raftstep.simulation.explore.result import ALL_NODES, Exploration, ScheduledEvent, SearchProgress
from raftstep.simulation.explore.tables import MASK, MOST_NODES, WIDTH, Tables

STATES_PER_REPORT = 4096
"""How many states are looked at between two reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a search gives up: a number of events, of states, of bytes; 0 is no limit.

    ``properties`` are the names of those whose breaking ends the search; with none named, any does.
    """

    depth: int = 0
    states: int = 0
    memory_bytes: int = 4_000_000_000
    properties: tuple[str, ...] = ()


NO_LIMITS = Limits()


def explore(
    model: Model, limits: Limits = NO_LIMITS, report: Callable[[SearchProgress], None] | None = None
) -> Exploration:
    """Search a model from its start. ``report`` is called now and then with the progress of the search.

    An interrupt from the keyboard ends the search with what it has found so far.
    """
    return Search(model).run(limits, report)


class Search:
    """A search in progress."""

    def __init__(self, model: Model) -> None:
        if not 1 <= len(model.nodes) <= MOST_NODES:
            raise ValueError(f"a model has 1 to {MOST_NODES} nodes, not {len(model.nodes)}")
        self.tables = Tables(model)
        self.depth = 0
        start = self._canonicalize(self._start_state())
        self.seen_states = {start}
        self.states = [start]
        self.parents = array("I", [0])
        self.level_start = 0

    def _start_state(self) -> int:
        tables, model = self.tables, self.tables.model
        sent = 0
        for message in model.messages:
            sent |= 1 << tables.number_message(message)
        nodes = [tables.nodes.number_of(node) for node in model.nodes]
        return self._pack(sent, tables.number_rest(model.history, model.budget), nodes)

    @property
    def memory_bytes(self) -> int:
        """What the states and the way to each take in memory; the tables are small in comparison."""
        size = getsizeof(self.seen_states) + getsizeof(self.states) + getsizeof(self.parents)
        return size + len(self.states) * (getsizeof(self.states[-1]) + 15) // 16 * 16

    def run(self, limits: Limits = NO_LIMITS, report: Callable[[SearchProgress], None] | None = None) -> Exploration:
        """Search until a property breaks, all is searched, or a limit is met."""
        try:
            while self.level_start < len(self.states):
                if limits.depth and self.depth >= limits.depth:
                    return self._make_result(f"the limit of {limits.depth} events was met")
                exploration = self._expand_level(limits, report)
                if exploration is not None:
                    return exploration
        except KeyboardInterrupt:
            return self._make_result("it was interrupted")
        return self._make_result(None)

    def _make_result(
        self, stop_reason: str | None, schedule: tuple[ScheduledEvent, ...] | None = None, alarms: Alarms = ()
    ) -> Exploration:
        is_complete = stop_reason is None and schedule is None
        return Exploration(
            states=len(self.states),
            depth=self.depth - 1 if is_complete else self.depth,
            is_complete=is_complete,
            schedule=schedule,
            alarms=alarms,
            stop_reason=stop_reason,
            memory_bytes=self.memory_bytes,
        )

    # one depth

    def _expand_level(self, limits: Limits, report: Callable[[SearchProgress], None] | None) -> Exploration | None:
        """Look at all states of one depth. An interrupt undoes it, so that the result counts whole depths."""
        first, last = self.level_start, len(self.states)
        try:
            for low in range(first, last, STATES_PER_REPORT):
                broken_state = self._expand(low, min(low + STATES_PER_REPORT, last), limits.properties)
                if broken_state is not None:
                    schedule, alarms = self._schedule(broken_state, limits.properties)
                    return self._make_result(None, schedule, alarms)
                if report:
                    states_left = max(0, last - low - STATES_PER_REPORT)
                    report(
                        SearchProgress(
                            depth=self.depth,
                            states=len(self.states),
                            states_left=states_left,
                            states_ahead=len(self.states) - last,
                        )
                    )
                if limits.states and len(self.states) > limits.states:
                    return self._make_result(f"the limit of {limits.states:,} states was met")
                if limits.memory_bytes and self.memory_bytes > limits.memory_bytes:
                    return self._make_result(f"the limit of {limits.memory_bytes // 1_000_000:,} MB of memory was met")
        except KeyboardInterrupt:
            self._undo_level(last)
            raise
        self.level_start = last
        self.depth += 1
        return None

    def _undo_level(self, last: int) -> None:
        self.seen_states.difference_update(self.states[last:])
        del self.states[last:], self.parents[last:]

    def _expand(self, low: int, high: int, properties: tuple[str, ...]) -> int | None:
        """Look at these states; the first whose next event breaks a property is returned by its number."""
        tables, seen_states, states, parents = self.tables, self.seen_states, self.states, self.parents
        least_renamings, sent_images, rest_images = tables.least_renamings, tables.sent_images, tables.rest_images
        rest_after, spent_messages = tables.rest_after, tables.spent_by_nodes
        size = len(tables.model.nodes)
        node_indexes = range(size)
        most_messages, time_passes = tables.model.most_messages, tables.model.time is not None
        rest_shift = WIDTH * size
        sent_shift = rest_shift + WIDTH
        for parent in range(low, high):
            state = states[parent]
            sent = state >> sent_shift
            rest = state >> rest_shift & MASK
            packed_nodes = state & (1 << rest_shift) - 1
            images = {0: sent}
            for node_index in node_indexes:
                shift = WIDTH * node_index
                node = state >> shift & MASK
                for node_after, newly_sent, consequence, _ in tables.transitions(node, node_index, sent):
                    new_rest = rest
                    if consequence:
                        cached_rest = rest_after.get(rest << 32 | consequence)
                        new_rest = tables.work_out_rest(rest, consequence) if cached_rest is None else cached_rest
                        if new_rest < 0:
                            continue
                        if self._find_alarms(rest, new_rest, consequence, state, node_index, node_after, properties):
                            return parent
                    elif node_after == node and sent | newly_sent == sent:
                        continue
                    nodes = packed_nodes + (node_after - node << shift)
                    least_state = -1
                    for number, packed in least_renamings.get(nodes) or tables.find_least_renamings(nodes):
                        image = images.get(number)
                        if image is None:
                            image = images[number] = tables.rename_sent(sent, number)
                        if number:
                            rest_image = (rest_images.get(new_rest) or tables.work_out_rest_images(new_rest))[number]
                            image |= (sent_images.get(newly_sent) or tables.work_out_sent_images(newly_sent))[number]
                        else:
                            rest_image = new_rest
                            image |= newly_sent
                        spent_bits = spent_messages.get(packed)
                        if spent_bits is None:
                            spent_bits = tables.find_spent_messages(packed)
                        renamed_state = (image & ~spent_bits) << sent_shift | rest_image << rest_shift | packed
                        if least_state < 0 or renamed_state < least_state:
                            least_state = renamed_state
                    if least_state not in seen_states and not (
                        most_messages and (least_state >> sent_shift).bit_count() > most_messages
                    ):
                        seen_states.add(least_state)
                        states.append(least_state)
                        parents.append(parent)
            if time_passes:
                self._pass_time(parent)
        return None

    def _pass_time(self, parent: int) -> None:
        """Let time move on in a state. Nothing breaks by it, because no node acts."""
        after = self._state_after_tick(self.states[parent])
        if after is None:
            return
        canonical_state = self._canonicalize(after)
        if canonical_state not in self.seen_states:
            self.seen_states.add(canonical_state)
            self.states.append(canonical_state)
            self.parents.append(parent)

    def _state_after_tick(self, state: int) -> int | None:
        sent, rest, nodes = self._unpack(state)
        after = self.tables.advance_time(nodes)
        return None if after is None else self._pack(sent, rest, after)

    def _find_alarms(
        self,
        rest: int,
        new_rest: int,
        consequence: int,
        state: int,
        node_index: int,
        node_after: int,
        properties: tuple[str, ...],
    ) -> Alarms:
        tables = self.tables
        if not tables.consequences[consequence].needs_check:
            return ()
        nodes = self._unpack_nodes(state)
        nodes[node_index] = node_after
        alarms = tables.alarms_of.get(rest << 32 | consequence, ()) + tables.check_properties(
            new_rest, nodes, node_index
        )
        if not properties:
            return alarms
        return tuple(alarm for alarm in alarms if alarm.property in properties)

    # states as integers

    def _unpack_nodes(self, state: int) -> list[int]:
        return [state >> WIDTH * node_index & MASK for node_index in range(len(self.tables.inboxes))]

    def _unpack(self, state: int) -> tuple[int, int, list[int]]:
        nodes = self._unpack_nodes(state)
        state >>= WIDTH * len(nodes)
        return state >> WIDTH, state & MASK, nodes

    @staticmethod
    def _pack(sent: int, rest: int, nodes: list[int]) -> int:
        packed = sent << WIDTH | rest
        for node in reversed(nodes):
            packed = packed << WIDTH | node
        return packed

    def _canonicalize(self, state: int) -> int:
        """The state under the names that make its nodes least, and where several do, the whole state."""
        tables = self.tables
        rest_shift = WIDTH * len(tables.inboxes)
        sent, rest, _ = self._unpack(state)
        nodes = state & (1 << rest_shift) - 1
        rests = tables.rest_images.get(rest) or tables.work_out_rest_images(rest)
        return min(
            (mail & ~tables.find_spent_messages(packed)) << rest_shift + WIDTH | rests[number] << rest_shift | packed
            for number, packed in tables.least_renamings.get(nodes) or tables.find_least_renamings(nodes)
            for mail in [tables.rename_sent(sent, number)]
        )

    # the way to a state

    def _schedule(self, number: int, properties: tuple[str, ...]) -> tuple[tuple[ScheduledEvent, ...], Alarms]:
        """The events that lead to a state, and one more that breaks a property, under the names of the start."""
        path = [number]
        while path[-1]:
            path.append(self.parents[path[-1]])
        state = self._start_state()
        schedule: list[ScheduledEvent] = []
        alarms: Alarms = ()
        for goal in [*(self.states[ancestor] for ancestor in path[-2::-1]), None]:
            state, event, alarms = self._find_event_towards(goal, state, properties)
            schedule.append(event)
        return tuple(schedule), alarms

    def _find_event_towards(
        self, goal: int | None, state: int, properties: tuple[str, ...]
    ) -> tuple[int, ScheduledEvent, Alarms]:
        """The first event that leads to a state, or, without one, that breaks a property."""
        for after, event, alarms in self._successors(state, properties):
            if alarms if goal is None else not alarms and self._canonicalize(after) == goal:
                return after, event, alarms
        raise AssertionError("a state that was reached cannot be reached again: renaming a run must give a run")

    def _successors(self, state: int, properties: tuple[str, ...]) -> Iterator[tuple[int, ScheduledEvent, Alarms]]:
        tables = self.tables
        sent, rest, nodes = self._unpack(state)
        for node_index, node in enumerate(nodes):
            for node_after, newly_sent, consequence, given in tables.transitions(node, node_index, sent):
                new_rest = tables.work_out_rest(rest, consequence) if consequence else rest
                if new_rest < 0:
                    continue
                alarms = self._find_alarms(rest, new_rest, consequence, state, node_index, node_after, properties)
                after = self._pack(
                    sent | newly_sent, new_rest, [*nodes[:node_index], node_after, *nodes[node_index + 1 :]]
                )
                value, is_delivery = tables.given_value(given)
                yield after, ScheduledEvent(node_index=node_index, given=value, is_delivery=is_delivery), alarms
        advanced_state = self._state_after_tick(state) if tables.model.time else None
        if tables.model.time and advanced_state is not None:
            yield (
                advanced_state,
                ScheduledEvent(node_index=ALL_NODES, given=tables.model.time.given, is_delivery=False),
                (),
            )
