"""The cluster on its ring: roles, terms, votes, timers, and the messages in flight at the point they have reached."""

from __future__ import annotations

from dataclasses import dataclass

from raftstep.core.inputs import Answer, Applied, NotLeader, ReadResult, Refused
from raftstep.core.model import Node, NodeId, Role
from raftstep.picture.layout import WIDTH, Layout, Spot
from raftstep.picture.moves import Move, kind_of
from raftstep.picture.vocabulary import paxos_name
from raftstep.scenario.facts import in_words
from raftstep.simulation.cluster import Change, Cluster, Read, Request, Timer, Transfer
from raftstep.simulation.protocols import protocol_of, stamp
from raftstep.simulation.trace import Step

LETTER = 8.0
"""Width of one letter of a badge, in user units, on the generous side."""

KINDS = {
    "vote-request": "RequestVote",
    "vote-granted": "vote granted",
    "vote-denied": "vote denied",
    "append": "AppendEntries",
    "heartbeat": "heartbeat",
    "append-accepted": "acknowledgement",
    "append-rejected": "rejection",
    "pre-vote-request": "RequestPreVote",
    "pre-vote-granted": "pre-vote yes",
    "pre-vote-denied": "pre-vote no",
    "snapshot": "InstallSnapshot",
    "snapshot-accepted": "snapshot stored",
    "timeout-now": "TimeoutNow",
    "lost": "lost",
}
"""Each kind of message of Raft in words, in the order of the legend."""


MOST_NAMED = 4
"""How many nodes a line of the key names before it counts them."""

ASKS = ("vote-request", "append", "heartbeat", "pre-vote-request", "snapshot", "timeout-now")
"""The kinds that ask; the others answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeShape:
    """One node as drawn, around its own centre; ``votes`` and ``lacking`` are a candidate's, a dot each."""

    id: NodeId
    x: float
    y: float
    radius: int
    look: str
    word: str
    term: str
    badge_x: float
    badge_y: float
    badge_left: float
    badge_top: float
    badge_width: float
    dial: float | None
    ring: str
    votes: str
    lacking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailShape:
    """All messages of one kind in flight: the ways behind them and ahead, and their glyphs' top left corners."""

    kind: str
    behind: str
    ahead: str
    glyphs: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """One line under the ring that says in words what is in flight."""

    y: float
    kind: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFrame:
    """A whole cluster picture."""

    id: str
    title: str
    description: str
    width: int
    height: int
    nodes: tuple[NodeShape, ...]
    mail: tuple[MailShape, ...]
    cut: str
    key: tuple[KeyLine, ...]


def cluster_view(
    step: Step, ring: Layout, flights: tuple[Move, ...], *, time_ms: int, span_ms: int, id: str, title: str
) -> ClusterFrame:
    """The cluster after a step, at a moment no earlier than it. ``span_ms`` is a full dial."""
    cluster = step.cluster
    nodes = tuple(node_shape(cluster, node, ring, time_ms=time_ms, span_ms=span_ms) for node in cluster.nodes)
    return ClusterFrame(
        id=id,
        title=title,
        description=_describe(step),
        width=WIDTH,
        height=ring.height,
        nodes=nodes,
        mail=mail_at(flights, time_ms),
        cut=cut_path(cluster, ring),
        key=key_lines(step, ring),
    )


def node_shape(cluster: Cluster, node: Node, ring: Layout, *, time_ms: float, span_ms: int) -> NodeShape:
    """One node's look at a moment."""
    spot = ring.spots[cluster.ids.index(node.id)]
    down = node.id in cluster.down
    term = stamp(node.current_term)
    badge = badge_place(ring, cluster.ids.index(node.id))
    width = 12 + LETTER * len(term)
    votes, lacking = ("", "") if down else _pips(cluster, node)
    word = protocol_of(node).words.roles[node.role]
    return NodeShape(
        id=node.id,
        x=spot.x,
        y=spot.y,
        radius=ring.radius,
        look="crashed" if down else node.role.value,
        word="down" if down else word,
        term=term,
        badge_x=badge.x,
        badge_y=round(badge.y + 5, 1),
        badge_left=round(badge.x - width / 2, 1),
        badge_top=round(badge.y - 11, 1),
        badge_width=width,
        dial=_dial(cluster.timer(node.id), time_ms, span_ms),
        ring=_ring(ring.radius + 6),
        votes=votes,
        lacking=lacking,
    )


