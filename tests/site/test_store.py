"""What a build keeps for the next one: never out of date, never in the way, and the same bytes with and without it."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from raftstep.document.problem import Place
from raftstep.site.store import Store, state
from tests.site.conftest import ROOT
from tests.site.test_plugin import BROKEN, BROKEN_LINE, ENVIRONMENT, run_mkdocs, small
from tests.test_house import PACKAGE

__all__ = ["small"]  # a fixture

NOW = "a" * 64


def open_store(file: Path | None, state: str = NOW) -> Store:
    return Store(file, lambda: state)


def store_things(file: Path, **things: object) -> None:
    """A build that makes these things and ends well."""
    build = open_store(file)
    for name, value in things.items():
        build.once((name,), lambda value=value: value)  # type: ignore[misc]
    build.save()


def take_stored(file: Path | None, name: str, state: str = NOW) -> object:
    """What the next build has under a name, or that it would have to make it."""
    return open_store(file, state).once((name,), lambda: "made anew")


def test_what_was_made_is_had_without_being_made_again(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "built.store"
    store_things(file, text="words", places={"a": (Place(line=1, column=2),)})

    assert take_stored(file, "text") == "words"
    assert take_stored(file, "places") == {"a": (Place(line=1, column=2),)}
    assert take_stored(file, "other") == "made anew"
    assert [path.name for path in file.parent.iterdir()] == ["built.store"]


def test_nothing_is_taken_from_another_state(tmp_path: Path) -> None:
    store_things(tmp_path / "built.store", text="words")

    assert take_stored(tmp_path / "built.store", "text", state="b" * 64) == "made anew"


def test_nothing_is_kept_where_something_changed_while_it_was_used(tmp_path: Path) -> None:
    """Code that was read before a change must not count as the code after it."""
    states = iter((NOW, "b" * 64))
    build = Store(tmp_path / "built.store", lambda: next(states))
    build.once(("text",), lambda: "words")
    build.save()

    assert list(tmp_path.iterdir()) == []


def test_what_a_build_does_not_ask_for_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "built.store"
    store_things(file, one="1", other="2")
    store_things(file, one="another value, not looked at")

    assert take_stored(file, "one") == "1"
    assert take_stored(file, "other") == "made anew"


def test_a_value_that_is_changed_later_is_kept_as_it_was(tmp_path: Path) -> None:
    build = open_store(tmp_path / "built.store")
    build.once(("list",), lambda: ["as made"]).append("more")
    build.save()

    assert take_stored(tmp_path / "built.store", "list") == ["as made"]


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    build = open_store(tmp_path / "built.store")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            build.once(("text",), lambda: str(1 // 0))

    assert build.once(("text",), lambda: "words") == "words"


@pytest.mark.parametrize("spoil", ["empty", "cut short", "changed", "another thing", "a folder"])
def test_a_broken_store_is_as_none(tmp_path: Path, spoil: str) -> None:
    file = tmp_path / "built.store"
    store_things(file, text="words" * 1000)
    data = file.read_bytes()
    file.unlink()
    if spoil == "a folder":
        file.mkdir()
    else:
        changed = data[:200] + bytes([data[200] ^ 1]) + data[201:]
        file.write_bytes({"empty": b"", "cut short": data[:-3], "changed": changed}.get(spoil, b"{}"))

    assert take_stored(file, "text") == "made anew"
    store_things(file, text="words")
    assert take_stored(file, "text") == ("made anew" if spoil == "a folder" else "words")
    assert len(list(tmp_path.iterdir())) == 1


class Evil:
    """A value that would call something when it is read."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, ("called",)


@pytest.mark.parametrize("evil", [Evil(), {"('text',)": pickle.dumps(Evil())}], ids=["the whole", "one entry"])
def test_a_store_from_elsewhere_can_call_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evil: object) -> None:
    """Only values of the generator's own classes are read; a store of others is as none."""
    monkeypatch.chdir(tmp_path)
    data = pickle.dumps(evil)
    (tmp_path / "built.store").write_bytes(NOW.encode() + sha256(data).digest() + data)

    assert take_stored(tmp_path / "built.store", "text") == "made anew"
    assert not (tmp_path / "called").exists()


