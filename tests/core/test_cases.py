"""The cases of a node's behaviour, in `cases.md` beside this file: each has its tests, and each test its case."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
ROW = re.compile(r"\| ([A-G]\d{1,2}) \| (.+) \| (.+) \| (.+) \|")
CLAIM = re.compile(r"([A-G]\d{1,2})[.-]")


class Case(NamedTuple):
    """One row of the table."""

    id: str
    happens: str
    source: str
    tests: tuple[str, ...]


def read_cases() -> list[Case]:
    """The table: its rows are all the lines that begin with a case's number."""
    lines = (FOLDER / "cases.md").read_text(encoding="utf-8").splitlines()
    rows = [match.groups() for line in lines if (match := ROW.match(line))]
    return [Case(id, happens, source, tuple(re.findall(r"`([\w.]+)`", tests))) for id, happens, source, tests in rows]


def list_claims() -> Iterator[tuple[str, str]]:
    """Every case that a test claims, at the start of its docstring or of a parameter's id, with the test."""
    for file in sorted(FOLDER.glob("test_*.py")):
        for function in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                texts = [node.value for node in ast.walk(function) if isinstance(node, ast.Constant)]
                for claim in {match[1] for text in texts if isinstance(text, str) and (match := CLAIM.match(text))}:
                    yield claim, f"{file.stem}.{function.name}"


def test_the_cases_are_numbered_without_a_gap() -> None:
    """A case that is taken out of the middle would leave the tests with numbers that mean something else."""
    counts = Counter(case.id[0] for case in read_cases())

    assert sum(counts.values()) == 72
    assert [case.id for case in read_cases()] == [
        f"{letter}{number}" for letter, count in counts.items() for number in range(1, count + 1)
    ]


def test_every_case_says_what_happens_and_where_it_is_from() -> None:
    """Whoever meets a number in a test looks it up here; each source is a section, a figure or a paper."""
    for case in read_cases():
        assert case.happens.endswith(".")
        assert re.search(r"§\d|Figure \d|Ongaro \d{4}", case.source), case.id


def test_every_case_names_the_tests_that_claim_it() -> None:
    """A case that no test claims is a case that nobody watches; a test named here may have been renamed."""
    claims = {(case.id, test) for case in read_cases() for test in case.tests}

    assert [case.id for case in read_cases() if not case.tests] == []
    assert sorted(claims - set(list_claims())) == [], "named in the table, but no such test claims the case"
    assert sorted(set(list_claims()) - claims) == [], "claimed by a test that the table does not name"
