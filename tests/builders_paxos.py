"""Builders for tests of Multi-Paxos: nodes and messages with only what a test is about written out."""

from __future__ import annotations

from raftstep.core.inputs import Receive
from raftstep.core.model import Configuration, Role
from raftstep.core.paxos.guards import Guard
from raftstep.core.paxos.messages import Message
from raftstep.core.paxos.model import NO_OP, Ballot, Node, Proposal, Slot, Value
from raftstep.core.paxos.outcome import Outcome
from raftstep.core.paxos.step import step

THREE = ("S1", "S2", "S3")


def ballot(text: str) -> Ballot:
    """A ballot as pictures write it: ``2.S1``."""
    number, _, owner = text.partition(".")
    return Ballot(int(number), owner)


def value(command: str) -> Value:
    """A value; ``no-op`` for nothing to be done."""
    return NO_OP if command == "no-op" else Value(command=command)


def slots(text: str) -> tuple[Slot, ...]:
    """Slots as transcripts write them: ``a@2.S1! - b@1.S2``, where ``!`` is *known to be chosen* and ``-`` a hole."""
    result = []
    for word in text.split():
        command, _, number = word.removesuffix("!").partition("@")
        result.append(
            Slot() if word == "-" else Slot(ballot=ballot(number), value=value(command), is_chosen=word.endswith("!"))
        )
    return tuple(result)


def proposals(text: str, first: int = 1) -> tuple[Proposal, ...]:
    """Proposals for slots from ``first`` on, written as slots are; a holes's is left out."""
    return tuple(
        Proposal(index=index, value=slot.value, ballot=slot.ballot)
        for index, slot in enumerate(slots(text), first)
        if not slot.is_hole
    )


def node(
    id: str = "S1",
    *,
    promised: str = "1",
    slots_text: str = "",
    role: Role = Role.FOLLOWER,
    leader: str | None = None,
    ids: tuple[str, ...] = THREE,
    without: tuple[Guard, ...] = (),
) -> Node:
    """A node of a cluster of three."""
    return Node(
        id=id,
        configuration=Configuration(voters=ids),
        promised_ballot=ballot(promised),
        slots=slots(slots_text),
        role=role,
        leader=leader,
        without=frozenset(without),
    )


def receive(receiver: Node, *messages: Message) -> Outcome:
    """What a node does with the last of these messages, having handled those before it."""
    outcome = Outcome(node=receiver)
    for message in messages:
        outcome = step(outcome.node, Receive(message=message))  # type: ignore[arg-type]
    return outcome
