"""Digests in place of golden files, for texts that are too long and too many to be read whole.

`tests/golden/digests.txt` holds a line a text, as `sha256sum` writes it. The texts themselves lie in `build/golden/`,
which git ignores: whoever runs the tests before a change has them there, and then sees the change as a diff.
"""

from __future__ import annotations

from difflib import unified_diff
from hashlib import sha256
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_DIFF = 60
NO_OLD_TEXT = "the old text is not in build/golden/, where a passing test leaves it; run it once before the change"


class Digests:
    """A file of digests by name, with the folder in which the texts lie."""

    def __init__(self, file: Path, texts: Path) -> None:
        self._file = file
        self._texts = texts

    def read(self) -> dict[str, str]:
        """Every name with its digest."""
        if not self._file.exists():
            return {}
        lines = self._file.read_text(encoding="utf-8").splitlines()
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}

    def agrees(self, name: str, text: str) -> bool:
        """Whether a text is the one that was recorded; if so it is left in its folder, for a later diff."""
        if self.read().get(name) != digest_of(text):
            return False
        self._keep(name, text)
        return True

    def record(self, name: str, text: str) -> None:
        """Write a text's digest, and leave the text in its folder."""
        digests = self.read() | {name: digest_of(text)}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{digest}  {name}\n" for name, digest in sorted(digests.items())]
        self._file.write_text("".join(lines), encoding="utf-8", newline="\n")
        self._keep(name, text)

    def describe_change(self, name: str, text: str) -> str:
        """The difference between the recorded text and this one, as far as the recorded one is still there."""
        digest = self.read().get(name)
        if digest is None:
            return f"{name} is new"
        file = self._texts / name
        old_text = _read_exactly(file) if file.exists() else ""
        if digest_of(old_text) != digest:
            return f"{name}: {NO_OLD_TEXT}"
        old_lines, new_lines = old_text.splitlines(), text.splitlines()
        lines = unified_diff(old_lines, new_lines, f"{name} before", f"{name} now", lineterm="", n=1)
        shown_lines = list(islice(lines, LONGEST_DIFF))
        hidden_count = sum(1 for _ in lines)
        return "\n".join(shown_lines + ([f"… and {hidden_count} more lines"] if hidden_count else []))

    def _keep(self, name: str, text: str) -> None:
        file = self._texts / name
        if not file.exists() or _read_exactly(file) != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _read_exactly(file: Path) -> str:
    with file.open(encoding="utf-8", newline="") as stream:
        return stream.read()


DIGESTS = Digests(ROOT / "tests" / "golden" / "digests.txt", ROOT / "build" / "golden")
