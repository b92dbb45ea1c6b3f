"""A second search of Raft, written from the rules alone, to count what the first one counts.

Nothing here is the generator's. One node's step is in ``second_node``; and states are kept in another way: a *place*
is a node with its inbox, a state is a number for each place and one for the rest, and what can happen at a place is
worked out once.

How many states there are depends on what a state is, so the choices must be those of the first search:

**What is one event.** One thing at one node, with all that it does in answer. A crash and its restart are one. A
leader sends when it is elected, when it takes a command, when it is refused, and in rounds of heartbeats where there
are any; never when it is acknowledged. It sends all that the follower may lack. What is refused is answered too.

**What is in a state.** The nodes, each with its term, vote, log, role and commit index; a candidate and a leader with
the votes they counted, a leader with its next and match indexes. Every message ever sent, once, arrived or not. How
many commands and crashes are left. The committed entries, each with the term of the leader that committed it.

**What is not.** Whom a node takes for the leader. The state machine, and how far it has come.

**What is left out of an inbox.** Answers that come too late: of an earlier term; a vote that is refused, that was
counted, or whose candidate is none any more; an acknowledgement that says nothing new, or whose leader is a follower.
Requests stay, however late.

**What counts as one.** States that differ in nothing but the names of the nodes. A command bears the name of the node
that took it, and no other.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from typing import Any, NamedTuple

from tests.simulation.explore.second_node import (
    LEADER,
    Log,
    Node,
    Outcome,
    heartbeats,
    receives,
    renamed,
    renamed_log,
    renamed_message,
    restarts,
    spent,
    takes_command,
    times_out,
)

State = tuple[int, ...]
"""The number of each place, and last the number of the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How far the search goes."""

    nodes: int = 3
    terms: int = 2
    entries: int = 1
    commands: int = 1
    crashes: int = 0
    heartbeats: bool = True


class Counted(NamedTuple):
    """What came of it. ``broken`` are the properties that states ``depth`` events away break; none nearer does."""

    states: int
    depth: int
    broken: frozenset[str] = frozenset()


class Place(NamedTuple):
    """A node, and the numbers of the messages in its inbox."""

    node: Node
    inbox: frozenset[int]


class Rest(NamedTuple):
    """What is left, and the committed entries with the terms of the leaders that committed them."""

    commands: int
    crashes: int
    committed: Log = ()
    terms: tuple[int, ...] = ()


class Move(NamedTuple):
    """One event: the place after it, messages as (target, number), what it spends, what is committed in which term."""

    place: int
    sent: tuple[tuple[int, int], ...]
    commands: int
    crashes: int
    committed: tuple[int, Log] | None


class Search:
    """Everything is worked out once, and known by its number from then on."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.values: list[Any] = []
        self.numbers: dict[Any, int] = {}
        self.orders = list(permutations(range(scope.nodes)))
        self.back = [(which, [order.index(at) for at in self.orders[0]]) for which, order in enumerate(self.orders)]
        self.moves = cache(self._moves)
        self.spend = cache(self._spend)
        self.put = cache(self._put)
        self.images = cache(self._images)

    def count(self) -> Counted:
        """Breadth-first, to the end or to the first depth at which a property breaks."""
        places = [self.place(Node(id=id), frozenset()) for id in self.orders[0]]
        level = [self.least([*places, self.number(Rest(self.scope.commands, self.scope.crashes))])]
        seen, depth = set(level), 0
        while True:
            fresh: set[State] = set()
            for state in level:
                fresh.update(after for after in self.following(state) if after not in seen)
            if not fresh:
                return Counted(len(seen), depth)
            depth += 1
            seen |= fresh
            if broken := {name for state in fresh for name in self.broken(state)}:
                return Counted(len(seen), depth, frozenset(broken))
            level = list(fresh)

    def following(self, state: State) -> Iterator[State]:
        """The states one event away."""
        for at in self.orders[0]:
            for place, sent, commands, crashes, committed in self.moves(state[at]):
                after = list(state)
                after[at] = place
                for target, message in sent:
                    after[target] = self.put(after[target], message)
                if commands or crashes or committed:
                    after[-1] = self.spend(after[-1], commands, crashes, committed)
                if after[-1] >= 0:
                    yield self.least(after)

    def _moves(self, number: int) -> list[Move]:
        """All that can happen at a place."""
        node, inbox = self.values[number]
        scope, found = self.scope, []
        if node.role == LEADER:
            if scope.heartbeats:
                found.append(self.move(number, heartbeats(node)))
            if len(node.log) < scope.entries:
                found.append(self.move(number, takes_command(node), commands=1))
        elif node.current_term < scope.terms:
            found.append(self.move(number, times_out(node, scope.nodes)))
        if scope.crashes:
            found.append(self.move(number, restarts(node), crashes=1))
        found += [self.move(number, receives(node, self.values[one], scope.nodes)) for one in sorted(inbox)]
        return [move for move in found if move != Move(number, (), 0, 0, None)]

    def move(self, number: int, outcome: Outcome, commands: int = 0, crashes: int = 0) -> Move:
        """An event by its outcome."""
        (was, inbox), (now, messages) = self.values[number], outcome
        commits = now.role == LEADER and now.commit_index > was.commit_index
        committed = (now.current_term, now.log[: now.commit_index]) if commits else None
        sent = tuple((message.target, self.number(message)) for message in messages)
        return Move(self.place(now, inbox), sent, commands, crashes, committed)

    def _spend(self, number: int, commands: int, crashes: int, committed: tuple[int, Log] | None) -> int:
        """The rest after an event; -1 where too little is left for it."""
        rest: Rest = self.values[number]
        left = rest._replace(commands=rest.commands - commands, crashes=rest.crashes - crashes)
        if left.commands < 0 or left.crashes < 0:
            return -1
        if committed:
            fresh = committed[1][len(rest.committed) :]
            left = left._replace(committed=rest.committed + fresh, terms=rest.terms + (committed[0],) * len(fresh))
        return self.number(left)

    def broken(self, state: State) -> Iterator[str]:
        """The properties that a state breaks."""
        rest: Rest = self.values[state[-1]]
        nodes: list[Node] = [self.values[number].node for number in state[:-1]]
        for one, other in combinations(nodes, 2):
            if one.role == other.role == LEADER and one.current_term == other.current_term:
                yield "Election Safety"
            pairs = enumerate(zip(one.log, other.log, strict=False), 1)
            same = [index for index, (here, there) in pairs if here.term == there.term]
            if same and one.log[: same[-1]] != other.log[: same[-1]]:
                yield "Log Matching"
        for node in nodes:
            known = min(node.commit_index, len(rest.committed))
            if node.log[:known] != rest.committed[:known]:
                yield "State Machine Safety"
            for at, (entry, term) in enumerate(zip(rest.committed, rest.terms, strict=True)):
                if node.role == LEADER and node.current_term > term and node.log[at : at + 1] != (entry,):
                    yield "Leader Completeness"

    # numbers and names

    def number(self, value: Any) -> int:
        """Values are numbered as they come."""
        number = self.numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number

    def place(self, node: Node, inbox: frozenset[int]) -> int:
        """A node with what can still matter in its inbox."""
        return self.number(Place(node, frozenset(one for one in inbox if not spent(node, self.values[one]))))

    def _put(self, number: int, message: int) -> int:
        node, inbox = self.values[number]
        return self.place(node, inbox | {message})

    def least(self, state: list[int]) -> State:
        """A state under the names that make its numbers least."""
        images = [self.images(number) for number in state]
        rest = images[-1]
        return min((*[images[one][which] for one in back], rest[which]) for which, back in self.back)

    def _images(self, number: int) -> list[int]:
        """A value under all names."""
        return [self.number(self._renamed(self.values[number], which)) for which in range(len(self.orders))]

    def _renamed(self, value: Any, which: int) -> Any:
        order = self.orders[which]
        if isinstance(value, Place):
            return Place(renamed(value.node, order), frozenset(self.images(one)[which] for one in value.inbox))
        if isinstance(value, Rest):
            return value._replace(committed=renamed_log(value.committed, order))
        return renamed_message(value, order)


def main(arguments: Sequence[str]) -> int:
    """Search by hand; the largest bounds of the page on safety take minutes."""
    parser = ArgumentParser(prog="python -m tests.simulation.explore.second", description="Count the states of Raft.")
    for name, default in (("nodes", 3), ("terms", 2), ("entries", 2), ("commands", 2), ("crashes", 0)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    parser.add_argument("--heartbeats", action=BooleanOptionalAction, default=True)
    found = Search(Scope(**vars(parser.parse_args(arguments)))).count()
    broken = f"broken: {', '.join(sorted(found.broken))}" if found.broken else "nothing broken"
    print(f"{found.states:,} states, the farthest {found.depth} events away; {broken}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
