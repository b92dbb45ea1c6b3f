"""Where two runs of one schedule differ at a moment: roles, votes, terms, leases, what stands at an index, answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from raftstep.core.inputs import Answer, CommandApplied, NotLeader, ReadResult, RequestRefused
from raftstep.core.messages import Message
from raftstep.core.model import Index, Node, NodeId
from raftstep.document.markdown_text import escape_markdown
from raftstep.picture.log_view import is_hole, is_settled, last_index_of
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_content
from raftstep.simulation.protocol import ProtocolWords, term_number
from raftstep.simulation.protocols import protocol_of
from raftstep.simulation.short_words import join_and

MOST_DESCRIBED = 3
"""How many differences are told in words; all are marked in the pictures."""

IndexContent = tuple[str, int, bool]
"""What stands at an index: its content, the number of its term or ballot, and whether the node knows it is settled."""


ClientAnswers = tuple[tuple[NodeId, Answer], ...]
"""All that clients have been told in a run so far, and by whom."""


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
                "Both runs stand alike here, node by node: the same roles, the same entries in the same places, "
                "and the same answers to clients."
            )
        clauses = list(self.descriptions[:MOST_DESCRIBED])
        left = len(self.descriptions) - MOST_DESCRIBED
        if left > 0:
            clauses.append(f"and {left} more difference{'s' if left > 1 else ''}, marked in the pictures")
        return f"**The runs differ here:** {escape_markdown('; '.join(clauses))}."


def compare_clusters(
    first_cluster: Cluster, second_cluster: Cluster, answers: tuple[ClientAnswers, ClientAnswers] = ((), ())
) -> Difference:
    """How two clusters of the same nodes differ, and what each run has told clients up to there.

    Terms and ballots are compared by their numbers.
    """
    first_protocol, second_protocol = (protocol_of(cluster.nodes[0]) for cluster in (first_cluster, second_cluster))
    run_names = (
        (first_protocol.title, second_protocol.title)
        if first_protocol is not second_protocol
        else ("the first run", "the second")
    )
    roles = tuple(
        node.id
        for node in first_cluster.nodes
        if _role_of(first_cluster, node) != _role_of(second_cluster, second_cluster.node(node.id))
    )
    votes = _find_vote_differences(first_cluster, second_cluster) if first_protocol is second_protocol else ()
    descriptions = [
        f"{id} is {_describe_role(first_cluster, first_cluster.node(id), first_protocol.words)} in {run_names[0]} and "
        f"{_describe_role(second_cluster, second_cluster.node(id), second_protocol.words)} in {run_names[1]}"
        for id in roles
    ]
    descriptions += [
        f"{id} has voted for {first_cluster.node(id).voted_for or 'nobody'} in {run_names[0]} "
        f"and for {second_cluster.node(id).voted_for or 'nobody'} in {run_names[1]}"
        for id in votes
    ]
    log_positions: list[tuple[NodeId, Index]] = []
    ids_by_content: dict[tuple[Index, IndexContent | None, IndexContent | None], list[NodeId]] = {}
    for node in first_cluster.nodes:
        twin = second_cluster.node(node.id)
        for index in range(1, max(last_index_of(node), last_index_of(twin)) + 1):
            first_content, second_content = _content_at(node, index), _content_at(twin, index)
            if first_content != second_content:
                log_positions.append((node.id, index))
                ids_by_content.setdefault((index, first_content, second_content), []).append(node.id)
    for (index, first_content, second_content), ids in ids_by_content.items():
        where = f"index {index} of {join_and(ids)}"
        first_words = _describe_content(first_content, second_content, first_protocol.words)
        second_words = _describe_content(second_content, first_content, second_protocol.words)
        descriptions.append(f"{where} holds {first_words} in {run_names[0]} and {second_words} in {run_names[1]}")
    terms = _find_term_differences(first_cluster, second_cluster) if first_protocol is second_protocol else ()
    descriptions += [
        f"{id} is in {first_protocol.words.term} {term_number(first_cluster.node(id).current_term)} in {run_names[0]} "
        f"and in {first_protocol.words.term} {term_number(second_cluster.node(id).current_term)} in {run_names[1]}"
        for id in terms
    ]
    leases = (
        [id for id in _find_lease_differences(first_cluster, second_cluster) if id not in roles]
        if first_protocol is second_protocol
        else []
    )
    descriptions += [
        f"{id} has {_describe_lease(first_cluster.node(id))} in {run_names[0]} and "
        f"{_describe_lease(second_cluster.node(id))} in {run_names[1]}"
        for id in leases
    ]
    answer_descriptions = _describe_answer_differences(*answers, run_names)
    descriptions += answer_descriptions.values()
    nodes = tuple(
        node.id for node in first_cluster.nodes if node.id in {*roles, *votes, *terms, *leases, *answer_descriptions}
    )
    if (
        not descriptions
        and first_protocol is second_protocol
        and _collect_messages(first_cluster) != _collect_messages(second_cluster)
    ):
        descriptions.append("roles, votes and entries are still the same, what is on its way is not")
    return Difference(nodes=nodes, log_positions=tuple(log_positions), descriptions=tuple(descriptions))


def _find_vote_differences(first_cluster: Cluster, second_cluster: Cluster) -> tuple[NodeId, ...]:
    """The nodes that have given their vote of one term to two different nodes, or to none in one of the runs."""
    pairs = ((node, second_cluster.node(node.id)) for node in first_cluster.nodes)
    return tuple(
        node.id for node, twin in pairs if node.current_term == twin.current_term and node.voted_for != twin.voted_for
    )


def _find_term_differences(first_cluster: Cluster, second_cluster: Cluster) -> tuple[NodeId, ...]:
    return tuple(
        node.id for node in first_cluster.nodes if node.current_term != second_cluster.node(node.id).current_term
    )


def _find_lease_differences(first_cluster: Cluster, second_cluster: Cluster) -> tuple[NodeId, ...]:
    return tuple(
        node.id
        for node in first_cluster.nodes
        if _lease_until_ms(node) != _lease_until_ms(second_cluster.node(node.id))
    )


def _lease_until_ms(node: Node) -> int:
    """Until when a leader's lease lasts; Multi-Paxos has none."""
    return node.leader_state.lease_until_ms


