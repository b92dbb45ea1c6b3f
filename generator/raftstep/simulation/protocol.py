"""What a run needs to know of a protocol, as one value: another one can then take Raft's place in the same simulator.

The code around it is typed for Raft's nodes, messages and outcomes. Another protocol's answer to the same names
(``id``, ``role``, ``current_term``, ``log``, ``commit_index`` …), and its value here is where that is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from raftstep.core.inputs import Input, Outcome
from raftstep.core.messages import Message
from raftstep.core.model import Entry, Index, Node, NodeId, Role, Term, new_node
from raftstep.core.step import restart, step
from raftstep.simulation import raft_words
from raftstep.simulation.alarm import Alarm
from raftstep.simulation.cluster import Cluster, boot
from raftstep.simulation.invariants import PROPERTIES, History, observe

StepFunction = Callable[[Node, Input], Outcome]
Observer = Callable[[Any, Cluster, Cluster, NodeId | None], tuple[Any, list[Alarm]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolWords:
    """What a protocol calls the things that pictures, tables and legends show.

    An entry that is ``settled`` will never change, as its node knows; of one that is ``open`` it does not know that.
    ``signs`` explains the signs of a picture of logs.
    """

    term: str
    vote: str
    log: str
    commit_index: str
    committed: str
    settled: str
    open: str
    each_vote: str
    signs: str
    roles: Mapping[Role, str]

    @property
    def labels(self) -> dict[str, str]:
        """The heads of a table's columns, and what a legend names, by the names that templates use."""
        return {
            "term": self.term.capitalize(),
            "vote": self.vote.capitalize(),
            "log": self.log.capitalize(),
            "commit_index": self.commit_index.capitalize(),
            "follower": self.roles[Role.FOLLOWER],
            "candidate": self.roles[Role.CANDIDATE],
            "leader": self.roles[Role.LEADER],
            "each_vote": self.each_vote,
            "settled": self.settled,
            "open": self.open,
            "signs": self.signs,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protocol:
    """One protocol: how its nodes act, what must hold, and how it is put in words and pictures.

    ``name`` is how scenarios write it, ``title`` how readers do. Its nodes, entries and messages are of its
    ``own_types``; its functions are given those, and nothing of another protocol.

    ``boot`` makes the cluster, ``step`` is one node, ``crash`` leaves of a node what was durable, and ``wipe`` nothing
    but its name and what it was started with. A node that
    ``is_leader`` has a heartbeat for its timer, any other an election timeout. ``observe`` holds the ``properties``
    after every event, and begins with what ``new_history`` makes.

    With ``proposes_no_ops`` a no-op may be in a log whatever the settings. In a log ``is_hole`` (entry) says that
    nothing is there, and ``is_settled`` (node, index) that the node knows the entry will never change.

    ``message_words``, ``entry_words`` and ``node_words`` are for transcripts; ``entry_content`` is an entry without its
    term. ``message_kind`` is which glyph a message has, ``message_name`` what a line of a picture calls it, and
    ``kind_names`` the legend, in its order.
    """

    name: str
    title: str
    own_types: tuple[type, ...]
    boot: Callable[..., Cluster]
    step: StepFunction
    crash: Callable[[Node], Node]
    wipe: Callable[[Node], Node]
    is_leader: Callable[[Node], bool]
    new_history: Callable[[], Any]
    observe: Observer
    properties: Mapping[str, str]
    proposes_no_ops: bool
    is_hole: Callable[[Any], bool]
    is_settled: Callable[[Any, Index], bool]
    words: ProtocolWords
    message_words: Callable[[Any], str]
    entry_words: Callable[[Any], str]
    entry_content: Callable[[Any], str]
    node_words: Callable[[Any], str]
    message_kind: Callable[[Any], str]
    message_name: Callable[[Any], str]
    kind_names: Mapping[str, str]


def _crash_node(node: Node) -> Node:
    return restart(node).node


def _wipe_node(node: Node) -> Node:
    empty_node = new_node(node.id, node.bootstrap, node.settings)
    return replace(empty_node, disk_is_slow=node.disk_is_slow)


def term_number(term: Term) -> int:
    """The number that grows with each election: a term itself, or the round of a ballot."""
    return int(term)


def _is_hole(_entry: Entry) -> bool:
    """A log of Raft has none."""
    return False


def _is_settled(node: Node, index: Index) -> bool:
    """What is committed stays, and all before it."""
    return index <= node.commit_index


def has_leader_role(node: Node) -> bool:
    """Whether a node has the leader's role."""
    return node.role is Role.LEADER


RAFT = Protocol(
    name="raft",
    title="Raft",
    own_types=(Node, Entry, *get_args(Message)),
    boot=boot,
    step=step,
    crash=_crash_node,
    wipe=_wipe_node,
    is_leader=has_leader_role,
    new_history=History,
    observe=observe,
    properties=PROPERTIES,
    proposes_no_ops=False,
    is_hole=_is_hole,
    is_settled=_is_settled,
    words=ProtocolWords(
        term="term",
        vote="vote",
        log="log",
        commit_index="commit index",
        committed="committed",
        settled="entry this node knows to be committed",
        open="entry this node does not know to be committed",
        each_vote="a dot for each vote",
        signs="T2 means term 2. A dot in a cell is the leader’s match index, a wedge its next index.",
        roles={role: role.value for role in Role},
    ),
    message_words=raft_words.message_words,
    entry_words=raft_words.entry_words,
    entry_content=raft_words.entry_content,
    node_words=raft_words.node_words,
    message_kind=raft_words.message_kind,
    message_name=raft_words.message_name,
    kind_names=raft_words.KIND_NAMES,
)