def badge_place(ring: Layout, place: int) -> Spot:
    """Where a node's term stands, from its own centre: on the side away from the others, clear of all messages."""
    centre = sum(spot.y for spot in ring.spots) / len(ring.spots)
    spot = ring.spots[place]
    aside = -0.88 if spot.x < WIDTH / 2 - 1 else 0.88
    down = 0.84 if spot.y > centre + ring.radius else -0.84
    return Spot(x=round(ring.radius * aside, 1), y=round(ring.radius * down, 1))


def _dial(timer: Timer | None, time_ms: float, span_ms: int) -> float | None:
    """How much of the longest possible timeout is left, from 0 to 1; no dial for a leader or a node that is down."""
    if timer is None or not timer.election:
        return None
    return round(min(1.0, max(0.0, (timer.deadline_ms - time_ms) / span_ms)), 3)


def _ring(radius: int) -> str:
    """A circle from the top round to the right, as a path: only a path may carry ``pathLength`` in valid HTML."""
    return f"M0 {-radius}a{radius} {radius} 0 1 1 0 {2 * radius}a{radius} {radius} 0 1 1 0 {-2 * radius}"


def _pips(cluster: Cluster, node: Node) -> tuple[str, str]:
    """A row of dots across a candidate's disc: one for each vote it has, then one for each it lacks."""
    if node.role is not Role.CANDIDATE:
        return "", ""
    size = len(cluster.nodes)
    gap, radius = (9.0, 3.2) if size <= 5 else (42 / (size - 1), 2.4)
    first = -gap * (size - 1) / 2 - radius
    dots = [
        f"M{first + gap * place:.1f} 24a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0"
        for place in range(size)
    ]
    return "".join(dots[: len(node.votes_granted)]), "".join(dots[len(node.votes_granted) :])


def mail_at(flights: tuple[Move, ...], time_ms: int) -> tuple[MailShape, ...]:
    """The messages in flight at a moment, by their kind."""
    kinds: dict[str, list[Move]] = {}
    for move in flights:
        if move.from_ms <= time_ms < move.to_ms:
            kinds.setdefault(move.kind, []).append(move)
    return tuple(_mail(kind, moves, time_ms) for kind, moves in kinds.items())


def _mail(kind: str, moves: list[Move], time_ms: int) -> MailShape:
    ways = [(move.start, move.at(time_ms), move.end) for move in moves]
    return MailShape(
        kind=kind,
        behind="".join(f"M{start.x:g} {start.y:g}L{here.x:g} {here.y:g}" for start, here, _ in ways),
        ahead="".join(f"M{here.x:g} {here.y:g}L{end.x:g} {end.y:g}" for _, here, end in ways),
        glyphs=tuple(Spot(x=round(here.x - 10, 1), y=round(here.y - 10, 1)) for _, here, _ in ways),
    )


def key_lines(step: Step, ring: Layout, *, in_motion: bool = False) -> tuple[KeyLine, ...]:
    """What is in flight, in at most three lines of words, with what a client asked or was told first.

    In motion a line does not name those who are still to get or to give an answer: it would change too fast to read.
    """
    lines = [("client", words) for words in _client_words(step)] + _mail_lines(step, in_motion=in_motion)
    if len(lines) > 3:
        lines = [*lines[:2], ("more", f"and {in_words(len(lines) - 2)} more kinds of messages")]
    return tuple(
        KeyLine(y=ring.height - 40 + 17 * place, kind=kind, words=words) for place, (kind, words) in enumerate(lines)
    )


