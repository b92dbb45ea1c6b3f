"""The language of captions: what it can say, what it refuses, and that every caption ends."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from raftstep.document.problem import Place, Problem
from raftstep.scenario.caption import fill_sentence
from raftstep.scenario.caption_filters import FILTERS
from raftstep.scenario.caption_language import KEYWORDS, LONGEST_CAPTION, CaptionError
from raftstep.scenario.caption_parser import parse_caption
from raftstep.scenario.caption_values import MOST_STEPS, Evaluation
from raftstep.scenario.facts import SOMETIMES, collect_facts
from raftstep.scenario.model import Sentence
from raftstep.scenario.schema import scenario_schema
from tests.scenario.test_facts import play_shipped


@cache
def facts() -> dict[str, Any]:
    """The explainer at its fifth step: S1 leads term 2 and has appended one entry."""
    run = play_shipped("leader-election")
    moment = run.moments[4]
    return collect_facts(run.trace, moment.event_step, moment.shown_step, moment.time_ms, run.moments_ms[:5])


def fill(text: str) -> str | Problem:
    return fill_sentence(Sentence(text=text, place=Place(line=1, column=1)), facts(), "a.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ leader }} leads term {{ leader.term }}", "S1 leads term 2"),
        ("{{ leader.term + 1 }} {{ 5 - 7 }} {{ -leader.term }}", "3 -2 -2"),
        ("{{ S1.log[-1] }}, {{ S1.match['S2'] == S1.match.S2 and 'the same' }}", "x=7, the same"),
        ("{{ nodes | listed }}", "S1, S2, S3, S4 and S5"),
        ("{{ [S1, S2] | join('/') }} {{ leader ~ '’s' }}", "S1/S2 S1’s"),
        ("{{ holders(1, command='x=7') | length | in_words | capitalize }}", "One"),
        ("{{ nodes | map('term') | unique | listed }}; {{ [S1.term, 1] | max }}", "2; 2"),
        ("{{ nodes | selectattr('role', 'equalto', 'leader') | first }}", "S1"),
        ("{{ nodes | rejectattr('role', '==', 'leader') | length }}", "4"),
        ("{% if S1.term == 3 %}a{% elif S1.alive and not S2 == S1 %}b{% else %}c{% endif %}", "b"),
        ("{% if refusal is defined %}{{ refusal }}{% else %}none{% endif %}", "none"),
        ("{{ 'up' if 1 < S1.term <= 2 else 'down' }} {{ refusal | default('none') }}", "up none"),
        ("{{ 'yes' if S1 in holders(1) and S2 not in holders(1) else 'no' }}", "yes"),
        ("{{ S2.vote or 'nobody' }} {{ 'leader' if S2.vote == leader else '' }}", "S1 leader"),
        ("a {#- a note -#} b {{- S1 -}} c", "abS1c"),
        ('{{ "{{" }} and }} stay', "\\{\\{ and }} stay"),
    ],
)
def test_a_caption_says_what_its_author_expects(text: str, words: str) -> None:
    """The language is what shipped captions use, and what stands next to it."""
    assert fill(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "{% for n in nodes %}{{ n }}{% endfor %}",
            "captions have no loops; write all of a list as {{ nodes | listed }}",
        ),
        ("{% set x = 1 %}", "captions keep no values of their own"),
        ("{{ 9 ** 9 }}", "captions do not multiply"),
        ("{{ 'a' * 9 }}", "captions do not multiply"),
        ("{{ 1 / 0 }}", "captions do not divide"),
        ("{{ 1e400 | int }}", "1e400 is no whole number; write digits alone"),
        ("{{ 9999999999999 }}", "the number is out of range; write at most 12 digits"),
        ("{{ 999999999999 + 1 }}", "the number is out of range"),
        ("{{ 'a' | truncate(2) }}", 'captions have no filter "truncate"; use one of these'),
        ("{{ 'a'.ljust(9) }}", 'the text "a" has no "ljust"; remove it'),
        ("{{ S1.__class__ }}", 'a node has no "__class__"'),
        ("{{ S1.log.append }}", 'a list has no "append"; write an index such as [0], or | length'),
        ("{{ S1.log.0 }}", "an item of a list is written in brackets; write [0]"),
        ("{{ S1.log[1:] }}", "a caption takes one item of a list, not a part of it"),
        ("{{ S1.log[7] }}", "there is no item [7]; the list has from [0] to [0]"),
        ("{{ S1.term is odd }}", 'captions cannot ask whether something is "odd"'),
        ("{{ S1 if S2 }}", '"else" is missing after the condition; add it'),
        ("{{ leader.colour }}", 'a node has no "colour"'),
        ("{{ voters('S9') }}", 'the text "S9" is no node of this run'),
        ("{{ }}", "the hole is empty; write a hole as {{ name }}"),
        ("{{ 'a }}", "the text after ' is never closed; add '"),
        ("{% else %}", "there is no {% if %} that this else could belong to"),
        ("{# a", "{# is never closed; add #}"),
    ],
)
def test_what_the_language_has_not_is_refused_with_what_to_write(text: str, words: str) -> None:
    """Errors teach: whoever knows another template language is told the way here."""
    found = fill(text)

    assert isinstance(found, Problem)
    assert words in found.words
    assert ";" in found.words


def test_no_node_may_have_a_name_that_means_something_else_in_captions() -> None:
    """A caption could not speak of a node called "size", or would take it for something else."""
    node_name = scenario_schema()["$defs"]["node_name"]
    taken = {name for name in (*facts(), *SOMETIMES, *KEYWORDS) if not re.fullmatch(r"S\d", name)}

    assert {name for name in taken if re.match(node_name["pattern"], name)} <= set(node_name["allOf"][0]["not"]["enum"])


def test_a_caption_has_a_bound_on_its_length() -> None:
    """A picture's words must not fill a page, nor a build's memory."""
    long_list = ", ".join([f"'{'a' * 60}'"] * 20)

    assert fill("a" * LONGEST_CAPTION) == "a" * LONGEST_CAPTION
    for text, words in (
        ("a" * (LONGEST_CAPTION + 1), "it has 2001 characters; write at most 2,000"),
        (f"{{{{ [{long_list}] | join('{'b' * 60}') }}}}", "the text has more than 2,000 characters; say less"),
        (f"{{{{ '{'a' * 100}' }}}}" + "{{ [S1, S2, S3, S4, S5] * 9 }}", "captions do not multiply"),
        ("{{ nodes | listed }}" * 100, "filled, it has more than 2,000 characters; say less"),
    ):
        found = fill(text)
        assert isinstance(found, Problem)
        assert words in found.words


NAMES = st.sampled_from(
    [
        *[
            "S1",
            "S2",
            "leader",
            "it",
            "nodes",
            "majorities",
            "event",
            "configuration",
            "S1.log",
            "S1.match",
            "reads",
            "holders",
        ]
    ]
)
WORDS = st.sampled_from(
    [
        *[
            "(",
            ")",
            "[",
            "]",
            ".",
            ",",
            "|",
            "+",
            "-",
            "~",
            "==",
            "<",
            "in",
            "not",
            "and",
            "or",
            "if",
            "else",
            "is",
            "defined",
            "none",
            "{",
            "}",
            "{{",
            "}}",
            "{%",
            "%}",
            "%",
            "*",
            "/",
            "=",
            ":",
            "'",
            '"',
            "\\",
        ],
        *(f"| {name}" for name in FILTERS),
        "holders(1)",
        "majorities[0].holding(1)",
        "voters(S1)",
        "ms_since(1)",
        "12",
        "'term'",
        '"{{"',
        "selectattr('role', '==', 'leader')",
        "__class__",
        "endif",
        "{% if ",
        "{% endif %}",
    ]
)
EXPRESSIONS = st.lists(st.one_of(NAMES, WORDS, st.text(max_size=3)), max_size=12).map(" ".join)


@given(st.one_of(st.text(), EXPRESSIONS, EXPRESSIONS.map(lambda text: f"{{{{ {text} }}}}")))
@example("{{ 1e400|int }}")
@example("{{ 'a'|truncate(2) }}")
@example("{{ [" * 500)
@example("{{ not " + "not " * 400 + "S1 }}")
@example("{{ " + "-" * 900 + "1 }}")
@example("{{ 1" + " if 1 else 1" * 150 + " }}")
def test_no_caption_makes_it_raise_or_goes_on_for_ever(text: str) -> None:
    """Captions may be written by anyone: each is words or a problem, after a bounded number of steps."""
    assert isinstance(fill(text), str | Problem)
    with suppress(CaptionError):
        evaluation = Evaluation(parse_caption(text), facts(), FILTERS, SOMETIMES)
        evaluation.fill()
        assert 0 <= evaluation.steps_left <= MOST_STEPS
