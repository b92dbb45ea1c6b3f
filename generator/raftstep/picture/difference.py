"""Where two runs of one schedule differ at a moment: roles, votes, terms, leases, what stands at an index, answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from raftstep.core.inputs import Answer, Applied, NotLeader, ReadResult, Refused
from raftstep.core.messages import Message
from raftstep.core.model import NO_OFFICE, Index, Node, NodeId, Office
from raftstep.picture.entries import last_held, snapshot_of
from raftstep.picture.log_view import is_hole, is_settled
from raftstep.scenario.facts import listed
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.protocol import Words, term_number
from raftstep.simulation.protocols import protocol_of

MOST_TOLD = 3
"""How many differences are told in words; all are marked in the pictures."""

Held = tuple[str, int, bool]
"""What stands at an index: its content, the number of its term or ballot, and whether the node knows it is settled."""


Told = tuple[tuple[NodeId, Answer], ...]
"""All that clients have been told in a run so far, and by whom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is not the same in two runs: nodes by all but their logs, the places in these, and everything in words."""

    nodes: tuple[NodeId, ...]
    places: tuple[tuple[NodeId, Index], ...]
    told: tuple[str, ...]

    @property
    def words(self) -> str:
        """One sentence for readers."""
        if not self.told:
            return (
                "Both runs stand alike here, node by node: the same roles, the same entries in the same places, "
                "and the same answers to clients."
            )
        shown = list(self.told[:MOST_TOLD])
        left = len(self.told) - MOST_TOLD
        if left > 0:
            shown.append(f"and {left} more difference{'s' if left > 1 else ''}, marked in the pictures")
        return f"**The runs differ here:** {'; '.join(shown)}."


def difference(one: Cluster, other: Cluster, answers: tuple[Told, Told] = ((), ())) -> Difference:
    """How two clusters of the same nodes differ, and what each run has told clients up to there.

    Terms and ballots are compared by their numbers.
    """
    first, second = (protocol_of(cluster.nodes[0]) for cluster in (one, other))
    names = (first.title, second.title) if first is not second else ("the first run", "the second")
    roles = tuple(node.id for node in one.nodes if _role(one, node) != _role(other, other.node(node.id)))
    votes = _votes(one, other) if first is second else ()
    told = [
        f"{id} is {_role_words(one, one.node(id), first.words)} in {names[0]} and "
        f"{_role_words(other, other.node(id), second.words)} in {names[1]}"
        for id in roles
    ]
    told += [
        f"{id} has voted for {one.node(id).voted_for or 'nobody'} in {names[0]} "
        f"and for {other.node(id).voted_for or 'nobody'} in {names[1]}"
        for id in votes
    ]
    places: list[tuple[NodeId, Index]] = []
    groups: dict[tuple[Index, Held | None, Held | None], list[NodeId]] = {}
    for node in one.nodes:
        twin = other.node(node.id)
        for index in range(1, max(last_held(node), last_held(twin)) + 1):
            here, there = _held(node, index), _held(twin, index)
            if here != there:
                places.append((node.id, index))
                groups.setdefault((index, here, there), []).append(node.id)
    for (index, here, there), ids in groups.items():
        where = f"index {index} of {listed(ids)}"
        left = _held_words(here, there, first.words)
        right = _held_words(there, here, second.words)
        told.append(f"{where} holds {left} in {names[0]} and {right} in {names[1]}")
    terms = _terms(one, other) if first is second else ()
    told += [
        f"{id} is in {first.words.term} {term_number(one.node(id).current_term)} in {names[0]} "
        f"and in {first.words.term} {term_number(other.node(id).current_term)} in {names[1]}"
        for id in terms
    ]
    leases = [id for id in _leases(one, other) if id not in roles] if first is second else []
    told += [
        f"{id} has {_lease_words(one.node(id))} in {names[0]} and {_lease_words(other.node(id))} in {names[1]}"
        for id in leases
    ]
    spoke = _spoke(*answers, names)
    told += spoke.values()
    nodes = tuple(node.id for node in one.nodes if node.id in {*roles, *votes, *terms, *leases, *spoke})
    if not told and first is second and _sent(one) != _sent(other):
        told.append("roles, votes and entries are still the same, what is on its way is not")
    return Difference(nodes=nodes, places=tuple(places), told=tuple(told))


def _votes(one: Cluster, other: Cluster) -> tuple[NodeId, ...]:
    """The nodes that have given their vote of one term to two different nodes, or to none in one of the runs."""
    pairs = ((node, other.node(node.id)) for node in one.nodes)
    return tuple(
        node.id for node, twin in pairs if node.current_term == twin.current_term and node.voted_for != twin.voted_for
    )


def _terms(one: Cluster, other: Cluster) -> tuple[NodeId, ...]:
    return tuple(node.id for node in one.nodes if node.current_term != other.node(node.id).current_term)


def _leases(one: Cluster, other: Cluster) -> tuple[NodeId, ...]:
    return tuple(node.id for node in one.nodes if _lease_ms(node) != _lease_ms(other.node(node.id)))


def _lease_ms(node: Node) -> int:
    """Until when a leader's lease lasts; Multi-Paxos has none."""
    office: Office = getattr(node, "office", NO_OFFICE)
    return office.lease_until_ms


def _lease_words(node: Node) -> str:
    return f"a lease until {_lease_ms(node)} ms by its clock" if _lease_ms(node) else "no lease"


def _spoke(one: Told, other: Told, names: tuple[str, str]) -> dict[NodeId, str]:
    """What each node has told a client in one run only, in words."""
    here, there = (Counter((id, _answer_words(answer)) for id, answer in told) for told in (one, other))
    first, second = here - there, there - here
    told: dict[NodeId, str] = {}
    for id in dict.fromkeys(id for id, _ in (*first, *second)):
        left, right = (" and ".join(words for who, words in run.elements() if who == id) for run in (first, second))
        only, never = names if left else names[::-1]
        rest = f"and {right} in {never}" if left and right else f"but not in {never}"
        told[id] = f"{id} has told a client {left or right} in {only} {rest}"
    return told


def _answer_words(answer: Answer) -> str:
    match answer:
        case Applied():
            return f"that {answer.command} is done"
        case NotLeader():
            return f"to ask {answer.leader or 'again later'}"
        case ReadResult():
            return f"that {answer.key} is {answer.value or 'not set'}"
        case Refused():
            return f"that “{answer.what}” is refused"


def _sent(cluster: Cluster) -> set[Message]:
    return {packet.message for packet in cluster.packets}


def _role(cluster: Cluster, node: Node) -> str:
    return "down" if node.id in cluster.down else node.role.value


def _role_words(cluster: Cluster, node: Node, words: Words) -> str:
    if node.id in cluster.down:
        return "down"
    role = words.roles[node.role]
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"


def _held(node: Node, index: Index) -> Held | None:
    snapshot = snapshot_of(node)
    if index <= snapshot.index:
        return f"a snapshot up to {snapshot.index}", snapshot.term, True
    if index > last_held(node) or is_hole(node.log[index - snapshot.index - 1]):
        return None
    entry = node.log[index - snapshot.index - 1]
    return entry_content(entry), term_number(entry.term), is_settled(node, index)


def _held_words(held: Held | None, twin: Held | None, words: Words) -> str:
    if held is None:
        return "nothing"
    content, number, settled = held
    if twin is None or twin[0] != content:
        return content
    if twin[1] != number:
        return f"{content} of {words.term} {number}"
    return f"{content}, {words.committed}" if settled else f"{content}, not known to be {words.committed}"