def _describe_lease(node: Node) -> str:
    return f"a lease until {_lease_until_ms(node)} ms by its clock" if _lease_until_ms(node) else "no lease"


def _describe_answer_differences(
    first_answers: ClientAnswers, second_answers: ClientAnswers, run_names: tuple[str, str]
) -> dict[NodeId, str]:
    """What each node has told a client in one run only, in words."""
    first_counts, second_counts = (
        Counter((id, _describe_answer(answer)) for id, answer in answers) for answers in (first_answers, second_answers)
    )
    only_first, only_second = first_counts - second_counts, second_counts - first_counts
    descriptions: dict[NodeId, str] = {}
    for id in dict.fromkeys(id for id, _ in (*only_first, *only_second)):
        first_words, second_words = (
            " and ".join(words for who, words in run.elements() if who == id) for run in (only_first, only_second)
        )
        telling_run, silent_run = run_names if first_words else run_names[::-1]
        rest = f"and {second_words} in {silent_run}" if first_words and second_words else f"but not in {silent_run}"
        descriptions[id] = f"{id} has told a client {first_words or second_words} in {telling_run} {rest}"
    return descriptions


def _describe_answer(answer: Answer) -> str:
    match answer:
        case CommandApplied():
            return f"that {answer.command} is done"
        case NotLeader():
            return f"to ask {answer.leader or 'again later'}"
        case ReadResult():
            return f"that {answer.key} is {answer.value or 'not set'}"
        case RequestRefused():
            return f"that “{answer.request}” is refused"


def _collect_messages(cluster: Cluster) -> set[Message]:
    return {packet.message for packet in cluster.packets}


def _role_of(cluster: Cluster, node: Node) -> str:
    return "down" if node.id in cluster.down_nodes else node.role.value


def _describe_role(cluster: Cluster, node: Node, words: ProtocolWords) -> str:
    if node.id in cluster.down_nodes:
        return "down"
    role = words.roles[node.role]
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"


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
