"""The page on Python and the README's example: what they show is run, and what they print is what comes out."""

import doctest
import re
from pathlib import Path

import pytest

import raftstep

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "python.md"
PYCON = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def keep_examples(markdown: str) -> str:
    """The examples where they stand, with every other line empty, so that a failure names the page's own line."""
    kept_lines = [""] * (markdown.count("\n") + 1)
    for block in PYCON.finditer(markdown):
        first_line = markdown.count("\n", 0, block.start(1))
        lines = block[1].splitlines()
        kept_lines[first_line : first_line + len(lines)] = lines
    return "\n".join(kept_lines)


def run_examples(markdown: str) -> tuple[int, str]:
    """How many examples there are, and what doctest reports of those that fail."""
    examples = doctest.DocTestParser().get_doctest(keep_examples(markdown), {}, "python.md", str(PAGE), 0)
    reports: list[str] = []
    doctest.DocTestRunner(verbose=False).run(examples, out=reports.append)
    return len(examples.examples), "\n".join(reports)


def test_every_example_of_the_page_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page promises it. One session runs from the first example to the last."""
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")

    count, failures = run_examples(text)

    assert failures == ""
    assert count == text.count("\n>>> ")


def test_an_example_that_prints_something_else_is_found() -> None:
    """A check that cannot fail checks nothing."""
    count, failures = run_examples("Two:\n\n```pycon\n>>> 1 + 1\n3\n```\n")

    assert count == 1
    assert "line 4" in failures
    assert "Got:\n    2" in failures


def test_the_page_shows_every_call_of_the_front_door() -> None:
    """What is not shown is not found. Lower-case names are calls."""
    text = PAGE.read_text(encoding="utf-8")

    assert [name for name in raftstep.__all__ if name.islower() and f"raftstep.{name}(" not in text] == []


def test_the_example_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the first thing that is tried."""
    monkeypatch.chdir(tmp_path)
    block = re.search(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.M)
    assert block

    exec(compile(block[1], "README.md", "exec"), {})

    assert [file.name for file in tmp_path.iterdir()] == ["step.svg"]
