"""Words that a reader stumbles over do not come back: CONTRIBUTING, *Prose*, as far as a list of words can check it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "generator" / "raftstep"

WORDS = {
    r"stands? for election": "write: starts an election",
    r"(?:stands?|stood)(?! (?:for|still|alone|by itself)\b)": "write: starts an election; or: is, is written",
    r"mend(?:s|ed|ing)?": "write: fix, repair",
    r"doubled": "a message is duplicated",
    r"befell|befall(?:s|en)?": "write: happened to",
    r"tells?|told|telling": "a node replies or sends, a program says or reports, a reader distinguishes",
    r"whoever|whomever": "name the person, or the part of the program",
    r"besides?": "write: next to; in addition to",
    r"under way": "a message is in flight, a change is in progress",
    r"(?:says?|said) no": "write: rejects, denies the vote",
    r"(?:comes?|came) back to life": "write: restarts",
}
"""What the field has a plainer word for, and that word."""

ALLOWED = (
    "| S3 stands. |",  # this table and the next three lines are what CONTRIBUTING says not to write
    "| a leader that was well; mended; doubled; says no |",
    "| S3 comes back and is told of the newer term. |",
    "| A message is under way; a hand-over is under way. |",
    "| It stands in the list twice; mend it. |",
    "has passed 10 MiB and doubled",  # a file that is twice as long
    "cannot tell a paused leader from one that crashed",
    "could not tell that these are the same command",
    "would tell them apart",
    "nobody can tell any more whether",
)
"""Where such a word is the right one: it is quoted, or has its ordinary meaning."""

IN_A_NAME = r"(?<![-\w`.])(?:{})(?![-\w`\"'=])"


def spaced(words: str) -> str:
    """A pattern in which a line may end between two words."""
    return words.replace(" ", r"\s+")


PLAIN = {re.compile(IN_A_NAME.format(spaced(word)), re.IGNORECASE): advice for word, advice in WORDS.items()}
EXCUSED = [re.compile(spaced(re.escape(words).replace(r"\ ", " "))) for words in ALLOWED]


def list_texts(path: Path) -> Iterator[tuple[int, str]]:
    """What a reader may see of a file, each text with its first line. Of Python that is its strings and docstrings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield 1, text
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def find_words(text: str) -> Iterator[tuple[int, str, str]]:
    """The words that are not plain: how many lines into the text, which one, and what to write instead."""
    excused = [match.span() for pattern in EXCUSED for match in pattern.finditer(text)]
    for pattern, advice in PLAIN.items():
        for match in pattern.finditer(text):
            if not any(start <= match.start() and match.end() <= end for start, end in excused):
                yield text.count("\n", 0, match.start()), " ".join(match[0].split()), advice


def list_files() -> list[Path]:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    data = (ROOT / "docs" / "data" / "codex").rglob("*.yaml")
    package = (path for kind in ("py", "yaml", "json", "jinja") for path in PACKAGE.rglob(f"*.{kind}"))
    return sorted({*pages, *data, *package})


def test_what_readers_read_has_none_of_these_words() -> None:
    """CONTRIBUTING, *Prose*: the field's words, plain enough for an engineer whose second language is English."""
    files = list_files()
    violations = [
        f'{path.relative_to(ROOT).as_posix()}:{first + lines}: "{word}"; {advice}'
        for path in files
        for first, text in list_texts(path)
        for lines, word, advice in find_words(text)
    ]

    assert {path.suffix for path in files} == {".md", ".yaml", ".py", ".json", ".jinja"}
    assert violations == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("S3 stands,\nand S2 tells it.", [(0, "stands"), (1, "tells")]),
        ("The change is under\n  way.", [(0, "under way")]),
        ("It is asked to stand for election.", [(0, "stand for election")]),
        ("A bag stands for a set, and time stands still.", []),
        ("nobody can tell any\nmore whether it was applied", []),
        ('```raft src="a" beside="b"', []),
        ("the recommended amended bedside", []),
    ],
)
def test_the_check_finds_them_across_lines_and_leaves_names_alone(text: str, words: list[tuple[int, str]]) -> None:
    """A check that never fails may be checking nothing."""
    assert [(lines, word) for lines, word, _ in find_words(text)] == words
