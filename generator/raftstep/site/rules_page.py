"""The page of all rules of the core: each with its sentence, its source, and the steps in which it fires."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from raftstep.codex.model import SearchFor
from raftstep.codex.occurrences import Occurrence, OccurrenceIndex
from raftstep.core.rules import Rule
from raftstep.document.markdown_text import escape_markdown
from raftstep.scenario.model import PlayedScenario

CHAPTERS = {
    "Terms": Rule.ADOPT_NEWER_TERM,
    "Electing a leader": Rule.START_ELECTION,
    "Replicating the log": Rule.SEND_HEARTBEAT,
    "Committing and applying": Rule.COMMIT,
    "After a crash": Rule.RESTART,
    "Slow disks": Rule.COUNT_OWN_WRITE,
    "Conflict hints": Rule.GIVE_CONFLICT_HINT,
    "Pre-vote": Rule.ASK_PRE_VOTE,
    "Leader stickiness and check-quorum": Rule.IGNORE_DISRUPTIVE_CANDIDATE,
    "Snapshots": Rule.TAKE_SNAPSHOT,
    "Changing the configuration": Rule.APPEND_JOINT,
    "Handing leadership over": Rule.START_TRANSFER,
    "Reads": Rule.WAIT_FOR_OWN_COMMIT,
    "Client sessions": Rule.SKIP_REPEATED,
}
"""The chapters, each with its first rule; rules are in the order in which the core names them."""

MAX_SCENARIOS = 3
"""How many scenarios are named for a rule; a rule such as *apply* fires in nearly all."""

SOURCE_IDS = {
    "": "ongaro-2014-raft",
    "dissertation": "ongaro-2014-dissertation",
    "Ongaro 2015": "ongaro-2015-membership-bug",
}
"""How a rule's source begins, and which entry of the bibliography that is."""


def rules_page(scenario_runs: Mapping[str, PlayedScenario]) -> str:
    """The page's Markdown."""
    occurrence_index = OccurrenceIndex(scenario_runs)
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
    chapter_titles = {rule: title for title, rule in CHAPTERS.items()}
    for rule in Rule:
        if rule in chapter_titles:
            lines += [f"## {chapter_titles[rule]}", ""]
        lines += _rule_entry(rule, occurrence_index.find(SearchFor(rules=(rule.slug,))), scenario_runs)
    return "\n".join(lines)


def _rule_entry(
    rule: Rule, occurrences: tuple[Occurrence, ...], scenario_runs: Mapping[str, PlayedScenario]
) -> list[str]:
    lines = [f"### {rule_title(rule)} {{#{rule.slug}}}", "", f"{rule.sentence} [{cite(rule.source)}]", ""]
    if occurrences:
        links = " · ".join(_step_links(occurrences[:MAX_SCENARIOS], scenario_runs))
        more = f" · and in {len(occurrences) - MAX_SCENARIOS} more" if len(occurrences) > MAX_SCENARIOS else ""
        lines += [f"Watch it: {links}{more}", ""]
    return lines


def rule_title(rule: Rule) -> str:
    """A rule's name as a heading: *Append no-op*.

    >>> rule_title(Rule.DENY_PRE_VOTE)
    'Deny pre-vote'
    """
    words = rule.slug.replace("-", " ").replace("no op", "no-op").replace("pre vote", "pre-vote")
    return words.capitalize()


def _step_links(occurrences: tuple[Occurrence, ...], scenario_runs: Mapping[str, PlayedScenario]) -> Iterator[str]:
    for occurrence in occurrences:
        steps = ", ".join(
            f"[{number}](../scenarios/{occurrence.scenario}.md#step-{number})" for number in occurrence.steps
        )
        word = "step" if len(occurrence.steps) == 1 else "steps"
        title = escape_markdown(scenario_runs[occurrence.scenario].scenario.title)
        yield f"*{title}*, {word} {steps}"


def cite(source: str) -> str:
    """A rule's source as a citation.

    >>> cite("§6, dissertation §4.1")
    '@ongaro-2014-raft §6; @ongaro-2014-dissertation §4.1'
    """
    sections_by_source: dict[str, list[str]] = {}
    source_prefix = ""
    for part in re.split(r", (?![^(]*\))", source):
        prefix = next((words for words in SOURCE_IDS if words and part.startswith(words)), "")
        source_prefix = prefix or source_prefix
        sections_by_source.setdefault(source_prefix, []).append(part.removeprefix(prefix).strip())
    return "; ".join(
        f"@{SOURCE_IDS[words]} {', '.join(sections)}".strip(" ,") for words, sections in sections_by_source.items()
    )
