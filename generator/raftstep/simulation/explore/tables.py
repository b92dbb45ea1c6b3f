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
MOST_PLACES = 7


class Numbers:
    """Values numbered from 0 in the order they are first seen."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.number: dict[Any, int] = {}

    def of(self, value: Hashable) -> int:
        """The value's number. Raises :class:`OverflowError` where there are more than a state has room for."""
        number = self.number.get(value)
        if number is None:
            number = self.number[value] = len(self.values)
            if number > MASK:
                raise OverflowError(f"more than {MASK + 1:,} different values in one place; narrow the bounds")
            self.values.append(value)
        return number


class Step(NamedTuple):
    """What a node does with one thing given: the node after it, and a bit for each message it sends.

    ``meaning`` is 0 where neither history, budget nor checks are concerned. ``given`` says what was given.
    """

    node: int
    sent: int
    meaning: int
    given: int


class Meaning(NamedTuple):
    """A step that concerns the rest of the state. ``loud`` where properties must be checked."""

    was: int
    given: int
    effect: Effect
    spends: int | None
    loud: bool


class Tables:
    """All that a search has worked out so far. Pickles without the model; :meth:`attach` gives it back."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.nodes, self.messages, self.givens = Numbers(), Numbers(), Numbers()
        self.histories, self.rests = Numbers(), Numbers()
        self.mail_for = [0] * len(model.nodes)
        self.idle: dict[int, int] = {}
        self.judged: dict[int, tuple[int, int]] = {}
        self.spent: dict[int, int] = {}
        self.own: dict[int, tuple[Step, ...]] = {}
        self.later: dict[int, int] = {}
        self.arrivals: dict[int, dict[int, Step]] = {}
        self.meanings = [Meaning(0, 0, Effect(node=None), None, False)]
        self.rest_after: dict[int, int] = {}
        self.alarms_of: dict[int, Alarms] = {}
        self.pairs: dict[int, Alarms] = {}
        self.singles: dict[int, Alarms] = {}
        places = tuple(range(len(model.nodes)))
        self.orders = list(permutations(places)) if model.rename else [places]
        self.products = _products(self.orders)
        self.names: dict[int, tuple[tuple[int, int], ...]] = {}
        self.node_images: dict[int, list[int]] = {}
        self.message_images: dict[int, list[int]] = {}
        self.sent_images: dict[int, list[int]] = {}
        self.word_images: list[dict[int, int]] = [{} for _ in self.orders]
        self.rest_images: dict[int, list[int]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "model"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def attach(self, model: Model) -> None:
        """Give the model back to tables that were stored without it."""
        self.model = model

    # what can happen

    def message(self, value: Hashable) -> int:
        """The number of a message. A new one may be spent at nodes already seen, so that is judged again."""
        number = self.messages.of(value)
        target = self.model.target(value)
        if not self.mail_for[target] >> number & 1:
            self.mail_for[target] |= 1 << number
            self.spent.clear()
        return number

    def spent_at(self, nodes: int) -> int:
        """The messages that can no longer matter to the nodes they are for; a state is the same without them."""
        spent = 0
        for place, mail in enumerate(self.mail_for):
            node = nodes >> WIDTH * place & MASK
            judged, dead = self.judged.get(node, (0, 0))
            fresh = mail & ~judged
            while fresh:
                bit = fresh & -fresh
                fresh ^= bit
                if self.model.spent and self.model.spent(
                    self.nodes.values[node], self.messages.values[bit.bit_length() - 1]
                ):
                    dead |= bit
            self.judged[node] = mail, dead
            spent |= dead
        self.spent[nodes] = spent
        return spent

    def steps(self, node: int, place: int, sent: int) -> list[Step]:
        """What can happen at a node when these messages were sent: its own acts, then each message arriving.

        Messages that are known to change nothing there are passed over.
        """
        own = self.own.get(node)
        found = list(self._own(node) if own is None else own)
        arrivals = self.arrivals[node]
        waiting = sent & self.mail_for[place] & ~self.idle[node]
        while waiting:
            bit = waiting & -waiting
            waiting ^= bit
            step = arrivals.get(bit)
            found.append(self._arrival(node, bit) if step is None else step)
        return found

    def _own(self, node: int) -> tuple[Step, ...]:
        value = self.nodes.values[node]
        self.idle[node] = 0
        self.arrivals[node] = {}
        own = self.own[node] = tuple(
            self._step(node, self.model.act(value, act.given), self.givens.of(act.given) << 1, act.spends)
            for act in self.model.own(value)
        )
        return own

    def _arrival(self, node: int, bit: int) -> Step:
        message = bit.bit_length() - 1
        effect = self.model.receive(self.nodes.values[node], self.messages.values[message])
        step = self.arrivals[node][bit] = self._step(node, effect, message << 1 | 1, None)
        if step.node == node and not step.sent and not step.meaning:
            self.idle[node] |= bit
        return step

    def _step(self, node: int, effect: Effect, given: int, spends: int | None) -> Step:
        loud = self.model.quiet is None or not self.model.quiet(self.nodes.values[node], effect)
        sent = 0
        for message in effect.messages:
            sent |= 1 << self.message(message)
        meaning = 0
        if loud or spends is not None:
            meaning = len(self.meanings)
            self.meanings.append(Meaning(node, given, effect, spends, loud))
        return Step(self.nodes.of(effect.node), sent, meaning, given)

    def passed(self, nodes: list[int]) -> list[int] | None:
        """The nodes after time has moved on for all of them; ``None`` where it does not any more."""
        after = [self._passed(node) if known is None else known for node in nodes for known in [self.later.get(node)]]
        return None if -1 in after else after

    def _passed(self, node: int) -> int:
        after = self.model.time.passes(self.nodes.values[node]) if self.model.time else None
        self.later[node] = -1 if after is None else self.nodes.of(after)
        return self.later[node]

    def given(self, number: int) -> tuple[Any, bool]:
        """What a step's ``given`` stands for, and whether it is a message that arrives."""
        delivery = bool(number & 1)
        return (self.messages if delivery else self.givens).values[number >> 1], delivery

    # the rest of the state: history and budget

    def rest(self, history: Hashable, budget: tuple[int, ...]) -> int:
        """The number of a history with a budget."""
        return self.rests.of((self.histories.of(history), budget))

    def work_out_rest(self, rest: int, meaning: int) -> int:
        """The rest after a step; -1 where its budget is spent. What the one node broke is noted beside it."""
        key = rest << 32 | meaning
        was, given, effect, spends, loud = self.meanings[meaning]
        history_number, budget = self.rests.values[rest]
        history = self.histories.values[history_number]
        alarms: Alarms = ()
        if spends is not None:
            if not budget[spends]:
                self.rest_after[key] = -1
                return -1
            budget = (*budget[:spends], budget[spends] - 1, *budget[spends + 1 :])
        if loud and self.model.remember:
            history, alarms = self.model.remember(history, self.nodes.values[was], self.given(given)[0], effect)
        if alarms:
            self.alarms_of[key] = alarms
        after = self.rest_after[key] = self.rest(history, budget)
        return after

    def check(self, rest: int, nodes: list[int], changed: int) -> Alarms:
        """What the nodes break now that one has changed."""
        alarms: Alarms = ()
        if self.model.pair:
            for place, node in enumerate(nodes):
                if place != changed:
                    alarms += self._pair(nodes[changed], node)
        if self.model.single:
            history = self.rests.values[rest][0]
            for node in nodes:
                alarms += self._single(history, node)
        return alarms

    def _pair(self, one: int, other: int) -> Alarms:
        key = one << 32 | other
        if key not in self.pairs:
            check = self.model.pair
            self.pairs[key] = check(self.nodes.values[one], self.nodes.values[other]) if check else ()
        return self.pairs[key]

    def _single(self, history: int, node: int) -> Alarms:
        key = history << 32 | node
        if key not in self.singles:
            check = self.model.single
            self.singles[key] = check(self.histories.values[history], self.nodes.values[node]) if check else ()
        return self.singles[key]

    # names

    def names_for(self, nodes: int) -> tuple[tuple[int, int], ...]:
        """The renamings under which these nodes are least: each by its number, with the nodes under it.

        There is one, unless two nodes are alike; then what was sent to them decides.
        """
        if self.model.rename is None:
            return ((0, nodes),)
        numbers = [nodes >> WIDTH * place & MASK for place in range(len(self.mail_for))]
        images = [self._node_images(node) for node in numbers]
        orbits = [min(image) for image in images]
        found = []
        for number, order in enumerate(self.orders):
            back = [order.index(place) for place in range(len(order))]
            if all(orbits[one] <= orbits[other] for one, other in pairwise(back)):
                packed = 0
                for place in reversed(back):
                    packed = packed << WIDTH | images[place][number]
                found.append((packed, number))
        least = min(found)[0]
        names = self.names[nodes] = tuple((number, packed) for packed, number in found if packed == least)
        return names

    def _node_images(self, node: int) -> list[int]:
        known = self.node_images.get(node)
        if known is None:
            value = self.nodes.values[node]
            known = [self.nodes.of(self._renamed(value, order)) for order in self.orders]
            for image, after in zip(known, self.products, strict=True):
                self.node_images[image] = [known[number] for number in after]
        return known

    def _message_images(self, message: int) -> list[int]:
        known = self.message_images.get(message)
        if known is None:
            value = self.messages.values[message]
            known = [self.message(self._renamed(value, order)) for order in self.orders]
            self.message_images[message] = known
        return known

    def work_out_sent(self, sent: int) -> list[int]:
        """The messages of one step under each renaming."""
        images = [0] * len(self.orders)
        left = sent
        while left:
            bit = left & -left
            left ^= bit
            for number, image in enumerate(self._message_images(bit.bit_length() - 1)):
                images[number] |= 1 << image
        self.sent_images[sent] = images
        return images

    def renamed_mail(self, sent: int, number: int) -> int:
        """All messages of a state under one renaming, sixteen at a time."""
        words = array("H", sent.to_bytes((sent.bit_length() + 15) // 16 * 2, "little"))
        known = self.word_images[number]
        image = 0
        for place, word in enumerate(words):
            if word:
                key = place << 16 | word
                part = known.get(key)
                if part is None:
                    part = known[key] = self.work_out_sent(word << 16 * place)[number]
                image |= part
        return image

    def rest_images_of(self, rest: int) -> list[int]:
        """The rest under each renaming."""
        history, budget = self.rests.values[rest]
        value = self.histories.values[history]
        images = self.rest_images[rest] = [self.rest(self._renamed(value, order), budget) for order in self.orders]
        return images

    def _renamed(self, value: Any, order: tuple[int, ...]) -> Hashable:
        return self.model.rename(value, order) if self.model.rename else value


def _products(orders: list[tuple[int, ...]]) -> list[list[int]]:
    """For one renaming and another after it, the number of the renaming that does both at once."""
    numbers = {order: number for number, order in enumerate(orders)}
    return [[numbers[tuple(then[place] for place in order)] for then in orders] for order in orders]
