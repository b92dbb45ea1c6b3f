"""The protocols there are, and how each writes the number of an election."""

from __future__ import annotations

from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.simulation.protocol import RAFT, Protocol

PROTOCOLS = {protocol.name: protocol for protocol in (RAFT, MULTI_PAXOS)}
"""The protocols by the names that scenarios and traces use."""


_OWNERS = {kind: protocol for protocol in PROTOCOLS.values() for kind in protocol.own_types}


def protocol_of(part: object) -> Protocol:
    """The protocol that a node, an entry or a message belongs to."""
    return _OWNERS[type(part)]


def term_label(term: object) -> str:
    """A term or a ballot as pictures write it.

    >>> from raftstep.core.paxos.model import Ballot
    >>> term_label(2), term_label(Ballot(2, "S1"))
    ('T2', 'B2.S1')
    """
    return f"T{term}" if isinstance(term, int) else f"B{term}"
