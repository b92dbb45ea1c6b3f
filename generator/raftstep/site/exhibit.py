"""Exhibits: tables and charts made from data, which a page shows by name with a ```` ```raft-exhibit NAME ```` fence.

An exhibit is a function from ``href`` to HTML. ``href`` turns an address of the site, such as
``codex/sources/#ongaro-2014-raft``, into a link from the page that shows the exhibit. Ids in it begin with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from raftstep.scenario.problem import nearest

Href = Callable[[str], str]
Exhibit = Callable[[Href], str]


def unknown(name: str, known: Iterable[str]) -> str:
    """What is wrong with a name that no exhibit has, and how to mend it."""
    listed = sorted(known)
    if not name:
        return f"no exhibit is named; write a name after raft-exhibit (known: {', '.join(listed)})"
    if not listed:
        return f'unknown exhibit "{name}"; this site has none'
    return f'unknown exhibit "{name}"; {nearest(name, listed)}'


def together(*subjects: Mapping[str, Exhibit]) -> dict[str, Exhibit]:
    """The exhibits of several subjects; raises :class:`ValueError` where two have one name."""
    found: dict[str, Exhibit] = {}
    for subject in subjects:
        if twice := sorted(found.keys() & subject.keys()):
            raise ValueError(f'two exhibits are called "{twice[0]}"; rename one of them')
        found |= subject
    return found
