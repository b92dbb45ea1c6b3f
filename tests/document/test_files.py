"""Only plain files of a bounded size are read; whatever else lies in a folder gets a sentence or is passed over."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from raftstep.cli import main
from raftstep.codex.data_file import load_schema, read_documents
from raftstep.document.files import digest_folder, is_inside, list_files, read_file
from raftstep.document.problem import Problems
from raftstep.document.reading import UnreadableError
from raftstep.scenario import library
from raftstep.scenario.named import play_named
from raftstep.scenario.shipped import play_shipped
from raftstep.site.host import read_page_file

SCENARIO = library.read_scenario_text("split-vote") or ""


def fill_with_odd_things(folder: Path) -> None:
    """All that a folder of data may hold beside data, each under a name that ends like data."""
    (folder / ".#lock.yaml").symlink_to("somebody@somewhere.1234")
    (folder / "dangling.yaml").symlink_to(folder / "nothing")
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    (folder / "device.yaml").symlink_to("/dev/zero")
    (folder / "folder.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as listener:
        directory = os.open(folder, os.O_RDONLY)
        try:
            listener.bind(f"/proc/self/fd/{directory}/socket.yaml")
        finally:
            os.close(directory)
    for left_by_editor in ("#data.yaml#", "data.yaml~", ".data.yaml.swp", ".data.yaml"):
        (folder / left_by_editor).write_text("half: written", encoding="utf-8")


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_file(path)
    return caught.value.words


def test_a_plain_file_is_read_whole(tmp_path: Path) -> None:
    """A link to one is as good, for some keep their files so."""
    (tmp_path / "data.yaml").write_bytes(b"a: 1")
    (tmp_path / "link.yaml").symlink_to("data.yaml")

    assert read_file(tmp_path / "data.yaml") == read_file(tmp_path / "link.yaml") == b"a: 1"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dangling.yaml", "no such file or directory; give a file that is there"),
        ("loop.yaml", "too many levels of symbolic links; give a file that is there"),
        ("device.yaml", "this is a device; give a file"),
        ("folder.yaml", "this is a directory; give a file"),
        ("pipe.yaml", "this is a pipe; give a file"),
        ("socket.yaml", "this is a socket; give a file"),
        ("x" * 300, "file name too long; give a file that is there"),
        ("a\0b", "cannot be read; give a file that is there"),
    ],
)
def test_what_is_no_plain_file_gets_a_sentence(name: str, words: str, tmp_path: Path) -> None:
    """A pipe hung for ever, and a device filled the memory."""
    fill_with_odd_things(tmp_path)

    assert refusal(tmp_path / name) == words


def test_a_file_of_ten_gigabytes_is_not_read(tmp_path: Path) -> None:
    """Its size is told, and nothing is read of it."""
    huge = tmp_path / "huge.yaml"
    huge.touch()
    os.truncate(huge, 10_000_000_000)

    assert refusal(huge).startswith("the file is 10000.0 MB; a scenario has at most 256 kB")


def test_only_plain_files_are_listed_and_digested(tmp_path: Path) -> None:
    """An Emacs lock is a dangling link that appears with the first key pressed; it ended the build."""
    (tmp_path / "data.yaml").write_text("a: 1", encoding="utf-8")
    before = digest_folder(tmp_path)

    fill_with_odd_things(tmp_path)

    assert list_files(tmp_path, ".yaml") == [tmp_path / "data.yaml"]
    assert digest_folder(tmp_path) == before


def test_a_digest_changes_with_any_file(tmp_path: Path) -> None:
    """So that a server sees every save, also one within the same tick of the clock."""
    path = tmp_path / "data.yaml"
    path.write_text("a: 1", encoding="utf-8")
    changed_ns = path.stat().st_mtime_ns
    before = digest_folder(tmp_path)

    path.write_text("a: 10", encoding="utf-8")
    os.utime(path, ns=(changed_ns, changed_ns))

    assert digest_folder(tmp_path) != before
    assert digest_folder(tmp_path, by_name_only=tmp_path) == digest_folder(tmp_path, by_name_only=tmp_path)


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """It may vanish while it is read."""
    assert digest_folder(tmp_path / "nowhere") == digest_folder(tmp_path)
    assert list_files(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["../x.yaml", "/etc/passwd", "link.yaml", "folder/../../x.yaml"])
def test_a_page_reads_no_file_outside_its_folder(name: str, tmp_path: Path) -> None:
    """The first line of /etc/passwd was once shown on a page."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "x.yaml").write_text(SCENARIO, encoding="utf-8")
    (docs / "link.yaml").symlink_to(tmp_path / "x.yaml")

    with pytest.raises(UnreadableError, match="this leads out of the folder of the pages"):
        read_page_file(docs, name)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("notes.txt", "", "a scenario's file ends in .yaml"),
        ("secret.yaml", "", 'lines that begin with "title:" and with "steps:" or "script:"'),
        ("openapi.yaml", "title: Ours\n", 'lines that begin with "title:" and with "steps:" or "script:"'),
        ("workflow.yaml", "steps: []\n", 'lines that begin with "title:" and with "steps:" or "script:"'),
    ],
)
def test_a_page_shows_nothing_of_a_file_that_is_no_scenario(name: str, text: str, words: str, tmp_path: Path) -> None:
    """A mistake is shown with its line, so what is no scenario must not be read as one."""
    (tmp_path / name).write_text(f"{text}password: hunter2\n", encoding="utf-8")

    with pytest.raises(UnreadableError) as caught:
        read_page_file(tmp_path, name)

    assert words in caught.value.words
    assert "hunter2" not in caught.value.words


