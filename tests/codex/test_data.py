"""The data of the Codex: what is right is read, and every mistake has its place and a way to mend it."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import pytest

from raftstep.cli import main
from raftstep.codex.data_file import load_schema, read_document
from raftstep.codex.model import SearchFor, TermPicture
from tests.codex.reading import GOOD, HERE, OWN, everyone, read, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

GROWING = re.compile(r"(unknown (?:rule|scenario) [^(\n]*\(known: )[^)]*(\))|(?<=or name one of these: ).*")
"""Lists that grow with the generator; that they are there is enough."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of good data, to be made worse."""
    return Path(copytree(GOOD, tmp_path / "docs" / "data" / "codex"))


# what is right


def test_the_codex_of_this_site_has_no_mistake() -> None:
    """What the build would say, said before it."""
    assert words_of(read(OWN)) == "\n"


def test_a_term_says_everything_there_is_to_say() -> None:
    """The schema of terms: each key has a value in the data of tests/codex/good."""
    book = read(GOOD)
    candidate = book.terms["candidate"]

    assert book.problems == ()
    assert list(book.terms) == ["candidate", "vote"]
    assert candidate.forms == ("candidates",)
    assert candidate.systems == (("MongoDB", "candidate"),)
    assert candidate.linked
    assert candidate.search_for == SearchFor(rules=("start-election",), roles=("candidate",))
    assert [(one.source.id, one.at) for one in candidate.sources] == [("ongaro-2014-raft", "§5.2")]


def test_the_holes_of_a_pictures_caption_are_filled_from_the_run() -> None:
    """A caption may say nothing that the run does not."""
    moment = everyone()["leader-election"].moments[1]
    it = moment.shown_step.cluster.node(str(moment.event_step.event.node))  # type: ignore[union-attr]

    assert read(GOOD).terms["candidate"].picture == TermPicture(
        scenario="leader-election",
        step=2,
        view="cluster",
        caption=f"{it.id} has heard from no leader, and asks for votes in term {it.current_term}.",
    )


def test_data_may_be_split_over_files(data: Path) -> None:
    """CONTRIBUTING, *Adding to the Codex*: terms stand in `terms/*.yaml` as well, and each knows its own file."""
    text = (data / "terms.yaml").read_text(encoding="utf-8")
    (data / "terms").mkdir()
    (data / "terms" / "votes.yaml").write_text(text[text.index("vote:\n") :], encoding="utf-8")
    (data / "terms.yaml").write_text(text[: text.index("vote:\n")], encoding="utf-8")

    book = read(data)

    assert book.problems == ()
    assert [term.data_file for term in book.terms.values()] == [
        "docs/data/codex/terms.yaml",
        "docs/data/codex/terms/votes.yaml",
    ]


# what is wrong


@pytest.mark.parametrize("kind", ["sources", "terms", "systems", "incidents"])
def test_every_mistake_is_told_with_its_place_and_a_way_to_mend_it(
    kind: str, data: Path, golden: Callable[[str, str], None]
) -> None:
    """No term without source, no orphan, no dead link, no definition too long, or by itself; all told at once."""
    (data / f"{kind}.yaml").write_bytes((HERE / "bad" / f"{kind}.yaml").read_bytes())

    found = [problems for problems in read(data).problems if problems.path.endswith(f"/{kind}.yaml")]

    said = "\n\n".join(problems.show() for problems in found) + "\n"
    golden(f"codex/bad-{kind}.txt", GROWING.sub(r"\1…\2", said))


def test_an_id_stands_once_in_all_files(data: Path) -> None:
    """An id is an address that never changes, so two entries of one id would share a page."""
    for kind in ("sources", "terms", "systems", "incidents"):
        (data / kind).mkdir()
        (data / kind / "more.yaml").write_bytes((data / f"{kind}.yaml").read_bytes())

    said = [problem.words for found in read(data).problems for problem in found.problems]

    assert 'the source "etcd-raft-go" is also in docs/data/codex/sources.yaml:18; keep one of them' in said
    assert 'the system "kafka" is also in docs/data/codex/systems.yaml:38; keep one of them' in said
    assert 'the incident "one-switch-half-dead" is also in docs/data/codex/incidents.yaml:1; keep one of them' in said
    assert 'the term "vote" is also in docs/data/codex/terms.yaml:19; keep one of them' in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1:1: the file is empty; begin with the id of an entry and a colon"),
        ("- one", "1:1: expected entries, each under its id, found a list; begin with the id of an entry and a colon"),
        (b"a: \xff", "1:4: not UTF-8: the byte 0xff is no text; save the file as UTF-8"),
        ("a: &x 1", '1:4: anchors and aliases, such as "&x", are not used here; write the value out'),
        ("x: 1\n" * 60_000, "the file is 300 kB; a data file has at most 256 kB: split it into two files"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str | bytes, words: str) -> None:
    """Errors teach: an empty, misshapen, foreign or huge file is a problem with a place, not a traceback."""
    found = read_document("terms.yaml", text, load_schema("terms")).problems()

    assert found
    assert words in found.show()


# at the terminal


def test_the_command_counts_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """README, *At the terminal*: `raftstep codex` checks the data, and says so when nothing is wrong."""
    assert main(["codex", str(GOOD)]) == 0
    assert capsys.readouterr().out == "2 terms, 2 systems, 1 incident, 4 sources: nothing wrong\n"


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    """As with every verb: problems on standard error with their place, and a return of 1."""
    (data / "terms.yaml").write_text("vote: 5\n", encoding="utf-8")

    assert main(["codex", str(data)]) == 1
    assert capsys.readouterr().err.startswith("docs/data/codex/terms.yaml:1:7: expected a mapping, found the number 5;")


def test_the_command_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped path is the likeliest mistake, and deserves words rather than an empty answer."""
    assert main(["codex", "nowhere"]) == 1
    assert "no such folder" in capsys.readouterr().err
