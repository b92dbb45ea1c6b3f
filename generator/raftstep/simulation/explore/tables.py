"""Small integers for values, and everything worked out once.

A node takes few distinct states and a run sends few distinct messages, while their combinations run into millions.
So each node, message, inbox and history gets a number when it is first seen, and what one of them does to another is
looked up from then on. A *cell* is a node with its inbox; a state is one cell a place and the rest: history and budget.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import permutations
from typing import Any, NamedTuple

from raftstep.simulation.explore.model import Alarms, Effect, Model

MOST_PLACES = 7


class Numbers:
    """Values numbered from 0 in the order they are first seen."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.number: dict[Any, int] = {}

    def of(self, value: Hashable) -> int:
        """The value's number."""
        number = self.number.get(value)
        if number is None:
            number = self.number[value] = len(self.values)
            self.values.append(value)
        return number


class Step(NamedTuple):
    """One thing that can happen in a cell: the cell after it, the mail for other places, and what it means.

    ``effect`` is 0 where neither history, budget nor checks are concerned.
    """

    cell: int
    mail: tuple[tuple[int, int], ...]
    effect: int
    given: int


class Reaction(NamedTuple):
    """What a node does with one thing given, whatever its inbox: the node after it, mail for itself and for others."""

    node: int
    own: int
    mail: tuple[tuple[int, int], ...]
    meaning: int
    given: int
    idle: bool


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
        self.nodes, self.messages, self.givens, self.histories = Numbers(), Numbers(), Numbers(), Numbers()
        self.rests, self.cells, self.mails = Numbers(), Numbers(), Numbers()
        self.meanings = [Meaning(0, 0, Effect(node=None), None, False)]
        self.reactions: dict[int, Reaction] = {}
        self.steps: list[tuple[Step, ...] | None] = []
        self.with_mail: list[dict[int, int]] = []
        self.rest_after: dict[int, int] = {}
        self.alarms_of: dict[int, Alarms] = {}
        self.pairs: dict[int, Alarms] = {}
        self.singles: dict[int, Alarms] = {}
        places = range(len(model.nodes))
        self.orders = list(permutations(places)) if model.rename else [tuple(places)]
        self.fitting: dict[tuple[int, ...], list[tuple[int, tuple[int, ...]]]] = {}
        self.images: list[list[int] | None] = []
        self.orbit: list[int] = []
        self.rest_images: list[list[int] | None] = []
        self.message_images: dict[int, list[int]] = {}
        self.node_images: dict[int, list[int]] = {}
        self.inbox_images: dict[int, list[int]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "model"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def attach(self, model: Model) -> None:
        """Give the model back to tables that were stored without it."""
        self.model = model

    # cells

    def cell(self, node: int, inbox: int) -> int:
        """The number of a node with an inbox; an inbox is a set of messages, a bit each."""
        known = len(self.cells.values)
        number = self.cells.of((node, inbox))
        if number == known:
            self.steps.append(None)
            self.with_mail.append({})
            self.images.append(None)
            self.orbit.append(number)
        return number

    def deliverable(self, inbox: int) -> list[int]:
        """The messages of an inbox, in the order they were first seen."""
        found = []
        while inbox:
            low = inbox & -inbox
            found.append(low.bit_length() - 1)
            inbox ^= low
        return found

    def add_mail(self, cell: int, mail: int) -> int:
        """The cell with more messages in its inbox."""
        node, inbox = self.cells.values[cell]
        after = self.cell(node, inbox | self.mails.values[mail])
        self.with_mail[cell][mail] = after
        return after

    def steps_of(self, cell: int, place: int) -> tuple[Step, ...]:
        """All that can happen in a cell: first what the node does itself, then each message arriving."""
        known = self.steps[cell]
        if known is None:
            node, inbox = self.cells.values[cell]
            acts = [(self.givens.of(act.given), act.spends) for act in self.model.own(self.nodes.values[node])]
            found = [self._step(cell, self._reaction(node, place, act, False, spends)) for act, spends in acts]
            arriving = self.deliverable(inbox)
            found += [self._step(cell, self._reaction(node, place, message, True)) for message in arriving]
            known = self.steps[cell] = tuple(step for step in found if step is not None)
        return known

    def _step(self, cell: int, reaction: Reaction) -> Step | None:
        node, inbox = self.cells.values[cell]
        if reaction.idle and reaction.node == node and not reaction.own & ~inbox:
            return None
        now = self.cell(reaction.node, inbox | reaction.own)
        return Step(now, reaction.mail, reaction.meaning, reaction.given)

    def _reaction(self, node: int, place: int, given: int, delivery: bool, spends: int | None = None) -> Reaction:
        key = (node << 32 | given) << 1 | delivery
        known = self.reactions.get(key)
        if known is None:
            known = self.reactions[key] = self._work_out(node, place, given, delivery, spends)
        return known

    def _work_out(self, node: int, place: int, given: int, delivery: bool, spends: int | None) -> Reaction:
        was = self.nodes.values[node]
        if delivery:
            effect = self.model.receive(was, self.messages.values[given])
        else:
            effect = self.model.act(was, self.givens.values[given])
        mail: dict[int, int] = {}
        for message in effect.messages:
            target = self.model.target(message)
            mail[target] = mail.get(target, 0) | 1 << self.messages.of(message)
        own = mail.pop(place, 0)
        loud = self.model.quiet is None or not self.model.quiet(was, effect)
        meaning = 0
        if loud or spends is not None:
            meaning = len(self.meanings)
            self.meanings.append(Meaning(node, given << 1 | delivery, effect, spends, loud))
        sent = tuple((to, self.mails.of(bits)) for to, bits in sorted(mail.items()))
        after = self.nodes.of(effect.node)
        return Reaction(after, own, sent, meaning, given << 1 | delivery, not sent and not meaning)

    def given(self, number: int) -> tuple[Any, bool]:
        """What a step's ``given`` stands for, and whether it is a message that arrives."""
        number, delivery = number >> 1, bool(number & 1)
        return (self.messages if delivery else self.givens).values[number], delivery

    # the rest of the state: history and budget

    def rest(self, history: Hashable, budget: tuple[int, ...]) -> int:
        """The number of a history with a budget."""
        number = self.rests.of((self.histories.of(history), budget))
        if number == len(self.rest_images):
            self.rest_images.append(None)
        return number

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

    def check(self, rest: int, cells: list[int], changed: int) -> Alarms:
        """What the nodes break now that one has changed."""
        nodes = [self.cells.values[cell][0] for cell in cells]
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

    def images_of(self, cell: int) -> list[int]:
        """The cell under each renaming. All of them are in one orbit, named after its first."""
        known = self.images[cell]
        if known is not None:
            return known
        node, inbox = self.cells.values[cell]
        nodes, inboxes = self._node_images(node), self._inbox_images(inbox)
        images = [self.cell(node, inbox) for node, inbox in zip(nodes, inboxes, strict=True)]
        self.images[cell] = images
        self.orbit[cell] = min(images)
        return images

    def _node_images(self, node: int) -> list[int]:
        known = self.node_images.get(node)
        if known is None:
            value = self.nodes.values[node]
            known = self.node_images[node] = [self.nodes.of(self._renamed(value, order)) for order in self.orders]
        return known

    def _inbox_images(self, inbox: int) -> list[int]:
        known = self.inbox_images.get(inbox)
        if known is None:
            known = [0] * len(self.orders)
            for message in self.deliverable(inbox):
                for number, image in enumerate(self._message_images(message)):
                    known[number] |= 1 << image
            self.inbox_images[inbox] = known
        return known

    def _message_images(self, message: int) -> list[int]:
        known = self.message_images.get(message)
        if known is None:
            value = self.messages.values[message]
            known = [self.messages.of(self._renamed(value, order)) for order in self.orders]
            self.message_images[message] = known
        return known

    def _renamed(self, value: Any, order: tuple[int, ...]) -> Hashable:
        return self.model.rename(value, order) if self.model.rename else value

    def rest_images_of(self, rest: int) -> list[int]:
        """The rest under each renaming."""
        known = self.rest_images[rest]
        if known is None:
            history, budget = self.rests.values[rest]
            value = self.histories.values[history]
            known = [self.rest(self._renamed(value, order), budget) for order in self.orders]
            self.rest_images[rest] = known
        return known
