"""What the house keeps to as a whole: layers, sizes, pins, and nothing in the files that belongs to one machine."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "generator" / "raftstep"

# What a layer may import beside itself. The front door (__init__.py, __main__.py) may import them all.
RUNS = ("limits", "core", "simulation", "tla", "document", "executors", "scenario")
LAYERS = {
    "core": (),
    "simulation": ("limits", "core"),
    "tla": ("limits", "core", "simulation"),
    "document": ("limits",),
    "scenario": ("limits", "core", "simulation", "document", "executors"),
    "picture": RUNS,
    "codex": RUNS,
    "site": (*RUNS, "picture", "codex"),
    "cli": (*RUNS, "picture", "codex"),
}
PURE = ("core", "simulation")  # standard library only
SITE_BUILDERS = {"mkdocs", "markdown", "material", "pymdownx"}
IMPURE = {"asyncio", "datetime", "io", "os", "pathlib", "random", "secrets", "sys", "threading", "time", "uuid"}
IMPURE_CALLS = {"print", "open", "input", "eval", "exec", "hash", "id"}

MODULES = sorted(PACKAGE.rglob("*.py"))
TEXT = {".cfg", ".css", ".html", ".jinja", ".js", ".json", ".lock", ".md", ".mjs", ".py", ".svg", ".tla", ".toml"}
TEXT |= {".txt", ".yaml", ".yml", ""}

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
LONGEST_LINE = 120  # .editorconfig; ruff keeps Python to it
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "coming" + " soon", "lorem" + " ipsum", "under" + " construction")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|opt|mnt)/\w")
REGISTRIES = ("py" + "pi", "python" + "hosted", "npm" + "js", "yarn" + "pkg", "deb[.]deb" + "ian", "mav" + "en")
REGISTRY_HOST = re.compile(rf"\b(?:registry[.])?(?:{'|'.join(REGISTRIES)})[.](?:org|com)\b")


def relative_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def list_imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module a file imports, with its line; relative imports are spelt out."""
    package = ["raftstep", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            inside = module == "raftstep" or (node.level and not node.module)
            yield from ((node.lineno, f"{module}.{alias.name}" if inside else module) for alias in node.names)


def layer_of(path: Path) -> str | None:
    first = path.relative_to(PACKAGE).parts[0]
    return first if first in LAYERS else None


def test_imports_run_one_way() -> None:
    """CONTRIBUTING, *How the code is laid out*: a file imports its own layer and what `LAYERS` allows it."""
    violations = [
        f"{relative_name(path)}:{line}: {layer_of(path)} imports {module}"
        for path in MODULES
        if (own_layer := layer_of(path))
        for line, module in list_imports(path)
        if module.split(".")[0] == "raftstep"
        if module != "raftstep.__version__"
        if module.split(".")[1] not in (own_layer, *LAYERS[own_layer])
    ]

    assert violations == []


def test_nothing_left_of_site_knows_a_site_builder() -> None:
    """The runs and the pictures are of use without MkDocs and without Markdown."""
    violations = [
        f"{relative_name(path)}:{line}: {module}"
        for path in MODULES
        if layer_of(path) not in ("site", None)
        for line, module in list_imports(path)
        if module.split(".")[0] in SITE_BUILDERS
    ]

    assert violations == []


def test_core_and_simulation_need_the_standard_library_alone() -> None:
    """They run wherever Python does."""
    allowed_modules = sys.stdlib_module_names | {"raftstep"}
    violations = [
        f"{relative_name(path)}:{line}: {module}"
        for path in MODULES
        if layer_of(path) in PURE
        for line, module in list_imports(path)
        if module.split(".")[0] not in allowed_modules
    ]

    assert violations == []


def test_core_has_no_clock_no_chance_and_no_files() -> None:
    """`step` is a function: the same node and input give the same outcome, in any process."""
    files = [path for path in MODULES if layer_of(path) == "core"]
    impure_imports = [
        f"{relative_name(p)}:{line}: {m}" for p in files for line, m in list_imports(p) if m.split(".")[0] in IMPURE
    ]
    impure_calls = [
        f"{relative_name(path)}:{line}: {call}()"
        for path in files
        for line, call in list_calls(path)
        if call in IMPURE_CALLS
    ]

    assert files
    assert impure_imports + impure_calls == []


def list_calls(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id


def test_the_import_check_sees_every_way_to_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that cannot fail checks nothing."""
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    file = tmp_path / "core" / "node.py"
    file.parent.mkdir()
    file.write_text(
        "import os.path\nfrom raftstep import site\nfrom ..picture import draw\nfrom . import log, quorum\n"
    )

    assert [module for _, module in list_imports(file)] == [
        "os.path",
        "raftstep.site",
        "raftstep.picture",
        "raftstep.core.log",
        "raftstep.core.quorum",
    ]


# Files


def tracked_files() -> list[Path]:
    """The files of the project: what git knows, and what it would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git work tree, so which files are the project's is not known")
    return sorted(path for line in output.split("\0") if line and (path := ROOT / line).is_file())


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    return enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)


def test_no_file_of_code_is_too_long_to_hold_in_mind() -> None:
    """One subject a file."""
    code = [path for path in tracked_files() if path.suffix in {".css", ".jinja", ".js", ".mjs", ".py"}]
    sizes = {relative_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code}

    assert {file: size for file, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_line_of_a_style_or_script_is_too_long_to_read() -> None:
    """.editorconfig says how long a line may be; editors show it, and this keeps to it."""
    files = [path for path in tracked_files() if path.suffix in {".css", ".js", ".mjs"}]
    lines = [(relative_name(path), number, line) for path in files for number, line in numbered_lines(path)]

    assert f"max_line_length = {LONGEST_LINE}" in (ROOT / ".editorconfig").read_text(encoding="utf-8")
    assert [(name, number) for name, number, line in lines if len(line) > LONGEST_LINE] == []


def test_no_file_names_a_machine_a_registry_host_or_unfinished_work() -> None:
    """What is written here must hold on every machine, and be finished."""
    problems = [
        f"{relative_name(path)}:{number}: {line.strip()[:120]}"
        for path in tracked_files()
        if path.suffix in TEXT
        for number, line in numbered_lines(path)
        if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line) or any(word in line for word in UNFINISHED)
    ]

    assert [problem for problem in problems if not problem.startswith("tests/test_house.py")] == []


def test_every_text_file_ends_with_one_newline_and_uses_unix_ones() -> None:
    """Golden files are compared byte by byte, on every system."""
    texts = {path: path.read_bytes() for path in tracked_files() if path.suffix in TEXT and "bad" not in path.parts}

    assert [relative_name(path) for path, data in texts.items() if b"\r" in data] == []
    assert [relative_name(path) for path, data in texts.items() if data and not data.endswith(b"\n")] == []


# Tests


def test_every_test_says_where_its_promise_comes_from() -> None:
    """CONTRIBUTING, *Tests*: a test's name is its promise, and its docstring the source of the promise."""
    silent_tests = [
        f"{relative_name(path)}:{function.lineno}: {function.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for function in list_tests(path)
        if not ast.get_docstring(function)
    ]

    assert silent_tests == []


def test_the_docstring_check_sees_a_test_without_one(tmp_path: Path) -> None:
    """A check that cannot fail checks nothing."""
    file = tmp_path / "test_some.py"
    file.write_text("def test_silent():\n    assert True\n\n\ndef helper():\n    pass\n", encoding="utf-8")

    assert [(function.name, ast.get_docstring(function)) for function in list_tests(file)] == [("test_silent", None)]


def list_tests(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


# Pins


def test_the_lock_answers_pyproject() -> None:
    """What pyproject asks for is in the lock, by hash, and of a version that pyproject allows."""
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirement_texts = [
        *project["dependencies"],
        *(requirement_text for extra in project["optional-dependencies"].values() for requirement_text in extra),
    ]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked_versions = dict(re.findall(r"^([\w.-]+)==([\w.]+)[^\\\n]*\\\n    --hash=sha256:", lock, re.MULTILINE))
    requirements = [Requirement(text) for text in requirement_texts]

    assert [
        str(r) for r in requirements if (v := locked_versions.get(r.name.lower())) is None or v not in r.specifier
    ] == []
    assert locked_versions["mkdocs"].startswith("1.")
    assert locked_versions["mkdocs-material"].startswith("9.")


def test_the_lock_builds_the_package_without_fetching_a_builder() -> None:
    """`pip install --no-build-isolation` finds what [build-system] wants already there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["build-system"]["requires"] == project["project"]["optional-dependencies"]["build"]


def test_every_action_is_pinned_by_commit() -> None:
    """A tag can be moved to other code; a commit cannot. The version is next to it for people."""
    pinned_action = re.compile(r"\s*(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    uses = [(relative_name(path), line) for path in workflows for _, line in numbered_lines(path) if "uses:" in line]

    assert {path.name for path in workflows} == {"audit.yml", "pages.yml", "test.yml"}
    assert uses
    assert [use for use in uses if not pinned_action.match(use[1])] == []


# Commands


def test_the_readme_begins_with_the_two_commands() -> None:
    """A newcomer types the first line that can be typed."""
    code = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)

    assert code
    assert [line.split("#")[0].strip() for line in code[1].splitlines()] == ["make serve", "make test"]


def test_bare_make_lists_every_verb() -> None:
    """What `make` prints is read from the Makefile itself, so a verb without a word of help is not there."""
    if shutil.which("make") is None:
        pytest.skip("make is not here, so what it lists cannot be tested")
    output = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r"^  (\w+)", output, re.MULTILINE)
    phony = re.findall(r"^\.PHONY: (\w+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert verbs == phony
    assert {"serve", "build", "test", "check", "fix", "golden", "bench", "lock", "clean"} < set(verbs)


def test_the_way_from_a_fence_to_a_picture_can_be_followed() -> None:
    """A newcomer follows CONTRIBUTING from a fence to its figure; a step that leads nowhere would lose them."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = guide.split("## From a fence to a picture")[1].split("\n## ")[0]
    steps = re.findall(r"`([\w/]+\.(?:py|js)):(\w+)`", section)

    assert len(steps) >= 12
    for file, name in steps:
        source = (PACKAGE / file).read_text(encoding="utf-8")
        assert re.search(rf"^\s*(?:def |class |async )?{name}\b", source, re.MULTILINE), f"{file} has no {name}"


def test_no_function_is_longer_than_a_screen() -> None:
    """CONTRIBUTING, *The house rules*: past 60 lines a function is two."""
    long_functions = [
        f"{relative_name(path)}:{node.lineno}: {node.name} has {length} lines"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert long_functions == []
