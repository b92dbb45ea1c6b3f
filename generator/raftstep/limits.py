"""How much of everything there may be at most. What exceeds one is reported in a sentence, before memory is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most there may be of something, counted in ``unit``, and how to have more of it, or to need less."""

    name: str
    most: int
    unit: str
    remedy: str

    @property
    def words(self) -> str:
        """The number with its unit, such as *50,000 events*."""
        return f"{self.most:,} {self.unit}".strip()


IN_PYTHON = "in Python allow more with Setup({}=…)"

# A run

EVENTS = Limit(
    name="Events of a run",
    most=50_000,
    unit="events",
    remedy=f"let the run end earlier, or {IN_PYTHON.format('most_events')}",
)
MESSAGES = Limit(
    name="Messages in flight at a time",
    most=1_000,
    unit="messages",
    remedy=f"send fewer, have them arrive sooner, or {IN_PYTHON.format('most_messages')}",
)
"""Nobody can read a picture of more; a run could hold many times as many."""
ENTRIES = Limit(
    name="Entries of a node’s log, with those in its snapshot",
    most=1_000,
    unit="entries",
    remedy=f"let clients send less, let the run end earlier, or {IN_PYTHON.format('most_entries')}",
)
NODES = Limit(name="Nodes of a cluster", most=9, unit="nodes", remedy="the pictures have room for no more")
RUN_MS = Limit(
    name="Time of a run, at the terminal",
    most=3_600_000,
    unit="ms",
    remedy="run it in Python, where until_ms has no limit",
)
"""The events of a run are what it costs, so in Python only they have a limit."""
FAULTS = Limit(
    name="Faults and requests of a random run",
    most=2_000,
    unit="faults",
    remedy="make more runs, with --count",
)

# A scenario; scenario.schema.json has the same numbers, and a test compares them

SCENARIO_MS = Limit(name="Time of a scenario", most=60_000, unit="ms", remedy="shorten it, or run its set-up in Python")
STEPS = Limit(name="Steps of a scenario", most=24, unit="steps", remedy="make two scenarios of it")
DIRECTIVES = Limit(
    name="Directives under happens",
    most=200,
    unit="directives",
    remedy="use fewer, or give Setup(plan=…) in Python as many as there are",
)
SCRIPT_LINES = Limit(name="Lines of a script", most=150, unit="lines", remedy="make two scenarios of it")
SCRIPT_EVENTS = Limit(name="Events of a script", most=100, unit="events", remedy="use fewer")
START_ENTRIES = Limit(
    name="Entries of a log at the start",
    most=100,
    unit="entries",
    remedy="give fewer; a picture has no room for more",
)
TITLE = Limit(
    name="A title, before its holes are filled", most=120, unit="characters", remedy="say the rest in the summary"
)
SUMMARY = Limit(name="A summary", most=1_000, unit="characters", remedy="say the rest on the page around it")
CAPTION = Limit(
    name="A caption, before its holes are filled", most=2_000, unit="characters", remedy="divide it between two steps"
)
COMMAND = Limit(name="A client’s command", most=40, unit="characters", remedy="the pictures have room for no more")

# A file

FILE_BYTES = Limit(name="A file of YAML", most=256_000, unit="bytes", remedy="write fewer actions")
YAML_EVENTS = Limit(name="Keys and values of a file", most=20_000, unit="", remedy="write fewer actions")
YAML_LEVELS = Limit(
    name="Lists and mappings inside one another", most=20, unit="levels", remedy="no scenario needs more"
)

# What is asked for at the terminal

RUNS = Limit(
    name="Runs of chaos and soak in one call",
    most=1_000_000,
    unit="runs",
    remedy="call it again, from the next seed or number on",
)
JOBS = Limit(name="Parallel processes", most=61, unit="processes", remedy="use a cluster for more, with --scheduler")
"""More than these Windows cannot wait for."""
SEARCH_DEPTH = Limit(
    name="Events of a schedule in a search", most=1_000, unit="events", remedy="remove the limit with --depth 0"
)
SEARCH_MEGABYTES = Limit(
    name="Memory of a search", most=64_000, unit="MB", remedy="give at most this to --memory; 4,000 MB is the default"
)
SEARCH_MINUTES = Limit(
    name="Time of a search", most=1_440, unit="minutes", remedy="give at most this to --minutes; 60 is the default"
)
EXPORTED_VALUES = Limit(
    name="Messages and entries in all the states of an export",
    most=500_000,
    unit="",
    remedy="export a run that ends earlier or sends less",
)

LIMITS = tuple(value for value in list(globals().values()) if isinstance(value, Limit))
"""All limits, in the order of the table on the About page."""
