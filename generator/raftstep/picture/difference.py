"""Where two runs of one schedule differ at a moment: roles, votes, terms, leases, what is at an index, answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from raftstep.core.inputs import Answer, CommandApplied, NotLeader, ReadResult, RequestRefused
from raftstep.core.messages import Message
from raftstep.core.model import Index, Node, NodeId
from raftstep.document.markdown_text import escape_markdown
from raftstep.picture.log_view import is_hole, is_settled, last_index_of
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.protocol import Protocol, ProtocolWords, term_number
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.short_words import join_and

MOST_DESCRIBED = 3
"""How many differences are described in words; all are marked in the pictures."""

IndexContent = tuple[str, int, bool]
"""What is at an index: its content, the number of its term or ballot, and whether the node knows it is settled."""


ClientAnswers = tuple[tuple[NodeId, Answer], ...]
"""All replies to clients in a run so far, and who sent each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is not the same in two runs: nodes by all but their logs, the places in these, and everything in words."""

    nodes: tuple[NodeId, ...]
    log_positions: tuple[tuple[NodeId, Index], ...]
    descriptions: tuple[str, ...]

    @property
    def words(self) -> str:
        """One sentence for readers, in Markdown."""
        if not self.descriptions:
            return (
                "Both runs are alike here, node by node: the same roles, the same entries in the same places, "
                "and the same answers to clients."
            )
        clauses = list(self.descriptions[:MOST_DESCRIBED])
        left = len(self.descriptions) - MOST_DESCRIBED
        if left > 0:
            clauses.append(f"and {left} more difference{'s' if left > 1 else ''}, marked in the pictures")
        return f"**The runs differ here:** {escape_markdown('; '.join(clauses))}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClusterPair:
    """Two clusters of the same nodes, one of each run."""

    first: Cluster
    second: Cluster

    @property
    def protocols(self) -> tuple[Protocol, Protocol]:
        """What the nodes of each speak."""
        return protocol_of(self.first.nodes[0]), protocol_of(self.second.nodes[0])

    @property
    def has_one_protocol(self) -> bool:
        """Whether both runs are of one protocol, so that votes and terms can be compared."""
        return self.protocols[0] is self.protocols[1]

    @property
    def run_names(self) -> tuple[str, str]:
        """What the runs are called in sentences."""
        if self.has_one_protocol:
            return "the first run", "the second"
        return self.protocols[0].title, self.protocols[1].title

    @property
    def nodes(self) -> Iterator[tuple[Node, Node]]:
        """Each node as it is in either run."""
        return ((node, self.second.node(node.id)) for node in self.first.nodes)

    def contrast(self, what: str, first_words: str, second_words: str, joint: str = "and ") -> str:
        """A sentence on one thing in both runs."""
        first_name, second_name = self.run_names
        return f"{what}{first_words} in {first_name} {joint}{second_words} in {second_name}"


def compare_clusters(
    first_cluster: Cluster, second_cluster: Cluster, answers: tuple[ClientAnswers, ClientAnswers] = ((), ())
) -> Difference:
    """How two clusters of the same nodes differ, and what clients have been answered in each run up to there.

    Terms and ballots are compared by their numbers.
    """
    pair = _ClusterPair(first=first_cluster, second=second_cluster)
    roles = _compare_roles(pair)
    votes = _compare_votes(pair) if pair.has_one_protocol else {}
    positions_by_words = _compare_logs(pair)
    terms = _compare_terms(pair) if pair.has_one_protocol else {}
    leases = _compare_leases(pair) if pair.has_one_protocol else {}
    leases = {id: words for id, words in leases.items() if id not in roles}
    answer_words = _describe_answer_differences(*answers, pair.run_names)
    descriptions = [
        *roles.values(),
        *votes.values(),
        *positions_by_words,
        *terms.values(),
        *leases.values(),
        *answer_words.values(),
    ]
    if (
        not descriptions
        and pair.has_one_protocol
        and _collect_messages(first_cluster) != _collect_messages(second_cluster)
    ):
        descriptions.append("roles, votes and entries are still the same, the messages in flight are not")
    differing_ids = {*roles, *votes, *terms, *leases, *answer_words}
    ids = first_cluster.ids
    positions = [position for group in positions_by_words.values() for position in group]
    return Difference(
        nodes=tuple(id for id in ids if id in differing_ids),
        log_positions=tuple(sorted(positions, key=lambda position: (ids.index(position[0]), position[1]))),
        descriptions=tuple(descriptions),
    )


def _compare_roles(pair: _ClusterPair) -> dict[NodeId, str]:
    """What each node is, where that differs."""
    first_words, second_words = (protocol.words for protocol in pair.protocols)
    return {
        node.id: pair.contrast(
            f"{node.id} is ",
            _describe_role(pair.first, node, first_words),
            _describe_role(pair.second, twin, second_words),
        )
        for node, twin in pair.nodes
        if _role_of(pair.first, node) != _role_of(pair.second, twin)
    }


def _compare_votes(pair: _ClusterPair) -> dict[NodeId, str]:
    """Whom each node has voted for, where it has given its vote of one term to two, or to none in one of the runs."""
    return {
        node.id: pair.contrast(
            f"{node.id} has voted for ", node.voted_for or "nobody", twin.voted_for or "nobody", "and for "
        )
        for node, twin in pair.nodes
        if node.current_term == twin.current_term and node.voted_for != twin.voted_for
    }


def _compare_logs(pair: _ClusterPair) -> dict[str, list[tuple[NodeId, Index]]]:
    """What is at each index where the logs differ, with the places that one sentence can name together."""
    ids_by_content: dict[tuple[Index, IndexContent | None, IndexContent | None], list[NodeId]] = {}
    for node, twin in pair.nodes:
        for index in range(1, max(last_index_of(node), last_index_of(twin)) + 1):
            contents = _content_at(node, index), _content_at(twin, index)
            if contents[0] != contents[1]:
                ids_by_content.setdefault((index, *contents), []).append(node.id)
    first_words, second_words = (protocol.words for protocol in pair.protocols)
    return {
        pair.contrast(
            f"index {index} of {join_and(ids)} holds ",
            _describe_content(first_content, second_content, first_words),
            _describe_content(second_content, first_content, second_words),
        ): [(id, index) for id in ids]
        for (index, first_content, second_content), ids in ids_by_content.items()
    }


def _compare_terms(pair: _ClusterPair) -> dict[NodeId, str]:
    """The number of each node's term, where that differs."""
    word = pair.protocols[0].words.term
    return {
        node.id: pair.contrast(
            f"{node.id} is in ",
            f"{word} {term_number(node.current_term)}",
            f"{word} {term_number(twin.current_term)}",
            "and in ",
        )
        for node, twin in pair.nodes
        if node.current_term != twin.current_term
    }


