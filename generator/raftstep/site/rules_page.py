"""The page of all rules of the core: each with its sentence, its source, and the steps in which it fires."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from raftstep.core.rules import Rule
from raftstep.scenario.played import Played
from raftstep.site.codex.model import Seeing
from raftstep.site.codex.sightings import Finder, Sighting

SUBJECTS = {
    "Terms": Rule.ADOPT_NEWER_TERM,
    "Electing a leader": Rule.START_ELECTION,
    "Replicating the log": Rule.SEND_HEARTBEAT,
    "Committing and applying": Rule.COMMIT,
    "After a crash": Rule.RESTART,
    "Pre-vote": Rule.ASK_PRE_VOTE,
    "Leader stickiness and check-quorum": Rule.IGNORE_DISRUPTIVE_CANDIDATE,
    "Snapshots": Rule.TAKE_SNAPSHOT,
    "Changing the configuration": Rule.APPEND_JOINT,
    "Handing leadership over": Rule.START_TRANSFER,
    "Reads": Rule.WAIT_FOR_OWN_COMMIT,
    "Client sessions": Rule.SKIP_REPEATED,
}
"""The chapters, each with its first rule; rules stand in the order in which the core names them."""

MOST_SHOWN = 3
"""How many scenarios are named for a rule; a rule such as *apply* fires in nearly all."""

SOURCES = {
    "": "ongaro-2014-raft",
    "dissertation": "ongaro-2014-dissertation",
    "Ongaro 2015": "ongaro-2015-membership-bug",
}
"""How a rule's source begins, and which entry of the bibliography that is."""


def rules_page(everyone: Mapping[str, Played]) -> str:
    """The page's Markdown."""
    finder = Finder(everyone)
    lines = [
        "---",
        "title: Every rule of Raft",
        (
            f"description: The {len(Rule)} rules by which a node acts, each in one sentence "
            "with its source and the runs in which it fires."
        ),
        "---",
        "# Every rule",
        "",
        f"A node in our runs acts by {len(Rule)} rules and by nothing else.",
        "Captions, transcripts and checks all read this list.",
        "Each rule has its sentence, its source, and the steps in which you can watch it.",
        "The first five chapters are the paper's Figure 2; what follows is switched on in the scenarios that need it.",
        "",
    ]
    starts = {rule: title for title, rule in SUBJECTS.items()}
    for rule in Rule:
        if rule in starts:
            lines += [f"## {starts[rule]}", ""]
        lines += _entry(rule, finder.sightings(Seeing(rules=(rule.slug,))), everyone)
    return "\n".join(lines)


def _entry(rule: Rule, seen: tuple[Sighting, ...], everyone: Mapping[str, Played]) -> list[str]:
    lines = [f"### {name_of(rule)} {{#{rule.slug}}}", "", f"{rule.sentence} [{citation(rule.source)}]", ""]
    if seen:
        links = " · ".join(_links(seen[:MOST_SHOWN], everyone))
        more = f" · and in {len(seen) - MOST_SHOWN} more" if len(seen) > MOST_SHOWN else ""
        lines += [f"Watch it: {links}{more}", ""]
    return lines


def name_of(rule: Rule) -> str:
    """A rule's name as a heading: *Append no-op*.

    >>> name_of(Rule.DENY_PRE_VOTE)
    'Deny pre-vote'
    """
    words = rule.slug.replace("-", " ").replace("no op", "no-op").replace("pre vote", "pre-vote")
    return words.capitalize()


def _links(seen: tuple[Sighting, ...], everyone: Mapping[str, Played]) -> Iterator[str]:
    for one in seen:
        steps = ", ".join(f"[{number}](../scenarios/{one.scenario}.md#step-{number})" for number in one.steps)
        word = "step" if len(one.steps) == 1 else "steps"
        yield f"*{everyone[one.scenario].scenario.title}*, {word} {steps}"


def citation(source: str) -> str:
    """A rule's source as a citation.

    >>> citation("§6, dissertation §4.1")
    '@ongaro-2014-raft §6; @ongaro-2014-dissertation §4.1'
    """
    places: dict[str, list[str]] = {}
    known = ""
    for part in re.split(r", (?![^(]*\))", source):
        begins = next((words for words in SOURCES if words and part.startswith(words)), "")
        known = begins or known
        places.setdefault(known, []).append(part.removeprefix(begins).strip())
    return "; ".join(f"@{SOURCES[words]} {', '.join(at)}".strip(" ,") for words, at in places.items())
