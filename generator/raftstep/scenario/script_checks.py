"""What a schema cannot say of a schedule: names that must exist, and sentences that must parse.

Whether an event can happen where it stands only the run can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from raftstep.scenario.model import Place
from raftstep.scenario.names import Around, is_node, members, switched_off
from raftstep.scenario.schema import Complaint
from raftstep.scenario.sentence import faults
from raftstep.scenario.value import Value, parts, texts
from raftstep.simulation.explore.bounds import names

ENDS = ("source", "target")


def check_script(top: Value, around: Around) -> Iterator[Complaint]:
    """All mistakes in a schedule whose values are of the right kinds."""
    if top.get("script") is None:
        return
    yield from _numbered(top)
    yield from _timeless(top)
    if around.nodes is not None:
        around = replace(around, nodes=names(len(around.nodes)))
    for event in parts(top.get("script")):
        yield from _event(event, around)


def _numbered(top: Value) -> Iterator[Complaint]:
    """The search knows its nodes as S1, S2 and so on, and learners as the last of them."""
    nodes, learners = top.get("nodes"), top.get("learners")
    if nodes is None or nodes.holes:
        return
    known, named = names(len(nodes.parts())), texts(nodes)
    if named != known:
        place = next((node.place for node, name in zip(nodes.parts(), known, strict=True) if node.words() != name))
        yield place, f"a schedule's nodes are S1, S2 and so on; write nodes: [{', '.join(known)}]"
        return
    last = known[len(known) - len(parts(learners)) :]
    if learners and not learners.holes and set(texts(learners)) <= set(known) and texts(learners) != last:
        yield learners.place, f"a schedule's learners are its last nodes; write learners: [{', '.join(last)}]"
    elif learners and len(last) == len(known):
        yield learners.place, "at least one node must vote; name fewer learners"


def _timeless(top: Value) -> Iterator[Complaint]:
    """What is about time has no meaning where none passes."""
    if any(event.get("tick") or "tick" in event.key_places for event in parts(top.get("script"))):
        return
    settings = top.get("settings")
    for holder, key in ((top, "clocks"), (settings, "election_timeout_ms")):
        if holder and holder.get(key):
            words = f'no time passes in this schedule; remove "{key}", or let some pass with a tick such as tick: 50'
            yield holder.key_places[key], words


def _event(event: Value, around: Around) -> Iterator[Complaint]:
    for verb in ("timeout", "restart", "snapshot"):
        yield from is_node(event.get(verb), around)
    for verb in ("client", "read", "change"):
        asked = event.get(verb)
        yield from is_node(asked.get("node") if asked else None, around)
    if change := event.get("change"):
        yield from members(change, around)
    yield from switched_off(event, around)
    for verb in ("deliver", "drop"):
        if (value := event.get(verb)) and value.fields is not None:
            yield from _message(value, event.key_places[verb], around, lost=verb == "drop")
    if say := event.get("say"):
        if event.get("drop"):
            yield event.key_places["say"], 'a loss is no step of its own; write "say" beside the event before or after'
        yield from faults(say)


def _message(value: Value, key: Place, around: Around, *, lost: bool) -> Iterator[Complaint]:
    """One kind of message with what it says; for a loss, the two ends alone are enough."""
    kinds = [(kind, said) for kind, said in value.pairs() if kind not in ENDS]
    for holder in (value, *(said for _, said in kinds)):
        for end in ENDS:
            yield from is_node(holder.get(end), around)
    if not kinds and not lost and not value.holes:
        yield key, "no message is named; write its kind, such as deliver: {RequestVote: {source: S1, target: S2}}"
    if kinds and len(value.pairs()) > 1:
        extra = next(name for name, _ in value.pairs() if name != kinds[0][0])
        words = (
            f"one message is named at a time, and here is {kinds[0][0]} beside it; write what it says under its kind"
        )
        yield value.key_places[extra], words
