"""Small integers for values, and everything worked out once.

A node takes few distinct states and a run sends few distinct messages, while their combinations run into millions.
So each node, message and history gets a number when it is first seen, and what one of them does to another is looked
up from then on. A state is a number for each place, a number for the rest (history and budget), and a bit for each
message ever sent.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable
from itertools import pairwise, permutations
from typing import Any, NamedTuple

from raftstep.simulation.explore.model import Alarms, Effect, Model

WIDTH = 16
MASK = (1 << WIDTH) - 1
MOST_NODES = 7


class Numbering:
    """Values numbered from 0 in the order they are first seen."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.number_by_value: dict[Any, int] = {}

    def number_of(self, value: Hashable) -> int:
        """The value's number. Raises :class:`OverflowError` where there are more than a state has room for."""
        number = self.number_by_value.get(value)
        if number is None:
            number = self.number_by_value[value] = len(self.values)
            if number > MASK:
                raise OverflowError(f"more than {MASK + 1:,} different values in one place; narrow the bounds")
            self.values.append(value)
        return number


class Transition(NamedTuple):
    """What a node does with one thing given: the node after it, and a bit for each message it sends.

    ``consequence`` is 0 where neither history, budget nor checks are concerned. ``given`` says what was given.
    """

    node: int
    sent: int
    consequence: int
    given: int


class Consequence(NamedTuple):
    """A step that concerns the rest of the state. ``needs_check`` where properties must be checked."""

    node_before: int
    given: int
    effect: Effect
    budget_index: int | None
    needs_check: bool


