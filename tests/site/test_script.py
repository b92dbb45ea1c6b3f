"""The script's pure parts have tests of their own, in its own language; this runs them."""

import re
import subprocess
from pathlib import Path

from tests.site import browser, script_checker
from tests.site.conftest import skip_or_fail

HERE = Path(__file__).parent


def test_the_pure_parts_of_the_script_keep_their_promises() -> None:
    """`node --test` over each *.test.mjs here, with the Node that Playwright brings along: no other is needed."""
    if browser.driver_trouble():
        skip_or_fail(browser.explain_missing())
    files = sorted(str(file) for file in HERE.glob("*.test.mjs"))

    done = subprocess.run(
        [browser.node_path(), "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )

    assert files
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail 0" in done.stdout


def test_the_check_of_the_scripts_finds_a_mistake(tmp_path: Path) -> None:
    """`make check` runs ESLint and TypeScript; each says so where a script is wrong."""
    node = script_checker.find_node()
    if node is None or not script_checker.is_installed():
        skip_or_fail(f"{script_checker.NONE_FOUND} `make check` installs what it can.")
    wrong = 'export const count = (/** @type {string} */ text) => { var unused; return text.lenght == "1"; };\n'
    (tmp_path / "wrong.js").write_text(wrong, encoding="utf-8")
    rules = script_checker.ROOT / "eslint.config.js"
    eslint = [script_checker.ESLINT, "--config", rules, "--stdin", "--stdin-filename", rules.with_name("wrong.js")]
    types = [script_checker.TSC, "--ignoreConfig", "--checkJs", "--noEmit", "--lib", "es2024", tmp_path / "wrong.js"]

    complaints = [
        subprocess.run([node, *command], input=wrong, capture_output=True, text=True, timeout=120, check=False).stdout
        for command in (eslint, types)
    ]

    assert re.findall(r"(no-var|no-unused-vars|eqeqeq)$", complaints[0], re.MULTILINE)
    assert "Property 'lenght' does not exist on type 'string'" in complaints[1]