def test_a_page_shows_scenarios_beside_it_with_their_mistakes(tmp_path: Path) -> None:
    """And a name that is of no file is for the caller to explain."""
    (tmp_path / "mine.yaml").write_text(SCENARIO, encoding="utf-8")
    bad_text = '{title: x, "script" : ['
    (tmp_path / "bad.yml").write_text(bad_text, encoding="utf-8")

    assert read_page_file(tmp_path, "mine.yaml") == SCENARIO.encode()
    assert read_page_file(tmp_path, "bad.yml") == bad_text.encode()
    assert read_page_file(tmp_path, "none.yaml") is read_page_file(tmp_path, "leader-election") is None


def test_a_byte_order_mark_hides_no_scenario(tmp_path: Path) -> None:
    """Issue 16: what another editor puts at the beginning of a file is no part of it."""
    (tmp_path / "bom.yaml").write_text(f"\ufeff{SCENARIO}", encoding="utf-8")

    assert read_page_file(tmp_path, "bom.yaml") == f"\ufeff{SCENARIO}".encode()


def test_no_name_and_no_line_controls_the_terminal(
    shipped_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 16: names of files come from strangers, too; one that clears the screen must not."""
    name = "a\x1b[2J\nb\x9b\udcff"
    (shipped_folder / f"{name}.yaml").write_text("title: x\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(SCENARIO.replace("S1", "\x1b[2J", 1), encoding="utf-8")
    words = '"\\x1b[2J"'
    (tmp_path / "quoted.yaml").write_text(SCENARIO.replace("[S1", f"[{words}", 1), encoding="utf-8")

    assert main(["check"]) == 1
    assert main(["check", str(tmp_path / f"{name}.yaml"), str(tmp_path / "bad.yaml"), "quoted.yaml"]) == 1
    assert main(["check", str(tmp_path / "quoted.yaml")]) == 1

    shown = "".join(capsys.readouterr())
    assert "a\ufffd[2J\ufffdb\ufffd\ufffd.yaml" in shown
    assert not set(shown) & {"\x1b", "\x9b", "\udcff"}


def test_data_of_the_codex_is_listed_by_pattern(tmp_path: Path) -> None:
    """Whatever else lies in its folders is passed over, and a link out of them is told."""
    folder = tmp_path / "docs" / "data" / "codex"
    (folder / "terms").mkdir(parents=True)
    fill_with_odd_things(folder / "terms")
    (folder / "terms" / "good.yaml").write_text("raft: {}", encoding="utf-8")
    (tmp_path / "secret").write_text("password: hunter2", encoding="utf-8")
    (folder / "terms" / "secret.yaml").symlink_to(tmp_path / "secret")

    documents = read_documents(folder, "terms", load_schema("terms"))

    assert [document.path.rpartition("/")[2] for document in documents] == ["good.yaml", "secret.yaml"]
    problems = documents[1].problems()
    assert problems
    assert problems.show() == (
        "docs/data/codex/terms/secret.yaml:1:1: this leads out of the folder of data; put the file itself there"
    )


def test_no_two_paths_lead_inside_and_outside(tmp_path: Path) -> None:
    """What cannot be followed is outside."""
    (tmp_path / "in").mkdir()

    assert is_inside(tmp_path / "in" / "x", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / ".." / "x", tmp_path / "in")
    assert not is_inside(tmp_path / "a\0b", tmp_path)


@pytest.fixture
def shipped_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped scenarios of our own."""
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    library.list_scenario_ids.cache_clear()
    monkeypatch.setattr(library, "list_scenario_ids", library.list_scenario_ids.__wrapped__)
    monkeypatch.setattr("raftstep.scenario.shipped.list_scenario_ids", library.list_scenario_ids)
    return tmp_path


def test_a_shipped_scenario_that_is_not_utf_8_is_a_problem_with_its_file(shipped_folder: Path) -> None:
    """It was a traceback without the file's name, in every build."""
    (shipped_folder / "split-vote.yaml").write_bytes(SCENARIO.encode().replace(b"title: ", b"title: \xe9", 1))

    played = play_shipped("split-vote")

    assert isinstance(played, Problems)
    assert "split-vote.yaml:" in played.show()
    assert "not UTF-8: the byte 0xe9 is no text; save the file as UTF-8" in played.show()


def test_shipped_scenarios_have_names_that_can_be_addresses(shipped_folder: Path) -> None:
    """One of the name index took the place of the list of all, in silence."""
    fill_with_odd_things(shipped_folder)
    for name in ("good-one", "index", "README", "Ünder_score", "two--hyphens", "2-nodes"):
        (shipped_folder / f"{name}.yaml").write_text(SCENARIO, encoding="utf-8")

    assert library.list_scenario_ids() == ("2-nodes", "good-one")
    assert sorted(library.list_misnamed_files()) == [
        "README.yaml",
        "index.yaml",
        "two--hyphens.yaml",
        "Ünder_score.yaml",
    ]


def test_a_shipped_scenario_that_vanishes_is_a_problem(shipped_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor may save by writing another file in its place."""
    monkeypatch.setattr("raftstep.scenario.shipped.list_scenario_ids", lambda: ("gone",))

    played = play_shipped("gone")

    assert isinstance(played, Problems)
    assert played.show().startswith("gone.yaml:1:1: cannot be read any more")
    assert list(shipped_folder.iterdir()) == []


def test_a_scenario_named_at_the_terminal_is_a_plain_file() -> None:
    """`raftstep check /dev/zero` ended by itself once the memory was full."""
    played = play_named(Path("/dev/zero"))

    assert isinstance(played, Problems)
    assert played.show() == "/dev/zero:1:1: this is a device; give a file"
