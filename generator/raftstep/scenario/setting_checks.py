"""Settings that are right one by one and cannot work together: refused with the reason and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.core.guards import Guard
from raftstep.core.model import ReadMode, Settings
from raftstep.core.paxos.guards import Guard as PaxosGuard
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue, read_flag, read_list, read_number, read_text
from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.simulation.protocol import RAFT

RAFT_SETTINGS = (
    "no_op",
    "empty_heartbeats",
    "pre_vote",
    "check_quorum",
    "leader_stickiness",
    "membership",
    "reads",
    "sessions",
    "snapshot_after",
    "drift_bound",
)
ALL_SLUGS = {guard.slug for guard in (*Guard, *PaxosGuard)}
RAFT_VERBS = ("read", "change", "transfer", "snapshot")


def check_settings(top: YamlValue, base: Settings) -> Iterator[Finding]:
    """All settings of a scenario that cannot work together; ``base`` is what a fork has from its parent."""
    settings = top.get("settings")
    protocol = read_text(settings, "protocol") or RAFT.name
    yield from _check_guards(settings, protocol)
    if protocol == MULTI_PAXOS.name:
        yield from _check_multi_paxos(top, settings)
    elif settings is not None and not settings.is_incomplete:
        yield from _check_lease(settings, base)
        if top.get("script") is not None and not _has_ticks(top):
            yield from _check_untimed(settings)


def _check_guards(settings: YamlValue | None, protocol: str) -> Iterator[Finding]:
    """A rule that is left out is one of the protocol that runs."""
    protocol_guards = PaxosGuard if protocol == MULTI_PAXOS.name else Guard
    protocol_slugs = {guard.slug for guard in protocol_guards}
    title = MULTI_PAXOS.title if protocol == MULTI_PAXOS.name else RAFT.title
    for value in read_list(settings.get("without") if settings else None):
        if value.text() in ALL_SLUGS - protocol_slugs:
            yield value.place, f'{title} has no rule "{value.text()}" to leave out; remove it'


def _check_multi_paxos(top: YamlValue, settings: YamlValue | None) -> Iterator[Finding]:
    for key in RAFT_SETTINGS:
        if settings is not None and key in settings.key_places:
            yield settings.key_places[key], f'{MULTI_PAXOS.title} has no "{key}"; remove it, or run Raft'
    for action in read_list(top.get("happens")):
        for verb in RAFT_VERBS:
            if verb in action.key_places:
                yield action.key_places[verb], f'{MULTI_PAXOS.title} here has no "{verb}"; remove it, or run Raft'


def _check_lease(settings: YamlValue, base: Settings) -> Iterator[Finding]:
    """A lease rests on voters that ignore candidates while they hear from their leader (dissertation §6.4.1)."""
    has_lease = (read_text(settings, "reads") or base.reads) == ReadMode.LEASE
    if has_lease and not read_flag(settings, "leader_stickiness", base.leader_stickiness):
        key = "reads" if "reads" in settings.key_places else "leader_stickiness"
        words = (
            'a lease needs "leader_stickiness: true", or another leader may be elected while the lease lasts; '
            'add it, or write "reads: read-index"'
        )
        yield settings.key_places.get(key, settings.place), words
    if not has_lease and read_number(settings, "drift_bound", 1.0) != 1.0:
        words = 'only a lease allows for clock drift; remove "drift_bound", or write "reads: lease"'
        yield settings.key_places["drift_bound"], words


def _has_ticks(top: YamlValue) -> bool:
    return any("tick" in event.key_places for event in read_list(top.get("script")))


def _check_untimed(settings: YamlValue) -> Iterator[Finding]:
    """Where no time passes, a leader never misses its majority, and a lease never ends."""
    if read_flag(settings, "check_quorum", False):
        words = (
            "no time passes in this schedule, so a leader never goes an election timeout without a majority; "
            'remove "check_quorum", or let time pass with a tick such as tick: 50'
        )
        yield settings.key_places["check_quorum"], words
    if read_text(settings, "reads") == ReadMode.LEASE:
        words = (
            "no time passes in this schedule, so a lease would never end; "
            'write "reads: read-index", or let time pass with a tick such as tick: 50'
        )
        yield settings.key_places["reads"], words