def _compare_leases(pair: _ClusterPair) -> dict[NodeId, str]:
    """Until when each node's lease lasts, where that differs."""
    return {
        node.id: pair.contrast(f"{node.id} has ", _describe_lease(node), _describe_lease(twin))
        for node, twin in pair.nodes
        if _lease_until_ms(node) != _lease_until_ms(twin)
    }


def _lease_until_ms(node: Node) -> int:
    """Until when a leader's lease lasts; Multi-Paxos has none."""
    return node.leader_state.lease_until_ms


def _describe_lease(node: Node) -> str:
    return f"a lease until {_lease_until_ms(node)} ms by its clock" if _lease_until_ms(node) else "no lease"


def _describe_answer_differences(
    first_answers: ClientAnswers, second_answers: ClientAnswers, run_names: tuple[str, str]
) -> dict[NodeId, str]:
    """What each node has replied to a client in one run only, in words."""
    first_counts, second_counts = (
        Counter((id, _describe_answer(answer)) for id, answer in answers) for answers in (first_answers, second_answers)
    )
    only_first, only_second = first_counts - second_counts, second_counts - first_counts
    descriptions: dict[NodeId, str] = {}
    for id in dict.fromkeys(id for id, _ in (*only_first, *only_second)):
        first_words, second_words = (
            " and ".join(words for who, words in run.elements() if who == id) for run in (only_first, only_second)
        )
        replying_run, silent_run = run_names if first_words else run_names[::-1]
        rest = f"and {second_words} in {silent_run}" if first_words and second_words else f"but not in {silent_run}"
        descriptions[id] = f"{id} has replied to a client {first_words or second_words} in {replying_run} {rest}"
    return descriptions


def _describe_answer(answer: Answer) -> str:
    match answer:
        case CommandApplied():
            return f"that {answer.command} is applied"
        case NotLeader():
            return f"that {answer.leader} leads" if answer.leader else "that no leader is known"
        case ReadResult():
            return f"that {answer.key} is {answer.value or 'not set'}"
        case RequestRefused():
            return f"that “{answer.request}” is refused"


def _collect_messages(cluster: Cluster) -> set[Message]:
    return {packet.message for packet in cluster.packets}


def _role_of(cluster: Cluster, node: Node) -> str:
    if node.id in cluster.down_nodes:
        return "down"
    return f"{node.role.value}, paused" if cluster.is_paused(node.id) else node.role.value


def _describe_role(cluster: Cluster, node: Node, words: ProtocolWords) -> str:
    if node.id in cluster.down_nodes:
        return "down"
    role = words.roles[node.role]
    article, pause = "an" if role[0] in "aeiou" else "a", ", paused" if cluster.is_paused(node.id) else ""
    return f"{article} {role}{pause}"


def _content_at(node: Node, index: Index) -> IndexContent | None:
    snapshot = node.snapshot
    if index <= snapshot.index:
        return f"a snapshot up to {snapshot.index}", snapshot.term, True
    if index > last_index_of(node) or is_hole(node.log[index - snapshot.index - 1]):
        return None
    entry = node.log[index - snapshot.index - 1]
    return entry_content(entry), term_number(entry.term), is_settled(node, index)


def _describe_content(index_content: IndexContent | None, twin: IndexContent | None, words: ProtocolWords) -> str:
    if index_content is None:
        return "nothing"
    content, number, is_known_settled = index_content
    if twin is None or twin[0] != content:
        return content
    if twin[1] != number:
        return f"{content} of {words.term} {number}"
    return f"{content}, {words.committed}" if is_known_settled else f"{content}, not known to be {words.committed}"
