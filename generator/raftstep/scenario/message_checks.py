"""What authors say of messages and links: whether what they name can be carried, and whether there is such a link."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.document.problem import Place
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue, read_list, read_text
from raftstep.scenario.known_names import KnownNames, check_command, check_node
from raftstep.simulation.message_contents import ENTRY_KINDS, INDEX_KINDS
from raftstep.simulation.plan import LEADER

MESSAGE_FAULTS = ("drop", "delay", "duplicate")
MESSAGE_ENDS = ("source", "target")


def check_message_fault(fault: YamlValue | None, known_names: KnownNames) -> Iterator[Finding]:
    """The messages that a run is to drop, delay or duplicate."""
    if fault is None:
        return
    for end in MESSAGE_ENDS:
        yield from check_node(fault.get(end), known_names, LEADER)
    if entry := fault.get("entry"):
        yield from check_entry_name(entry.text(), entry.place, known_names)
    kind = read_text(fault, "message")
    for key, kinds, verb in (("entry", ENTRY_KINDS, "carries"), ("index", INDEX_KINDS, "is about")):
        if kind is not None and kind not in kinds and (value := fault.get(key)):
            words = f'{kind} {verb} no {key}; remove "{key}", or write a message that does: {", ".join(kinds)}'
            yield value.place, words


def check_entry_name(text: str, place: Place, known_names: KnownNames) -> Iterator[Finding]:
    """An entry that is written as its command, with its term or without."""
    command, at, term = text.rpartition("@")
    name = command if at and term.isdigit() else text
    if name == "no-op":
        if not known_names.no_op and known_names.commands is not None:
            yield place, 'no leader appends a no-op here; set "no_op: true" under settings'
    elif not name.startswith("{"):
        yield from check_command(name, place, known_names)


def check_links(links: YamlValue | None, known_names: KnownNames, *other_words: str) -> Iterator[Finding]:
    """Links that are named by one end or by both."""
    for link in read_list(links):
        yield from check_link(link, known_names, *other_words)
        if not (link.get("source") or link.get("target") or link.is_incomplete):
            yield link.place, "this means every link; name a source or a target, or write it under settings"
        ends = read_list(link.get("latency_ms"))
        if len(ends) == 2 and ends[0].integer() > ends[1].integer():
            low, high = ends[0].integer(), ends[1].integer()
            yield ends[0].place, f"the range latency_ms runs backwards; write the lower number first: [{high}, {low}]"


def check_link(link: YamlValue, known_names: KnownNames, *other_words: str) -> Iterator[Finding]:
    """A link from one node to another one."""
    source, target = link.get("source"), link.get("target")
    yield from check_node(source, known_names, *other_words)
    yield from check_node(target, known_names, *other_words)
    if source and target and source.text() == target.text():
        yield target.place, f"there is no link from {source.text()[:40]} to itself; name two nodes"
