"""Whether a caption's claims rest on the run: who holds an entry, what is committed, what cannot be, and numbers.

Holes make captions true; these rules see to it that a caption has the holes it needs. Each looks at one sentence:

- *hold*, *is on*, *copies*: it asks ``holders``, or what a node has in its log; with *know* it asks ``known_holders``,
  ``holding`` or ``match``, which are what the leader has been sent acknowledgements of, and never without.
- *majority*: it asks how many that is, or who they are.
- *committed*, *chosen*: it asks ``committed``, ``commit_index`` or ``answered``; with *not*, *never* or *nothing* it
  asks ``committed``, which is true as soon as the entry can no longer be lost, whether or not a leader knows.
- *cannot*: it asks anything at all.
- a number is filled in by the run: it is in a hole, and the hole is not that number.

What an expectation of the step says counts for all of its words, and what its ``say`` asks counts for its title.
A sentence of a general kind says so in a note: ``{# general #}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from raftstep.document.problem import Problem, Problems, sort_problems
from raftstep.document.schema import Finding
from raftstep.document.wording import shorten_line
from raftstep.scenario.model import Expectation, Scenario, Sentence, Waypoint

_MARK = re.compile(r"\{(?P<kind>[{%#])-?(?P<inner>.*?)-?[}%#]\}", re.DOTALL)
_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?]\*\*)|(?<=[.!?][”\"')]))\s+")
_GENERAL = re.compile(r"\s*general\b")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_NAME = re.compile(r"[^\W\d]\w*")
_EXPRESSION_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", "elif", "endif", "true", "false", "none"})
_FILTER = re.compile(r"\|\s*\w+")

_HOLD = re.compile(r"\b(hold|held|(is|are|lies|lie) on (?!the\b)|(?<!counting )(copies|replicas))\b|\bmajority holds\b")
_HOLDS = re.compile(r"\bholds\b")
_KNOW = re.compile(r"\b(know|knows|known)\b")
_MAJORITY = re.compile(r"\bmajorit(y|ies)\b")
_COMMITTED = re.compile(r"\bcommitted\b|\bchosen\b")
_NOT_COMMITTED = re.compile(
    r"\buncommitted\b|\b(not|never)(\s\w+){0,2}\s(committed|chosen)\b|\bcommitted\s(\w+\s)?(nothing|nowhere)\b"
)
_CANNOT = re.compile(r"\b(cannot|could not|impossible)\b")
_NUMBER = re.compile(
    r"(?<![\w.])\d+(?:[.,]\d+)*|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", re.IGNORECASE
)
_NOT_NUMBERS = re.compile(r"\[@[^\]]*\]|\bFigure \d+|§[\d.]*\d|`[^`]*`|\b\w+\+?=\w+")
"""What may hold digits that count nothing: citations, figures, sections, commands."""

COPIES = frozenset({"holders"})
KNOWN_COPIES = frozenset({"known_holders", "holding", "match"})
COMMITMENT = frozenset({"committed", "commit_index", "answered"})
GROUPS = frozenset({"majority", "majorities", "size", "votes", "voters", "voting", "reach", "need"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of a caption: its plain words, in which each hole is a blank, and the names its holes ask for."""

    words: str
    names: frozenset[str] = frozenset()
    has_bare_number: bool = False
    is_general: bool = False


def check_claims(scenario: Scenario) -> Problems | None:
    """Every claim of a scenario's captions that does not rest on the run; ``None`` where all do."""
    if scenario.schedule:
        captions = [line.say for line in scenario.schedule.lines if line.say]
        findings = [finding for caption in captions for finding in _check_captions([caption], None)]
    else:
        findings = [finding for waypoint in scenario.waypoints for finding in _check_waypoint(waypoint)]
    problems = [Problem(path=scenario.path, place=place, words=words) for place, words in findings]
    return sort_problems(scenario.path, scenario.source, problems) if problems else None


def _check_waypoint(waypoint: Waypoint) -> Iterator[Finding]:
    captions = [waypoint.say, waypoint.title, *([waypoint.why] if waypoint.why else [])]
    return _check_captions(captions, waypoint.expect)


def _check_captions(captions: Sequence[Sentence], expectation: Expectation | None) -> Iterator[Finding]:
    """What the captions of one step lack: its ``say``, and then its title and its ``why``, where there are some."""
    expected_names = _names_of_expectation(expectation)
    step_names = expected_names.union(*map(_names_of_sentence, captions))
    for number, caption in enumerate(captions):
        other_names = expected_names | (_names_of_sentence(captions[0]) if number == 1 else frozenset())
        for claim in split_claims(caption.text):
            for words in check_claim(claim, other_names, step_names):
                yield caption.place, f'"{shorten_line(" ".join(claim.words.split()))}" {words}'