def test_without_a_file_or_a_folder_to_write_to_all_is_made(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be", encoding="utf-8")
    store_things(tmp_path / "cache" / "built.store", text="words")

    assert take_stored(tmp_path / "cache" / "built.store", "text") == "made anew"
    assert take_stored(None, "text") == "made anew"


def test_two_builds_at_once_do_no_harm(tmp_path: Path) -> None:
    """Each writes a file of its own and puts it in place whole: the last one stays."""
    file = tmp_path / "built.store"
    first, second = open_store(file), open_store(file)
    first.once(("text",), lambda: "of the first")
    second.once(("text",), lambda: "of the second")
    first.save()
    second.save()

    assert take_stored(file, "text") == "of the second"
    assert [path.name for path in tmp_path.iterdir()] == ["built.store"]


def test_the_state_is_of_every_file_by_its_place_and_of_every_fact(tmp_path: Path) -> None:
    def state_now(*facts: str) -> str:
        return state((tmp_path,), *facts)

    seen = [state_now(), state_now("a fact")]
    (tmp_path / "one.py").write_text("x = 1", encoding="utf-8")
    seen.append(state_now())
    (tmp_path / "one.py").write_text("x = 2", encoding="utf-8")
    seen.append(state_now())
    (tmp_path / "inner").mkdir()
    (tmp_path / "one.py").rename(tmp_path / "inner" / "one.py")
    seen.append(state_now())

    assert len({*seen}) == len(seen)
    (tmp_path / "inner" / "__pycache__").mkdir()
    (tmp_path / "inner" / "__pycache__" / "one.pyc").write_bytes(b"compiled")
    assert state_now() == seen[-1]


# Whole builds


def read_site_bytes(folder: Path) -> dict[str, bytes]:
    site = folder / "site"
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_a_site_is_the_same_with_and_without_what_was_kept(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where nothing has changed the second build makes nothing: its store is not even written."""
    monkeypatch.setitem(ENVIRONMENT, "SOURCE_DATE_EPOCH", "0")
    store_file = small / ".cache" / "built.store"
    assert run_mkdocs(small, "build").returncode == 0
    first, written = read_site_bytes(small), store_file.stat().st_mtime_ns

    assert run_mkdocs(small, "build").returncode == 0

    assert read_site_bytes(small) == first
    assert store_file.stat().st_mtime_ns == written


def test_a_mistake_is_told_in_every_build(small: Path) -> None:
    page = small / "docs" / "index.md"
    assert run_mkdocs(small, "build").returncode == 0
    page.write_text(BROKEN, encoding="utf-8")

    for _ in range(2):
        built = run_mkdocs(small, "build")
        assert built.returncode == 1
        assert f"docs/index.md:{BROKEN_LINE}:" in built.stderr


def test_changed_code_templates_and_scenarios_are_never_served_from_the_store(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The generator is a copy here, changed between builds as its author would."""
    copy = small / "copy"
    shutil.copytree(ROOT / "generator", copy / "generator", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(copy / "generator"))
    package = copy / "generator" / "raftstep"
    page = small / "site" / "scenarios" / "leader-election" / "index.html"

    def build_with(file: Path, old: str, new: str) -> str:
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        assert run_mkdocs(small, "build").returncode == 0
        return page.read_text(encoding="utf-8")

    assert run_mkdocs(small, "build").returncode == 0
    template = package / "site" / "templates" / "stepper.html.jinja"
    assert "<summary>Key<" in build_with(template, "<summary>Legend<", "<summary>Key<")
    code = package / "picture" / "cluster_view.py"
    assert "nothing is on its way" in build_with(code, "no message is in flight", "nothing is on its way")
    scenario = package / "scenario" / "library" / "leader-election.yaml"
    assert "randomized between" in build_with(scenario, "randomised between", "randomized between")


WATCHED = """\
import sys

from mkdocs.__main__ import cli
from raftstep.site import store

once, makes, opened = store.Store.once, [], set()
sys.addaudithook(lambda event, found: opened.add(str(found[0])) if event == "open" and makes else None)


def watched(self, key, make):
    def made():
        makes.append(key)
        try:
            return make()
        finally:
            makes.pop()

    return once(self, key, made)


store.Store.once = watched
cli(["build", "--quiet", "--site-dir", sys.argv[1]], standalone_mode=False)
print(*sorted(opened), sep="\\n")
"""


def test_what_is_kept_is_made_from_no_file_outside_the_state(tmp_path: Path) -> None:
    """But for what comes with Python, and the results of searches, which have a digest of their own."""
    (ROOT / ".cache" / "built.store").unlink(missing_ok=True)
    command = [sys.executable, "-c", WATCHED, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=True)

    known = (PACKAGE, ROOT / "docs" / "data", ROOT / ".cache" / "explore", sys.prefix, sys.base_prefix)
    opened = [Path(line) for line in done.stdout.splitlines()]
    assert len([path for path in opened if path.is_relative_to(PACKAGE / "scenario" / "library")]) > 50
    assert [str(path) for path in opened if not any(path.is_relative_to(folder) for folder in known)] == []
