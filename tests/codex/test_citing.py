"""Citations in pages: `[@id §5.2]` leads to the bibliography, and one that leads nowhere is told with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.codex.reading import Converted

if TYPE_CHECKING:
    from collections.abc import Callable


def links(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<a class="raft-codex-cite" href="([^"]+)"[^>]*>([^<]+)</a>', html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "So it is [@ongaro-2014-raft §5.2].",
            [("../codex/sources.md#ongaro-2014-raft", "Ongaro and Ousterhout 2014, §5.2")],
        ),
        (
            "So [@ongaro-2014-raft, abstract].",
            [("../codex/sources.md#ongaro-2014-raft", "Ongaro and Ousterhout 2014, abstract")],
        ),
        ("[@etcd-raft-go]", [("../codex/sources.md#etcd-raft-go", "etcd-io/raft raft.go")]),
        (
            "[@ongaro-2014-raft §5.1,\nFigure 4; @lamport-1998-parliament]",
            [
                ("../codex/sources.md#ongaro-2014-raft", "Ongaro and Ousterhout 2014, §5.1, Figure 4"),
                ("../codex/sources.md#lamport-1998-parliament", "Lamport 1998"),
            ],
        ),
    ],
)
def test_a_citation_leads_to_its_source(text: str, expected: list[tuple[str, str]]) -> None:
    """CONTRIBUTING, *Adding to the Codex*: an id and where in it become a link to the bibliography."""
    page = Converted(text)

    assert (links(page.html), page.reports) == (expected, [])


def test_a_citation_reads_well_in_its_sentence() -> None:
    """A reader who skips every link must still read a whole sentence, as with citations in print."""
    text = re.sub(r"<[^>]+>", "", Converted("So it is [@ongaro-2014-raft §5.2; @etcd-raft-go].").html)

    assert text == "So it is (Ongaro and Ousterhout 2014, §5.2; etcd-io/raft raft.go)."


def test_a_citation_of_no_source_is_told_with_its_place(golden: Callable[[str, str], None]) -> None:
    """Each place where it stands, once; the words stay on the page."""
    page = Converted("# A page\n\nAs is known [@ongaro-2014-raf §5.2].\n\n- Again [@etcd-raft-go; @ongaro-2014-raf].\n")

    golden("codex/unknown-citation.txt", "\n\n".join(page.reports) + "\n")
    assert "[@ongaro-2014-raf §5.2]" in page.html


def test_what_begins_as_a_citation_and_is_none_is_told_too() -> None:
    """Left in silence it would be printed as it stands."""
    page = Converted("One.\n\nTwo [@ongaro-2014-raft: §5; also Figure 2].\n")

    assert page.reports[0].splitlines()[0] == (
        'docs/internals/safety.md:3:5: "[@ongaro-2014-raft: §5; also Figure 2]" is no citation; '
        "write an id and where in it, with ; between several: [@id §5.2; @other]"
    )


@pytest.mark.parametrize("text", ["`[@none]`", "```\n[@none]\n```", "[mail](mailto:a@b.org)", "[@ none]", "[a@none]"])
def test_what_is_no_citation_is_left_alone(text: str) -> None:
    """A page may quote the syntax, and an address with an @ is older than this one."""
    page = Converted(text)

    assert (links(page.html), page.reports) == ([], [])
