"""The Codex in another site: its own data, its own address for edits, and mistakes with their file, line and column."""

from __future__ import annotations

from shutil import copy, copytree, rmtree
from typing import TYPE_CHECKING

import pytest

from tests.codex.reading import GOOD, OWN
from tests.site.small_site import run_mkdocs

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """\
---
title: A page
description: Of a small site.
---

# A page

A candidate asks for votes [@ongaro-2014-raft §5.2].
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of one page, with two terms and our sources, which generated pages cite; no extension is asked for."""
    data = tmp_path / "docs" / "data" / "codex"
    data.mkdir(parents=True)
    copy(GOOD / "terms.yaml", data)
    copy(OWN / "sources.yaml", data)
    copytree(OWN / "sources", data / "sources")
    (tmp_path / "docs" / "index.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Small\nsite_url: https://example.org/small/\nedit_uri: https://example.org/edit/main/docs/\n"
        "theme: {name: material, font: false}\nplugins: [search, raft]\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_site_with_data_of_its_own_has_a_codex_of_its_own(small: Path) -> None:
    """README, *In your own MkDocs site*: the plugin takes the data of the site it stands in."""
    built = run_mkdocs(small, "build", "--strict")

    assert built.returncode == 0, built.stderr
    home = (small / "site" / "index.html").read_text(encoding="utf-8")
    entry = (small / "site" / "codex" / "terms" / "candidate" / "index.html").read_text(encoding="utf-8")
    assert 'class="raft-codex-term" href="codex/terms/candidate/"' in home
    assert 'class="raft-codex-cite" href="codex/sources/#ongaro-2014-raft"' in home
    assert 'href="https://example.org/edit/main/docs/data/codex/terms.yaml"' in entry
    assert not (small / "site" / "data").exists()


def test_a_site_without_data_has_none(small: Path) -> None:
    """Brackets with an @ are then just brackets."""
    rmtree(small / "docs" / "data")

    built = run_mkdocs(small, "build", "--strict")

    assert built.returncode == 0, built.stderr
    assert not (small / "site" / "codex").exists()
    assert "[@ongaro-2014-raft §5.2]" in (small / "site" / "index.html").read_text(encoding="utf-8")


def test_a_strict_build_fails_at_a_citation_of_no_source(small: Path) -> None:
    """CONTRIBUTING: an id that is of no source fails the build, with file, line and column."""
    (small / "docs" / "index.md").write_text(PAGE.replace("-raft §", "-raff §"), encoding="utf-8")

    built = run_mkdocs(small, "build", "--strict")

    assert built.returncode == 1
    assert 'docs/index.md:8:30: unknown source "ongaro-2014-raff"; did you mean "ongaro-2014-raft"?' in built.stderr
    assert "Traceback" not in built.stderr


def test_a_strict_build_fails_at_a_mistake_in_the_data(small: Path) -> None:
    """Style, *Problems*: inside the build a problem is logged, so that `--strict` fails with its words."""
    terms = small / "docs" / "data" / "codex" / "terms.yaml"
    terms.write_text(terms.read_text(encoding="utf-8").replace("related: [vote]", "related: [vot]"), encoding="utf-8")

    built = run_mkdocs(small, "build", "--strict")

    assert built.returncode == 1
    assert 'docs/data/codex/terms.yaml:12:13: unknown term "vot"; did you mean "vote"?' in built.stderr
    assert "Traceback" not in built.stderr