class Tables:
    """All that a search has worked out so far."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.nodes, self.messages, self.givens = Numbering(), Numbering(), Numbering()
        self.histories, self.rests = Numbering(), Numbering()
        self.inboxes = [0] * len(model.nodes)
        self.idle_messages: dict[int, int] = {}
        self.spent_by_node: dict[int, tuple[int, int]] = {}
        self.spent_by_nodes: dict[int, int] = {}
        self.own_transitions: dict[int, tuple[Transition, ...]] = {}
        self.advanced_nodes: dict[int, int] = {}
        self.arrivals: dict[int, dict[int, Transition]] = {}
        self.consequences = [Consequence(0, 0, Effect(node=None), None, False)]
        self.rest_after: dict[int, int] = {}
        self.alarms_of: dict[int, Alarms] = {}
        self.pair_alarms: dict[int, Alarms] = {}
        self.node_alarms: dict[int, Alarms] = {}
        node_indexes = tuple(range(len(model.nodes)))
        self.orders = list(permutations(node_indexes)) if model.rename else [node_indexes]
        self.compositions = _compose_renamings(self.orders)
        self.least_renamings: dict[int, tuple[tuple[int, int], ...]] = {}
        self.node_images: dict[int, list[int]] = {}
        self.message_images: dict[int, list[int]] = {}
        self.sent_images: dict[int, list[int]] = {}
        self.word_images: list[dict[int, int]] = [{} for _ in self.orders]
        self.rest_images: dict[int, list[int]] = {}

    # what can happen

    def number_message(self, value: Hashable) -> int:
        """The number of a message. A new one may be spent at nodes already seen, so that is judged again."""
        number = self.messages.number_of(value)
        target = self.model.target_index(value)
        if not self.inboxes[target] >> number & 1:
            self.inboxes[target] |= 1 << number
            self.spent_by_nodes.clear()
        return number

    def find_spent_messages(self, nodes: int) -> int:
        """The messages that can no longer matter to the nodes they are for; a state is the same without them."""
        spent_messages = 0
        for node_index, inbox in enumerate(self.inboxes):
            node = nodes >> WIDTH * node_index & MASK
            judged_messages, dead_messages = self.spent_by_node.get(node, (0, 0))
            new_messages = inbox & ~judged_messages
            while new_messages:
                bit = new_messages & -new_messages
                new_messages ^= bit
                if self.model.is_spent and self.model.is_spent(
                    self.nodes.values[node], self.messages.values[bit.bit_length() - 1]
                ):
                    dead_messages |= bit
            self.spent_by_node[node] = inbox, dead_messages
            spent_messages |= dead_messages
        self.spent_by_nodes[nodes] = spent_messages
        return spent_messages

    def transitions(self, node: int, node_index: int, sent: int) -> list[Transition]:
        """What can happen at a node when these messages were sent: its own acts, then each message arriving.

        Messages that are known to change nothing there are passed over.
        """
        own_transitions = self.own_transitions.get(node)
        transitions = list(self._work_out_own(node) if own_transitions is None else own_transitions)
        arrivals = self.arrivals[node]
        waiting = sent & self.inboxes[node_index] & ~self.idle_messages[node]
        while waiting:
            bit = waiting & -waiting
            waiting ^= bit
            transition = arrivals.get(bit)
            transitions.append(self._work_out_arrival(node, bit) if transition is None else transition)
        return transitions

    def _work_out_own(self, node: int) -> tuple[Transition, ...]:
        value = self.nodes.values[node]
        self.idle_messages[node] = 0
        self.arrivals[node] = {}
        own_transitions = self.own_transitions[node] = tuple(
            self._make_transition(
                node, self.model.perform(value, act.given), self.givens.number_of(act.given) << 1, act.budget_index
            )
            for act in self.model.possible_acts(value)
        )
        return own_transitions

    def _work_out_arrival(self, node: int, bit: int) -> Transition:
        message = bit.bit_length() - 1
        effect = self.model.receive(self.nodes.values[node], self.messages.values[message])
        transition = self.arrivals[node][bit] = self._make_transition(node, effect, message << 1 | 1, None)
        if transition.node == node and not transition.sent and not transition.consequence:
            self.idle_messages[node] |= bit
        return transition

    def _make_transition(self, node: int, effect: Effect, given: int, budget_index: int | None) -> Transition:
        needs_check = self.model.is_quiet is None or not self.model.is_quiet(self.nodes.values[node], effect)
        sent = 0
        for message in effect.messages:
            sent |= 1 << self.number_message(message)
        consequence = 0
        if needs_check or budget_index is not None:
            consequence = len(self.consequences)
            self.consequences.append(Consequence(node, given, effect, budget_index, needs_check))
        return Transition(self.nodes.number_of(effect.node), sent, consequence, given)

    def advance_time(self, nodes: list[int]) -> list[int] | None:
        """The nodes after time has moved on for all of them; ``None`` where it does not any more."""
        after = [
            self._advance_node(node) if cached_node is None else cached_node
            for node in nodes
            for cached_node in [self.advanced_nodes.get(node)]
        ]
        return None if -1 in after else after

    def _advance_node(self, node: int) -> int:
        after = self.model.time.advance(self.nodes.values[node]) if self.model.time else None
        self.advanced_nodes[node] = -1 if after is None else self.nodes.number_of(after)
        return self.advanced_nodes[node]

    def given_value(self, number: int) -> tuple[Any, bool]:
        """What a step's ``given`` stands for, and whether it is a message that arrives."""
        is_delivery = bool(number & 1)
        return (self.messages if is_delivery else self.givens).values[number >> 1], is_delivery

    # the rest of the state: history and budget

    def number_rest(self, history: Hashable, budget: tuple[int, ...]) -> int:
        """The number of a history with a budget."""
        return self.rests.number_of((self.histories.number_of(history), budget))

    def work_out_rest(self, rest: int, consequence: int) -> int:
        """The rest after a step; -1 where its budget is spent. What the one node broke is noted with it."""
        key = rest << 32 | consequence
        node_before, given, effect, budget_index, needs_check = self.consequences[consequence]
        history_number, budget = self.rests.values[rest]
        history = self.histories.values[history_number]
        alarms: Alarms = ()
        if budget_index is not None:
            if not budget[budget_index]:
                self.rest_after[key] = -1
                return -1
            budget = (*budget[:budget_index], budget[budget_index] - 1, *budget[budget_index + 1 :])
        if needs_check and self.model.update_history:
            history, alarms = self.model.update_history(
                history, self.nodes.values[node_before], self.given_value(given)[0], effect
            )
        if alarms:
            self.alarms_of[key] = alarms
        after = self.rest_after[key] = self.number_rest(history, budget)
        return after

    def check_properties(self, rest: int, nodes: list[int], changed: int) -> Alarms:
        """What the nodes break now that one has changed."""
        alarms: Alarms = ()
        if self.model.check_pair:
            for node_index, node in enumerate(nodes):
                if node_index != changed:
                    alarms += self._check_pair(nodes[changed], node)
        if self.model.check_node:
            history = self.rests.values[rest][0]
            for node in nodes:
                alarms += self._check_node(history, node)
        return alarms

    def _check_pair(self, changed: int, other: int) -> Alarms:
        key = changed << 32 | other
        if key not in self.pair_alarms:
            check = self.model.check_pair
            self.pair_alarms[key] = check(self.nodes.values[changed], self.nodes.values[other]) if check else ()
        return self.pair_alarms[key]

    def _check_node(self, history: int, node: int) -> Alarms:
        key = history << 32 | node
        if key not in self.node_alarms:
            check = self.model.check_node
            self.node_alarms[key] = check(self.histories.values[history], self.nodes.values[node]) if check else ()
        return self.node_alarms[key]

    # names

    def find_least_renamings(self, nodes: int) -> tuple[tuple[int, int], ...]:
        """The renamings under which these nodes are least: each by its number, with the nodes under it.

        There is one, unless two nodes are alike; then what was sent to them decides.
        """
        if self.model.rename is None:
            return ((0, nodes),)
        numbers = [nodes >> WIDTH * node_index & MASK for node_index in range(len(self.inboxes))]
        images = [self._node_images(node) for node in numbers]
        orbits = [min(image) for image in images]
        candidates = []
        for number, order in enumerate(self.orders):
            inverse = [order.index(index) for index in range(len(order))]
            if all(orbits[first] <= orbits[second] for first, second in pairwise(inverse)):
                packed = 0
                for index in reversed(inverse):
                    packed = packed << WIDTH | images[index][number]
                candidates.append((packed, number))
        least = min(candidates)[0]
        least_renamings = self.least_renamings[nodes] = tuple(
            (number, packed) for packed, number in candidates if packed == least
        )
        return least_renamings

    def _node_images(self, node: int) -> list[int]:
        images = self.node_images.get(node)
        if images is None:
            value = self.nodes.values[node]
            images = [self.nodes.number_of(self._rename(value, order)) for order in self.orders]
            for image, composition in zip(images, self.compositions, strict=True):
                self.node_images[image] = [images[number] for number in composition]
        return images

    def _message_images(self, message: int) -> list[int]:
        images = self.message_images.get(message)
        if images is None:
            value = self.messages.values[message]
            images = [self.number_message(self._rename(value, order)) for order in self.orders]
            self.message_images[message] = images
        return images

    def work_out_sent_images(self, sent: int) -> list[int]:
        """The messages of one step under each renaming."""
        images = [0] * len(self.orders)
        remaining = sent
        while remaining:
            bit = remaining & -remaining
            remaining ^= bit
            for number, image in enumerate(self._message_images(bit.bit_length() - 1)):
                images[number] |= 1 << image
        self.sent_images[sent] = images
        return images

    def rename_sent(self, sent: int, number: int) -> int:
        """All messages of a state under one renaming, sixteen at a time."""
        words = array("H", sent.to_bytes((sent.bit_length() + 15) // 16 * 2, "little"))
        cached_images = self.word_images[number]
        image = 0
        for index, word in enumerate(words):
            if word:
                key = index << 16 | word
                word_image = cached_images.get(key)
                if word_image is None:
                    word_image = cached_images[key] = self.work_out_sent_images(word << 16 * index)[number]
                image |= word_image
        return image

    def work_out_rest_images(self, rest: int) -> list[int]:
        """The rest under each renaming."""
        history, budget = self.rests.values[rest]
        value = self.histories.values[history]
        images = self.rest_images[rest] = [
            self.number_rest(self._rename(value, order), budget) for order in self.orders
        ]
        return images

    def _rename(self, value: Any, order: tuple[int, ...]) -> Hashable:
        return self.model.rename(value, order) if self.model.rename else value


def _compose_renamings(orders: list[tuple[int, ...]]) -> list[list[int]]:
    """For one renaming and another after it, the number of the renaming that does both at once."""
    numbers = {order: number for number, order in enumerate(orders)}
    return [[numbers[tuple(second[index] for index in first)] for second in orders] for first in orders]
