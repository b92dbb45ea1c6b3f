"""A certificate that is damaged is refused with the command that renews it, whatever is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from raftstep.cli import main
from raftstep.cli.prove import LONG_SEARCHES
from raftstep.scenario.proofs import certificate as certificates
from raftstep.scenario.proofs.certificate import StaleError, digest_content, load_certificate, write_certificate
from raftstep.simulation.explore import Exploration

BROKEN, COMPLETE = "snapshot-is-an-entry", "two-terms-two-entries"
SHIPPED = certificates.certificate_folder()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of certificates of the test's own."""
    monkeypatch.setattr(certificates, "certificate_folder", lambda: tmp_path)
    return tmp_path


def write_forged(folder: Path, name: str, **changes: Any) -> None:
    """A certificate that says something else, under digests that are right for it."""
    content = json.loads((SHIPPED / f"{name}.json").read_text(encoding="utf-8")) | changes
    content["content_digest"] = digest_content(content)
    (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("name", LONG_SEARCHES)
def test_every_shipped_certificate_holds(name: str) -> None:
    """CONTRIBUTING, *Searches and certificates*: a page shows no number that no search gave."""
    assert load_certificate(name).is_certified


def test_a_number_changed_by_hand_is_found(folder: Path) -> None:
    """Issue 16: a certificate never rests on a flipped bit."""
    text = (SHIPPED / f"{COMPLETE}.json").read_text(encoding="utf-8")
    (folder / f"{COMPLETE}.json").write_text(text.replace('"states": 908394', '"states": 908395'), encoding="utf-8")

    with pytest.raises(StaleError, match=rf"{COMPLETE}\.json is damaged .*; run: make prove"):
        load_certificate(COMPLETE)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", "\ud800", "[" * 100_000], ids=range(7))
def test_what_is_no_certificate_is_refused_with_the_command(text: str, folder: Path) -> None:
    """Issue 16: no damaged file ends a build in a traceback."""
    (folder / f"{COMPLETE}.json").write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(StaleError, match=rf"{COMPLETE}\.json is damaged .*; run: make prove"):
        load_certificate(COMPLETE)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        (COMPLETE, {"states": "<b>x</b>"}),
        (COMPLETE, {"states": True}),
        (COMPLETE, {"states": 0}),
        (COMPLETE, {"states": 10**12}),
        (COMPLETE, {"depth": 28.0}),
        (COMPLETE, {"depth": -1}),
        (COMPLETE, {"complete": False}),
        (COMPLETE, {"complete": 1}),
        (COMPLETE, {"alarms": ["Log Matching: x"]}),
        (COMPLETE, {"script": []}),
        (BROKEN, {"depth": 11}),
        (BROKEN, {"complete": True}),
        (BROKEN, {"complete": True, "script": None, "alarms": []}),
        (BROKEN, {"alarms": []}),
        (BROKEN, {"alarms": ["Log Matching: x"]}),
        (BROKEN, {"alarms": [1]}),
        (BROKEN, {"script": [{"timeout": "S9"}]}),
        (BROKEN, {"script": "timeout: S1"}),
    ],
    ids=str,
)
def test_a_certificate_under_right_digests_must_make_sense_all_the_same(
    name: str, changes: dict[str, Any], folder: Path
) -> None:
    """Issue 16: a number is a number, and fits the run."""
    write_forged(folder, name, **changes)

    with pytest.raises(StaleError, match=r"run: make prove"):
        load_certificate(name)


def test_what_is_written_holds(folder: Path) -> None:
    """``raftstep prove`` writes both digests."""
    write_certificate(COMPLETE, LONG_SEARCHES[COMPLETE], Exploration(states=10, depth=3, is_complete=True), 1.0)

    assert (load_certificate(COMPLETE).states, load_certificate(COMPLETE).depth) == (10, 3)
    assert [path.name for path in folder.iterdir()] == [f"{COMPLETE}.json"]


def test_a_damaged_certificate_does_not_keep_another_from_being_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 16: which search is the longest is read from certificates, and one that is damaged tells nothing."""
    for name in (BROKEN, COMPLETE):
        (folder / f"{name}.json").write_text("{", encoding="utf-8")
    monkeypatch.setattr("raftstep.cli.prove.certificate_folder", lambda: folder)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("raftstep.cli.prove.open_executor", interrupt)

    assert main(["prove", "--stale", "--jobs", "2", BROKEN, COMPLETE]) == 130
    assert capsys.readouterr().out.startswith("Interrupted.")
