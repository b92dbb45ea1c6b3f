"""A second search of Raft, written from the rules alone, to count what the first one counts.

Nothing here is the generator's. One node's step is in ``second_search_node``; and states are kept in another way: a
*local state* is a node with its inbox, a state is a number for each place and one for the rest, and what can happen at
a place is worked out once.

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

from tests.tools.second_search_node import (
    LEADER,
    Log,
    Node,
    Outcome,
    is_spent,
    receive,
    rename_log,
    rename_message,
    rename_node,
    restart,
    send_heartbeats,
    take_command,
    time_out,
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


class CountResult(NamedTuple):
    """What came of it.

    ``broken_properties`` are the properties that states ``depth`` events away break; none nearer does.
    """

    states: int
    depth: int
    broken_properties: frozenset[str] = frozenset()


class LocalState(NamedTuple):
    """A node, and the numbers of the messages in its inbox."""

    node: Node
    inbox: frozenset[int]


class Rest(NamedTuple):
    """What is left, and the committed entries with the terms of the leaders that committed them."""

    commands: int
    crashes: int
    committed: Log = ()
    terms: tuple[int, ...] = ()


class Transition(NamedTuple):
    """One event: the place after it, messages as (target, number), what it spends, what is committed in which term."""

    local_state: int
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
        self.inverse_orders = [
            (order_number, [order.index(index) for index in self.orders[0]])
            for order_number, order in enumerate(self.orders)
        ]
        self.transitions = cache(self._work_out_transitions)
        self.spend = cache(self._work_out_spending)
        self.deliver = cache(self._deliver)
        self.images = cache(self._work_out_images)

    def count(self) -> CountResult:
        """Breadth-first, to the end or to the first depth at which a property breaks."""
        local_states = [self.number_local_state(Node(id=id), frozenset()) for id in self.orders[0]]
        level = [self.canonicalize([*local_states, self.number(Rest(self.scope.commands, self.scope.crashes))])]
        seen, depth = set(level), 0
        while True:
            next_level: set[State] = set()
            for state in level:
                next_level.update(after for after in self.successors(state) if after not in seen)
            if not next_level:
                return CountResult(len(seen), depth)
            depth += 1
            seen |= next_level
            if broken_properties := {name for state in next_level for name in self.broken_properties(state)}:
                return CountResult(len(seen), depth, frozenset(broken_properties))
            level = list(next_level)

    def successors(self, state: State) -> Iterator[State]:
        """The states one event away."""
        for node_index in self.orders[0]:
            for local_state, sent, commands, crashes, committed in self.transitions(state[node_index]):
                after = list(state)
                after[node_index] = local_state
                for target, message in sent:
                    after[target] = self.deliver(after[target], message)
                if commands or crashes or committed:
                    after[-1] = self.spend(after[-1], commands, crashes, committed)
                if after[-1] >= 0:
                    yield self.canonicalize(after)

    def _work_out_transitions(self, number: int) -> list[Transition]:
        """All that can happen at a place."""
        node, inbox = self.values[number]
        scope, transitions = self.scope, []
        if node.role == LEADER:
            if scope.heartbeats:
                transitions.append(self.make_transition(number, send_heartbeats(node)))
            if len(node.log) < scope.entries:
                transitions.append(self.make_transition(number, take_command(node), commands=1))
        elif node.current_term < scope.terms:
            transitions.append(self.make_transition(number, time_out(node, scope.nodes)))
        if scope.crashes:
            transitions.append(self.make_transition(number, restart(node), crashes=1))
        transitions += [
            self.make_transition(number, receive(node, self.values[message], scope.nodes)) for message in sorted(inbox)
        ]
        return [transition for transition in transitions if transition != Transition(number, (), 0, 0, None)]

    def make_transition(self, number: int, outcome: Outcome, commands: int = 0, crashes: int = 0) -> Transition:
        """An event by its outcome."""
        (node_before, inbox), (node_after, messages) = self.values[number], outcome
        commits = node_after.role == LEADER and node_after.commit_index > node_before.commit_index
        committed = (node_after.current_term, node_after.log[: node_after.commit_index]) if commits else None
        sent = tuple((message.target, self.number(message)) for message in messages)
        return Transition(self.number_local_state(node_after, inbox), sent, commands, crashes, committed)

    def _work_out_spending(self, number: int, commands: int, crashes: int, committed: tuple[int, Log] | None) -> int:
        """The rest after an event; -1 where too little is left for it."""
        rest: Rest = self.values[number]
        new_rest = rest._replace(commands=rest.commands - commands, crashes=rest.crashes - crashes)
        if new_rest.commands < 0 or new_rest.crashes < 0:
            return -1
        if committed:
            new_entries = committed[1][len(rest.committed) :]
            new_rest = new_rest._replace(
                committed=rest.committed + new_entries, terms=rest.terms + (committed[0],) * len(new_entries)
            )
        return self.number(new_rest)

    def broken_properties(self, state: State) -> Iterator[str]:
        """The properties that a state breaks."""
        rest: Rest = self.values[state[-1]]
        nodes: list[Node] = [self.values[number].node for number in state[:-1]]
        for first, second in combinations(nodes, 2):
            if first.role == second.role == LEADER and first.current_term == second.current_term:
                yield "Election Safety"
            pairs = enumerate(zip(first.log, second.log, strict=False), 1)
            matching_indexes = [index for index, (here, there) in pairs if here.term == there.term]
            if matching_indexes and first.log[: matching_indexes[-1]] != second.log[: matching_indexes[-1]]:
                yield "Log Matching"
        for node in nodes:
            known_count = min(node.commit_index, len(rest.committed))
            if node.log[:known_count] != rest.committed[:known_count]:
                yield "State Machine Safety"
            for position, (entry, term) in enumerate(zip(rest.committed, rest.terms, strict=True)):
                if node.role == LEADER and node.current_term > term and node.log[position : position + 1] != (entry,):
                    yield "Leader Completeness"

    # numbers and names

    def number(self, value: Any) -> int:
        """Values are numbered as they come."""
        number = self.numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number

    def number_local_state(self, node: Node, inbox: frozenset[int]) -> int:
        """A node with what can still matter in its inbox."""
        return self.number(
            LocalState(node, frozenset(message for message in inbox if not is_spent(node, self.values[message])))
        )

    def _deliver(self, number: int, message: int) -> int:
        node, inbox = self.values[number]
        return self.number_local_state(node, inbox | {message})

    def canonicalize(self, state: list[int]) -> State:
        """A state under the names that make its numbers least."""
        images = [self.images(number) for number in state]
        rest = images[-1]
        return min(
            (*[images[index][order_number] for index in inverse], rest[order_number])
            for order_number, inverse in self.inverse_orders
        )

    def _work_out_images(self, number: int) -> list[int]:
        """A value under all names."""
        return [
            self.number(self._rename(self.values[number], order_number)) for order_number in range(len(self.orders))
        ]

    def _rename(self, value: Any, order_number: int) -> Any:
        order = self.orders[order_number]
        if isinstance(value, LocalState):
            return LocalState(
                rename_node(value.node, order), frozenset(self.images(message)[order_number] for message in value.inbox)
            )
        if isinstance(value, Rest):
            return value._replace(committed=rename_log(value.committed, order))
        return rename_message(value, order)


def main(arguments: Sequence[str]) -> int:
    """Search by hand; the largest bounds of the page on safety take minutes."""
    parser = ArgumentParser(prog="python -m tests.tools.second_search", description="Count the states of Raft.")
    for name, default in (("nodes", 3), ("terms", 2), ("entries", 2), ("commands", 2), ("crashes", 0)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    parser.add_argument("--heartbeats", action=BooleanOptionalAction, default=True)
    result = Search(Scope(**vars(parser.parse_args(arguments)))).count()
    broken_words = (
        f"broken: {', '.join(sorted(result.broken_properties))}" if result.broken_properties else "nothing broken"
    )
    print(f"{result.states:,} states, the farthest {result.depth} events away; {broken_words}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
