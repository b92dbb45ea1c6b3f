"""Exhibits: tables and charts made from data, which a page shows by name with a ```` ```raft-exhibit NAME ```` fence.

An exhibit is a function from ``link_to`` to HTML. ``link_to`` turns an address of the site, such as
``codex/sources/#ongaro-2014-raft``, into a link from the page that shows the exhibit. Ids in it begin with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from raftstep.document.problem import suggest_nearest

LinkTo = Callable[[str], str]
Exhibit = Callable[[LinkTo], str]


def describe_unknown_exhibit(name: str, names: Iterable[str]) -> str:
    """What is wrong with a name that no exhibit has, and how to fix it."""
    sorted_names = sorted(names)
    if not name:
        return f"no exhibit is named; write a name after raft-exhibit (known: {', '.join(sorted_names)})"
    if not sorted_names:
        return f'unknown exhibit "{name}"; this site has none'
    return f'unknown exhibit "{name}"; {suggest_nearest(name, sorted_names)}'


def merge_exhibits(*groups: Mapping[str, Exhibit]) -> dict[str, Exhibit]:
    """The exhibits of several subjects; raises :class:`ValueError` where two have one name."""
    merged: dict[str, Exhibit] = {}
    for group in groups:
        if duplicates := sorted(merged.keys() & group.keys()):
            raise ValueError(f'two exhibits are called "{duplicates[0]}"; rename one of them')
        merged |= group
    return merged