def _names_of_sentence(sentence: Sentence) -> frozenset[str]:
    return frozenset(name for claim in split_claims(sentence.text) for name in claim.names)


def check_claim(claim: Claim, other_names: frozenset[str], step_names: frozenset[str]) -> Iterator[str]:
    """What the claims of one sentence lack.

    ``other_names`` are asked for it elsewhere, as by an expectation, and ``step_names`` anywhere in its step.
    """
    if claim.is_general:
        return
    names = claim.names | other_names
    yield from _check_holders(claim, names, speaks_of_knowing=_KNOW.search(claim.words) is not None)
    if _MAJORITY.search(claim.words) and not step_names & (GROUPS | COPIES | KNOWN_COPIES | COMMITMENT):
        yield "speaks of a majority without asking the run; write {{ majority }} of {{ size }}, or who they are"
    if _NOT_COMMITTED.search(claim.words) and "committed" not in step_names:
        yield (
            "says that an entry is not committed, and an entry is committed as soon as it can no longer be lost, "
            'whether or not its leader knows; add not committed("x=7") to "that" under expect, or say what the leader '
            "knows"
        )
    elif _COMMITTED.search(claim.words) and not step_names & COMMITMENT:
        yield (
            "says what is committed without asking the run; ask for a commit_index, answered or committed in a hole "
            "or under expect"
        )
    if _CANNOT.search(claim.words) and not names:
        yield 'says what cannot be without asking the run; name the reason in a hole, or in "that" under expect'
    if number := _NUMBER.search(_NOT_NUMBERS.sub("", claim.words)):
        yield f'has "{number[0]}" typed; let the run fill it in, such as {{{{ holders("x=7") | length | in_words }}}}'
    if claim.has_bare_number:
        yield "has a hole with nothing but a number in it; ask the run for it"


def _check_holders(claim: Claim, names: frozenset[str], *, speaks_of_knowing: bool) -> Iterator[str]:
    if claim.names & KNOWN_COPIES and not speaks_of_knowing:
        yield (
            "asks what the leader knows, and says it of the nodes; more of them may hold the entry, so write who is "
            "known to hold it, or ask for holders"
        )
    elif _HOLD.search(claim.words) and not names & (COPIES | (KNOWN_COPIES if speaks_of_knowing else frozenset())):
        yield 'says who holds an entry without asking the run; write {{ holders("x=7") | listed }}'
    elif _HOLDS.search(claim.words) and not names & (COPIES | {"log", "last_index", "entry", "snapshot"}):
        yield 'says what a node holds without asking the run; write {{ S1.log[-1] }}, or ask for holders("x=7")'


def _names_of_expectation(expectation: Expectation | None) -> frozenset[str]:
    """What an expectation asks. Logs show who has an entry, but say nothing of nodes that it does not name."""
    if expectation is None:
        return frozenset()
    names = {name for condition in expectation.conditions for name in _names_in(condition.text)}
    for is_asked, name in (
        (expectation.commit_index, "commit_index"),
        (expectation.answered_commands or expectation.unanswered_commands, "answered"),
        (expectation.roles or expectation.leader, "role"),
        (expectation.votes, "votes"),
        (expectation.logs, "log"),
        (expectation.configurations, "majorities"),
    ):
        if is_asked:
            names.add(name)
    return frozenset(names)


def split_claims(text: str) -> list[Claim]:
    """A caption's sentences. A mark belongs to the sentence it is in."""
    drafts = [_Draft()]
    position = 0
    for mark in _MARK.finditer(text):
        _add_words(drafts, text[position : mark.start()])
        _add_mark(drafts[-1], mark["kind"], mark["inner"])
        position = mark.end()
    _add_words(drafts, text[position:])
    return [
        Claim(
            words=draft.words.strip(),
            names=frozenset(draft.names),
            has_bare_number=draft.has_bare_number,
            is_general=draft.is_general,
        )
        for draft in drafts
        if draft.words.strip()
    ]


@dataclass(slots=True)
class _Draft:
    """A sentence being read."""

    words: str = ""
    names: set[str] = field(default_factory=set)
    has_bare_number: bool = False
    is_general: bool = False


def _add_words(drafts: list[_Draft], words: str) -> None:
    first, *others = _SENTENCE_END.split(words)
    drafts[-1].words += first
    drafts += [_Draft(words=other) for other in others]


def _add_mark(draft: _Draft, kind: str, inner: str) -> None:
    if kind == "#":
        draft.is_general = draft.is_general or _GENERAL.match(inner) is not None
        return
    names = frozenset(_names_in(inner))
    draft.names |= names
    if kind == "{":
        draft.words += "…"
        draft.has_bare_number = draft.has_bare_number or not names


def _names_in(expression: str) -> Iterable[str]:
    plain = _FILTER.sub("", _STRING.sub('""', expression))
    return (name for name in _NAME.findall(plain) if name not in _EXPRESSION_WORDS)
