"""Command lines for whatever files lie about: most of a right shape, with values that are not."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.scenario.schedules import FROM_LOGS, TWO_LEADERS
from tests.site.fences import INLINE

FILES = {
    "good.yaml": INLINE.encode(),
    "found.yaml": TWO_LEADERS.encode(),
    "logs.yaml": FROM_LOGS.encode(),
    "broken.yaml": INLINE.replace("when: start,", "when: strat,").encode(),
    "empty.yaml": b"",
    "binary.yaml": bytes(range(256)),
}


def write_files(folder: Path) -> None:
    """What the commands name, and some places that no command can read or write."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    (folder / "dangling.yaml").symlink_to("nowhere")
    (folder / "loop.yaml").symlink_to("loop.yaml")


SCENARIOS = (
    *FILES,
    *(
        "no-op",
        "leader-election",
        "leader-electoin",
        "folder",
        "dangling.yaml",
        "loop.yaml",
        "",
        ".",
        "/",
        "nul\0.yaml",
    ),
    *("x" * 5000, "../x", "-", "--", "a\nb", "\udcff.yaml", "~", "*", "http://x/y", "good.yaml/x", "\x1b[31m"),
)
NUMBERS = ("0", "1", "2", "-1", "3", "9", "10", "007", "1.5", "1e3", "nan", "inf", "", "²", "x", "9" * 30, "9" * 5000)
OUTPUTS = ("out.svg", "folder", "folder/out", "nowhere/out", "dangling.yaml", "loop.yaml", "", "/", "nul\0", "x" * 300)
RULES = ("up-to-date-log", "one-vote-a-term", "up-to-dat-log", "", "x")
BOUNDS = ("terms", "nodes", "entries", "commands", "crashes", "ticks", "heartbeats", "terms=2,entries", "x", "")
FEATURES = ("joint", "single", "no-op", "lease", "read-index", "learners", "x", "")
SCHEDULERS = ("x", "tcp://x", "tcp://127.0.0.1:0", "tcp://127.0.0.1:99999", "http://127.0.0.1:80", "")


def make_command(random: Random) -> list[str]:
    """A command line. What would take long by being asked to is kept short by what stands last."""
    verb = random.choice(["play", "check", "codex", "render", "chaos", "soak", "timing", "explore", "prove", "export"])
    arguments = [verb]
    for _ in range(random.randrange(4)):
        option = random.choice(OPTIONS[verb] if random.randrange(8) else sum(OPTIONS.values(), ()))
        arguments += [option, *([random.choice(_values(option))] if random.randrange(10) else [])]
    for _ in range(random.choice([0, 1, 1, 1, 2])):
        arguments.insert(random.randrange(len(arguments) + 1), random.choice(SCENARIOS))
    return arguments + LAST[verb]


def _values(option: str) -> tuple[str, ...]:
    return {
        "-o": OUTPUTS,
        "--without": RULES,
        "--with": FEATURES,
        "--bounds": tuple(f"{name}={number}" for name in BOUNDS for number in NUMBERS[:8]),
        "--scheduler": SCHEDULERS,
        "--view": ("log", "cluster", "timeline", "x"),
        "--protocol": ("raft", "multi-paxos", "x"),
        "--stale": ("commit-own-term", "x"),
    }.get(option, NUMBERS)


OPTIONS: dict[str, tuple[str, ...]] = {
    "play": ("--seed", "--until"),
    "check": ("--version",),
    "codex": ("--help",),
    "render": ("--step", "--view", "-o"),
    "chaos": (
        "--nodes",
        "--seed",
        "--until",
        "--faults",
        "--loss",
        "--slowest",
        "--spread",
        "--with",
        "--protocol",
        "--recover",
    ),
    "soak": ("--count", "--first", "--jobs", "--scheduler", "--recover"),
    "timing": ("--jobs", "--scheduler"),
    "explore": ("--without", "--bounds", "--after", "--depth", "--memory", "-o"),
    "prove": ("--stale", "--jobs", "--scheduler"),
    "export": ("--model", "--bounds", "--after", "-o"),
}
LAST: dict[str, list[str]] = {
    **{verb: [] for verb in ("play", "render", "export", "codex")},
    "check": ["no-op"],
    "chaos": ["--count", "1", "--until", "300", "--faults", "3", "--slowest", "40"],
    "soak": ["--count", "1", "--jobs", "1"],
    "timing": ["--jobs", "1", "-o", "nowhere/timing.json"],
    "explore": ["--depth", "2"],
    "prove": ["no-such-search"],
}