def _mail_lines(step: Step, *, in_motion: bool) -> list[tuple[str, str]]:
    lines = []
    groups: dict[tuple[str, str, int, NodeId], list[NodeId]] = {}
    term_word = protocol_of(step.cluster.nodes[0]).words.term
    for packet in step.cluster.packets:
        message = packet.message
        kind = kind_of(message)
        one, other = (message.source, message.target) if kind in ASKS else (message.target, message.source)
        groups.setdefault((kind, paxos_name(message) or KINDS[kind], message.term, one), []).append(other)
    order = {id: place for place, id in enumerate(step.cluster.ids)}
    for (kind, name, term, one), others in groups.items():
        names = ", ".join(sorted(set(others), key=lambda id: order[id]))
        if len(others) > MOST_NAMED:
            names = f"{in_words(len(others))} nodes"
        way = f": {one} to {names}" if kind in ASKS else f": {names} to {one}"
        if in_motion:
            way = f", from {one}" if kind in ASKS else f", to {one}"
        lines.append((kind, f"{name}, {term_word} {term}{way}"))
    return lines


def _client_words(step: Step) -> list[str]:
    words = []
    match step.event:
        case Request(node=node, command=command):
            words.append(f"Client to {node}: {command}")
        case Read(node=node, key=key):
            words.append(f"Client to {node}: read {key}")
        case Change(node=node):
            words.append(f"Operator to {node}: change the configuration")
        case Transfer(node=node, target=target):
            words.append(f"Operator to {node}: hand over to {target}")
    if step.outcome:
        id = step.outcome.node.id
        words += [f"{id} to client: {_answer_words(answer)}" for answer in step.outcome.answers]
    return words[-1:]


def _answer_words(answer: Answer) -> str:
    match answer:
        case Applied():
            return f"{answer.command} is done"
        case NotLeader():
            return f"ask {answer.leader or 'again later'}"
        case ReadResult():
            return f"{answer.key} is {answer.value or 'not set'}"
        case Refused():
            return "refused"


def cut_path(cluster: Cluster, ring: Layout) -> str:
    """A bar across each cut link, or one curve between two groups that stand side by side on the ring."""
    if not cluster.cut:
        return ""
    ids, spots = cluster.ids, ring.spots
    size = len(ids)
    borders = [place for place in range(size) if (ids[place], ids[(place + 1) % size]) in cluster.cut]
    if len(borders) == 2:
        centre = Spot(x=sum(spot.x for spot in spots) / size, y=sum(spot.y for spot in spots) / size)
        one, other = (_outward(_between(spots[place], spots[(place + 1) % size]), centre) for place in borders)
        return f"M{one.x:.1f} {one.y:.1f}Q{centre.x:.1f} {centre.y:.1f} {other.x:.1f} {other.y:.1f}"
    places = dict(zip(ids, spots, strict=True))
    return "".join(
        _bar(places[one], places[other]) for one, other in sorted(cluster.cut) if ids.index(one) < ids.index(other)
    )


def _between(one: Spot, other: Spot) -> Spot:
    return Spot(x=(one.x + other.x) / 2, y=(one.y + other.y) / 2)


def _outward(spot: Spot, centre: Spot) -> Spot:
    return Spot(x=centre.x + (spot.x - centre.x) * 1.3, y=centre.y + (spot.y - centre.y) * 1.3)


def _bar(one: Spot, other: Spot) -> str:
    middle = _between(one, other)
    length = ((other.x - one.x) ** 2 + (other.y - one.y) ** 2) ** 0.5
    aside_x, aside_y = -(other.y - one.y) / length * 12, (other.x - one.x) / length * 12
    return f"M{middle.x - aside_x:.1f} {middle.y - aside_y:.1f}L{middle.x + aside_x:.1f} {middle.y + aside_y:.1f}"


def _describe(step: Step) -> str:
    cluster = step.cluster
    known = protocol_of(cluster.nodes[0]).words
    words = []
    for node in cluster.nodes:
        role = "down" if node.id in cluster.down else f"{_article(known.roles[node.role])} {known.roles[node.role]}"
        words.append(f"{node.id} is {role} in {known.term} {node.current_term}")
    count = len(cluster.packets)
    flying = f"{count} message{'' if count == 1 else 's'} in flight" if count else "no message is in flight"
    return f"{', '.join(words)}; {flying}."


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
