"""Damage to stored results can only make a build slower: whatever is wrong with them, the search is made again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.scenario.proofs import stored_results
from raftstep.scenario.proofs.certificate import SearchResult
from raftstep.scenario.proofs.shortest_runs import find_shortest_run
from raftstep.scenario.proofs.stored_results import TEMPORARY_PREFIX, StoredResults, result_path
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG

VARIANT = VARIANTS_BY_SLUG["append-only"]
FOUND = find_shortest_run(VARIANT)


def store_result(folder: Path) -> Path:
    StoredResults(folder).save(VARIANT, FOUND)
    return result_path(folder, VARIANT)


def load_and_listen(folder: Path) -> tuple[SearchResult | None, list[str]]:
    lines: list[str] = []
    return StoredResults(folder, lines.append).load(VARIANT), lines


def write_forged(path: Path, **changes: Any) -> None:
    """A result that says something else, under a digest that is right for it."""
    content = json.loads(path.read_text(encoding="utf-8")) | changes
    content["digest"] = stored_results._digest_content(VARIANT, content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_stored_result_is_what_was_found(tmp_path: Path) -> None:
    """CONTRIBUTING, *Searches and certificates*: the next build takes it from there."""
    store_result(tmp_path)

    assert load_and_listen(tmp_path) == (FOUND, [])


def test_any_bit_that_is_flipped_is_found(tmp_path: Path) -> None:
    """A page must not tell of a search that was never made."""
    path = store_result(tmp_path)
    whole = path.read_bytes()

    @given(bit=st.integers(0, len(whole) * 8 - 1))
    def check(bit: int) -> None:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        result, lines = load_and_listen(tmp_path)
        assert result in (None, FOUND)
        assert len(lines) == (result is None)

    check()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"digest": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"digest": "x", "states": NaN, "depth": 1, "script": []}',
        b"x" * 1_000_000,
        b"cos\nsystem\n(S'false'\ntR.",
    ],
    ids=range(10),
)
def test_what_is_no_result_is_thrown_away_with_one_line(text: bytes, tmp_path: Path) -> None:
    """Of 16 damaged files 14 once ended the build, and 2 were published."""
    path = store_result(tmp_path)
    path.write_bytes(text)

    result, lines = load_and_listen(tmp_path)

    assert result is None
    assert len(lines) == 1
    assert str(path) in lines[0]
    assert "\n" not in lines[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"states": "<b>x</b>"},
        {"states": True},
        {"states": -1},
        {"states": 10**30},
        {"states": 18.0},
        {"depth": "<b>x</b>"},
        {"depth": 3},
        {"script": []},
        {"script": "timeout: S1"},
        {"script": [{"timeout": "S1"}]},
        {"script": [{"timeout": "S9"}]},
        {"script": [{"timeout": ["S1"]}]},
        {"script": [{"deliver": {"RequestVote": 1}}]},
        {"script": [{"unknown": None}]},
        {"script": [1, 2]},
    ],
    ids=str,
)
def test_a_result_under_a_right_digest_must_make_sense_all_the_same(changes: dict[str, Any], tmp_path: Path) -> None:
    """A folder of results may come from a build of somebody else's changes."""
    write_forged(store_result(tmp_path), **changes)

    result, lines = load_and_listen(tmp_path)

    assert (result, len(lines)) == (None, 1)


def test_a_command_that_no_search_would_send_is_refused(tmp_path: Path) -> None:
    """Commands are shown on pages, so those of a stored run are the search's own."""
    path = store_result(tmp_path)
    script = json.loads(path.read_text(encoding="utf-8"))["script"]
    forged = json.loads(json.dumps(script).replace("x=1", "<img onerror=alert(1)>"))
    assert forged != script, script
    write_forged(path, script=forged)

    result, lines = load_and_listen(tmp_path)

    assert (result, len(lines)) == (None, 1)


def make_file(path: Path) -> None:
    path.write_text("a file", encoding="utf-8")


def make_folder_in_place(path: Path) -> None:
    result_path(path, VARIANT).mkdir(parents=True)


def make_pipe_in_place(path: Path) -> None:
    path.mkdir()
    os.mkfifo(result_path(path, VARIANT))


def make_dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere" / "nothing")


def make_under_file(path: Path) -> None:
    path.parent.rmdir()
    make_file(path.parent)


MAKERS = (make_file, make_folder_in_place, make_pipe_in_place, make_dangling, make_under_file)


@pytest.mark.parametrize(
    "make",
    MAKERS,
    ids=lambda make: make.__name__,
)
def test_a_folder_that_is_none_costs_time_only(make: Callable[[Path], None], tmp_path: Path) -> None:
    """A read-only checkout, a full disk, a file of the folder's name: a build goes on all the same."""
    folder = tmp_path / ".cache" / "explore"
    folder.parent.mkdir()
    make(folder)
    lines: list[str] = []
    results = StoredResults(folder, lines.append)

    assert find_shortest_run(VARIANT, results) == FOUND
    assert results.load(VARIANT) == FOUND
    assert len(lines) <= 2


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is said once, not for each of thirty results."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    lines: list[str] = []
    results = StoredResults(tmp_path, lines.append)

    results.save(VARIANT, FOUND)
    results.save(VARIANT, FOUND)

    assert list(tmp_path.iterdir()) == []
    assert len(lines) == 1
    assert "No space left on device" in lines[0]


def test_what_a_killed_build_left_is_swept_after_an_hour(tmp_path: Path) -> None:
    """Another build may be at it until then."""
    old, new, foreign = (tmp_path / name for name in (f"{TEMPORARY_PREFIX}1", f"{TEMPORARY_PREFIX}2", "notes"))
    for path in (old, new, foreign):
        make_file(path)
    for path in (old, foreign):
        os.utime(path, (time.time() - 7200,) * 2)

    stored = store_result(tmp_path)

    assert sorted(tmp_path.iterdir()) == sorted([new, foreign, stored])


def test_a_run_that_breaks_the_property_before_its_end_is_refused(tmp_path: Path) -> None:
    """Issue 16: a search stops at the first break, so a longer run with a right digest was never found by one."""
    path = store_result(tmp_path)
    script = json.loads(path.read_text(encoding="utf-8"))["script"]
    write_forged(path, script=[*script, {"timeout": "S1"}], depth=FOUND.depth + 1, states=FOUND.states + 1)

    result, lines = load_and_listen(tmp_path)

    assert result is None
    assert "breaks Leader Append-Only before its end" in lines[0]
