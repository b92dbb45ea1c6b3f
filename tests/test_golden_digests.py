"""Digests in place of golden files: they notice every change, and show it where they can."""

from pathlib import Path

import pytest

from tests.golden_digests import LONGEST_DIFF, NO_OLD_TEXT, Digests, digest_of

OLD = "S1 times out\nS1 asks for votes\nS2 grants\n"
NEW = "S1 times out\nS1 asks for votes\nS2 denies\n"


@pytest.fixture
def digests(tmp_path: Path) -> Digests:
    return Digests(tmp_path / "digests.txt", tmp_path / "texts")


def test_a_recorded_text_agrees_and_no_other_does(digests: Digests) -> None:
    """A check that cannot fail checks nothing."""
    assert not digests.agrees("a.txt", OLD), "what was never recorded is not known"
    assert digests.describe_change("a.txt", OLD) == "a.txt is new"
    digests.record("a.txt", OLD)

    assert digests.agrees("a.txt", OLD)
    assert not digests.agrees("a.txt", NEW)
    assert not digests.agrees("a.txt", OLD.replace("\n", "\r\n"))
    assert not digests.agrees("b.txt", OLD)


def test_a_change_is_shown_as_the_lines_that_changed(digests: Digests) -> None:
    """CONTRIBUTING, *Golden files*: a digest says that something changed, and people want to know what."""
    digests.record("a.txt", OLD)

    assert digests.describe_change("a.txt", NEW) == (
        "--- a.txt before\n+++ a.txt now\n@@ -2,2 +2,2 @@\n S1 asks for votes\n-S2 grants\n+S2 denies"
    )


def test_a_long_change_is_cut_and_counted(digests: Digests) -> None:
    """What scrolls past is not read."""
    digests.record("a.txt", "old\n" * 500)

    lines = digests.describe_change("a.txt", "new\n" * 500).splitlines()

    assert len(lines) == LONGEST_DIFF + 1
    assert lines[-1] == f"… and {3 + 1000 - LONGEST_DIFF} more lines"


def test_an_old_text_that_is_not_there_is_asked_for(digests: Digests, tmp_path: Path) -> None:
    """A diff against some other text than the recorded one would mislead."""
    digests.record("a.txt", OLD)
    (tmp_path / "texts" / "a.txt").write_text("of some other branch", encoding="utf-8")

    assert digests.describe_change("a.txt", NEW) == f"a.txt: {NO_OLD_TEXT}"
    assert digests.agrees("a.txt", OLD), "a passing test leaves the text for the next time"
    assert "-S2 grants" in digests.describe_change("a.txt", NEW)


def test_the_file_is_one_that_sha256sum_reads_and_git_shows_a_line_a_change(digests: Digests, tmp_path: Path) -> None:
    """A known format needs no documentation: `sha256sum -c` checks it too."""
    digests.record("b.txt", OLD)
    digests.record("a.txt", NEW)
    digests.record("b.txt", NEW)

    assert (tmp_path / "digests.txt").read_text(encoding="utf-8") == (
        f"{digest_of(NEW)}  a.txt\n{digest_of(NEW)}  b.txt\n"
    )
