"""Numbers in sentences: what a hole on a page becomes, and that none is typed on the page on timing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from raftstep.site.timing import numbers, read_measurements
from tests.site.fences import RenderedPage

DOCS = Path(__file__).resolve().parents[2] / "docs"
RECORD = DOCS / "data" / "timing.json"


def render_page(text: str, first_line: int = 1) -> RenderedPage:
    return RenderedPage(text, numbers={"small": lambda: "7 ms", "broken": refuse}, first_line=first_line)


def refuse() -> str:
    raise ValueError("small.json cannot be read; measure again")


def test_a_hole_becomes_its_number() -> None:
    """CONTRIBUTING, *Adding an exhibit*: a measured number in a sentence comes from the data."""
    shown = render_page("# Page\n\nIt takes [=small], then [=small].\n\n| A |\n| --- |\n| [=small] |\n")

    assert shown.reports == []
    assert "<p>It takes 7 ms, then 7 ms.</p>" in shown.html
    assert "<td>7 ms</td>" in shown.html


def test_a_hole_in_code_stays() -> None:
    """CONTRIBUTING itself shows one."""
    shown = render_page("Write `[=smal]`.\n\n```\n[=smal]\n```\n\n~~~~\n~~~\n[=smal]\n~~~~\n\nIt is [=small].\n")

    assert shown.reports == []
    assert shown.html.count("[=smal]") == 3
    assert "It is 7 ms." in shown.html


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("It is [=smal].", 'docs/page.md:12:9: unknown number "smal"; did you mean "small"?'),
        ("It is [=broken].", "docs/page.md:12:9: small.json cannot be read; measure again"),
    ],
)
def test_a_number_that_cannot_be_had_is_reported_with_its_place(line: str, words: str) -> None:
    """Errors teach: file, line, column, and the nearest name."""
    shown = render_page(f"# Page\n\n{line}\n", first_line=10)

    assert [report[: len(words)] for report in shown.reports] == [words]


def test_without_numbers_a_page_is_left_alone() -> None:
    """The Markdown extension works alone, and another site may mean something else by such brackets."""
    shown = RenderedPage("It is [=small].\n")

    assert (shown.reports, "[=small]" in shown.html) == ([], True)


def test_the_numbers_are_those_of_the_record() -> None:
    """Each is what the table under its chart says; 499 of 1,000 is not a half."""
    record = {
        tuple(line["experiment"]["timeout_ms"]): line
        for line in json.loads(RECORD.read_text(encoding="utf-8"))["lines"]
        if line["experiment"]["behind"]
    }
    named = numbers(RECORD)

    assert named["timing-150-200-failed"]() == f"{record[150, 200]['first_failed'] / 10:.1f} %" == "49.9 %"
    assert named["timing-150-155-median"]() == f"{record[150, 155]['quantiles_ms'][50]:.0f} ms" == "278 ms"
    assert named["timing-150-150-median"]() == "over 10 s"
    least = min(line["first_failed"] / line["trials"] for line in record.values())
    assert named["timing-least-failed"]() == f"{100 * least:g} %"
    assert len(read_measurements(RECORD)) > len(record)


# What is typed

_HOLE_OR_CITATION = re.compile(r"\[[=@][^\]]*\]")
_AMOUNT = re.compile(
    r"\d\s*(?:ms|s|seconds?|%|times)\b|\d\s*%|\d,\d{3}|\b(?:half|third|quarter|tenth) of\b"
    r"|\bone (?:time |election )?in \w+"
    r"|\b(?:two|three|four|five|six|ten|twenty|hundred|thousand) (?:milliseconds|seconds|percent|times)\b",
    re.IGNORECASE,
)
_SETTING = re.compile(r"150–155 ms|12–24 ms|150–300 ms|(?:range|one) of \d+ ms|ranges of \d+ ms and more|at 10 %")
"""The timeouts and latencies that were set, which are not measured."""


def list_typed_numbers(text: str) -> Iterator[tuple[int, str]]:
    """Lines of a page with an amount that is neither from a record nor on a line that cites a source, by number.

    A table is as one line: its head may cite for all its rows.
    """
    body = text.split("\n---\n", 1)[1] if text.startswith("---\n") else text
    first = text[: len(text) - len(body)].count("\n") + 1
    is_code, table_cites = False, False
    for number, line in enumerate(body.split("\n"), first):
        is_code ^= line.lstrip().startswith("```")
        table_cites = line.startswith("|") and (table_cites or "[@" in line)
        words = _SETTING.sub("", _HOLE_OR_CITATION.sub("", re.sub(r"\]\([^)]*\)|`[^`]*`", "", line)))
        if not is_code and "[@" not in line and not table_cites and _AMOUNT.search(words):
            yield number, line


def test_no_measured_number_on_the_page_on_timing_is_typed() -> None:
    """Four sentences were once at odds with the table under them, each with a number that somebody had typed."""
    page = (DOCS / "internals" / "timing.md").read_text(encoding="utf-8")
    typed_numbers = [f"docs/internals/timing.md:{number}: {line}" for number, line in list_typed_numbers(page)]

    assert [line for line in typed_numbers if not any(words in line for words in NOT_MEASURED)] == []
    assert [words for words in NOT_MEASURED if not any(words in line for line in typed_numbers)] == []


NOT_MEASURED = (
    "half of the elections still take longer than [=",  # a median says that
    "about half of the first elections fail, or more: the least is [=",
    "Half of the survivors lack the last entry",  # how the experiment is set up
    "one-way latency is a tenth of the range",
)
"""Amounts in words that the experiment itself fixes, or that the number next to them says."""


@pytest.mark.parametrize(
    ("line", "is_typed"),
    [
        ("At least 49 % of them fail.", True),
        ("About one time in four.", True),
        ("It takes 35 ms [@ongaro-2014-raft §9.3].", False),
        ("It takes [=timing-150-300-median].", False),
        ("A range of 25 ms helps.", False),
    ],
)
def test_the_check_of_typed_numbers_sees_them(line: str, *, is_typed: bool) -> None:
    """A check that cannot fail checks nothing."""
    assert bool(list(list_typed_numbers(line))) == is_typed
