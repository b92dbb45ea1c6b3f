"""What a schema cannot say: names that must exist, times that must not run backwards, sentences that must parse."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.document.problem import Place
from raftstep.document.schema import Finding
from raftstep.document.value import YamlValue, read_flag, read_integer, read_list, read_mapping, read_text, read_texts
from raftstep.document.wording import SCHEMA_FILE, quote
from raftstep.scenario.known_names import (
    KnownNames,
    check_command,
    check_distinct_nodes,
    check_enabled_features,
    check_members,
    check_node,
    check_node_keys,
)
from raftstep.scenario.message_checks import (
    MESSAGE_ENDS,
    MESSAGE_FAULTS,
    check_entry_name,
    check_link,
    check_links,
    check_message_fault,
)
from raftstep.scenario.sentence import check_condition, check_sentence, check_words
from raftstep.scenario.start_state import check_start
from raftstep.simulation.events import verbs_in_patterns, verbs_under
from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.simulation.plan import LEADER
from raftstep.simulation.verb import HAPPENS, SCRIPT, ValueForm

PATTERN_FILTERS = ("term", "index", "source", "times")


def check_scenario(top: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    """All mistakes in a scenario whose values are of the right kinds."""
    fork = top.get("fork")
    for holder, name in ((top, "title"), (top, "summary"), (fork, "question")):
        if words := holder.get(name) if holder else None:
            yield from check_words(words, name)
    yield from check_distinct_nodes(top.get("nodes"))
    yield from check_members(top, known_names)
    yield from _check_fixed_nodes(top)
    yield from _check_ranges(top.get("settings"))
    yield from _check_settings_without_effect(top)
    yield from check_node_keys(top.get("timers"), known_names)
    yield from check_node_keys(top.get("clocks"), known_names)
    yield from check_links(top.get("links"), known_names)
    yield from check_start(top, known_names)
    yield from check_node_keys(top.get("disks"), known_names)
    yield from _check_actions(top, known_names)
    yield from check_schedule(top, known_names)
    for number, step in enumerate(read_list(top.get("steps"))):
        yield from _check_step(step, number, known_names)
    yield from check_expectation(top.get("expect"), known_names)


def rules_and_events(pattern: YamlValue) -> list[str]:
    """The rules and events in a pattern written as a mapping; there should be one."""
    return [key for key, _ in pattern.pairs() if key not in PATTERN_FILTERS]


def _check_fixed_nodes(top: YamlValue) -> Iterator[Finding]:
    """In Multi-Paxos, as it is here, all nodes vote, and none is added or removed."""
    if read_text(top.get("settings"), "protocol") != MULTI_PAXOS.name:
        return
    for key in ("voters", "learners"):
        if key in top.key_places:
            yield top.key_places[key], f'all nodes vote in {MULTI_PAXOS.title} here; remove "{key}"'
    if "disks" in top.key_places:
        yield top.key_places["disks"], f'slow disks are of Raft alone, and this is {MULTI_PAXOS.title}; remove "disks"'


def _check_settings_without_effect(top: YamlValue) -> Iterator[Finding]:
    """A setting that does nothing without another one is a mistake; a fork may have the other from its parent."""
    settings = top.get("settings")
    if top.get("fork") or settings is None:
        return
    has_limit = read_integer(settings, "session_limit", 0) > 0
    needed_settings = (
        ("session_limit", read_flag(settings, "sessions", default=False), "sessions: true"),
        ("renew_sessions", has_limit, "session_limit: 2"),
        ("explicit_leave", read_text(settings, "membership") == "joint", "membership: joint"),
    )
    for key, is_there, remedy in needed_settings:
        if settings.get(key) and not is_there:
            yield settings.key_places[key], f'"{key}" has no effect here; set "{remedy}" too, or remove it'


def _check_ranges(settings: YamlValue | None) -> Iterator[Finding]:
    for key in ("election_timeout_ms", "latency_ms"):
        ends = read_list(settings.get(key) if settings else None)
        if len(ends) == 2 and ends[0].integer() > ends[1].integer():
            low, high = ends[0].integer(), ends[1].integer()
            yield ends[0].place, f"the range {key} runs backwards; write the lower number first: [{high}, {low}]"


def _check_actions(top: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    latest_ms = known_names.start_ms
    for action in read_list(top.get("happens")):
        at = action.get("at_ms")
        if at is not None and at.integer() < latest_ms:
            yield at.place, f"time runs backwards: it is already {latest_ms} ms; put actions in order of their time"
        elif at is not None and known_names.until_ms is not None and at.integer() > known_names.until_ms:
            yield at.place, f'the run ends at {known_names.until_ms} ms; choose an earlier moment or a later "until_ms"'
        latest_ms = max(latest_ms, at.integer()) if at is not None else latest_ms
        yield from _check_pattern(action.get("when"), known_names)
        yield from _check_directive(action, known_names)


def _check_directive(action: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    yield from _check_acting_node(action, HAPPENS, known_names, LEADER)
    for name in MESSAGE_FAULTS:
        yield from check_message_fault(action.get(name), known_names)
    yield from check_node_keys(action.get("timers"), known_names)
    yield from check_links(action.get("links"), known_names, LEADER)
    yield from _check_network(action, known_names)
    yield from check_enabled_features(action, known_names)
    if change := action.get("change"):
        yield from check_members(change, known_names)
    if transfer := action.get("transfer"):
        yield from check_node(transfer.get("target"), known_names)


def _check_network(holder: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    """Links that are cut or heal, one by one or between groups."""
    if partition := holder.get("partition"):
        yield from _check_partition(partition, holder.key_places["partition"], known_names)
    for link in (*read_list(holder.get("cut")), *read_list(holder.get("heal"))):
        yield from check_link(link, known_names)


def _check_acting_node(holder: YamlValue, key: str, known_names: KnownNames, *other_words: str) -> Iterator[Finding]:
    """The node at which an author lets something happen."""
    for word, verb in verbs_under(key).items():
        value = holder.get(word)
        if verb.value_form is ValueForm.FIELDS:
            value = value.get("node") if value else None
        if verb.value_form in (ValueForm.NODE, ValueForm.FIELDS):
            yield from check_node(value, known_names, *other_words)


def _check_partition(groups: YamlValue, key_place: Place, known_names: KnownNames) -> Iterator[Finding]:
    seen_nodes: set[str] = set()
    for node in (node for group in groups.list_items() for node in group.list_items()):
        yield from check_node(node, known_names)
        if node.text() in seen_nodes:
            yield node.place, f"{node.text()[:40]} is in the partition twice; name each node once"
        seen_nodes.add(node.text())
    missing_nodes = [name for name in known_names.nodes or () if name not in seen_nodes]
    if missing_nodes and not groups.is_incomplete and not any(group.is_incomplete for group in groups.list_items()):
        yield key_place, f"the partition leaves out {', '.join(missing_nodes)}; put every node in a group"


def _check_pattern(pattern: YamlValue | None, known_names: KnownNames) -> Iterator[Finding]:
    if pattern is None or not pattern.fields:
        return
    event_words = rules_and_events(pattern)
    if not event_words and not pattern.is_incomplete:
        words = f'it names no rule or event; add one, such as "become-leader: S1" ({SCHEMA_FILE} has them all)'
        yield pattern.place, words
    for extra in event_words[1:]:
        yield (
            pattern.key_places[extra],
            f"a pattern names one rule or event, and {quote(event_words[0])} comes before it; remove one of them",
        )
    for word in event_words:
        node = pattern.fields[word]
        yield from check_node(node, known_names, "any")
        verb = verbs_in_patterns().get(word)
        if verb and verb.is_cluster_wide and (node.text() != "any" or pattern.get("term") or pattern.get("index")):
            yield node.place, f"a {word} is an event of the whole cluster, not of one node; write {word} alone"
    yield from check_node(pattern.get("source"), known_names)


def _check_step(step: YamlValue, number: int, known_names: KnownNames) -> Iterator[Finding]:
    when = step.get("when")
    if when is not None and when.scalar == "start" and number > 0:
        yield when.place, 'only the first step is the start; write the event that reaches this one, such as "commit"'
    yield from _check_pattern(when, known_names)
    for name in ("title", "say", "why"):
        if sentence := step.get(name):
            yield from check_sentence(sentence, is_title=name == "title")
    yield from check_expectation(step.get("expect"), known_names)


KEYED_BY_NODE = ("terms", "roles", "votes", "logs", "commit_index", "configurations", "snapshots", "machines")


def check_expectation(expect: YamlValue | None, known_names: KnownNames) -> Iterator[Finding]:
    """All that an expectation names and the scenario does not have."""
    if expect is None:
        return
    yield from check_node(expect.get("leader"), known_names, "none")
    for name in KEYED_BY_NODE:
        yield from check_node_keys(expect.get(name), known_names)
    for _, vote in read_mapping(expect.get("votes")):
        yield from check_node(vote, known_names, "none")
    for _, configuration in read_mapping(expect.get("configurations")):
        for _, group in configuration.pairs():
            for node in group.list_items():
                yield from check_node(node, known_names)
    for condition in read_list(expect.get("that")):
        yield from check_condition(condition)
    for name in ("answered", "unanswered"):
        for answer in read_list(expect.get(name)):
            yield from check_command(answer.text(), answer.place, known_names)
    for _, log in read_mapping(expect.get("logs")):
        for entry in log.list_items():
            yield from _check_entry(entry, known_names)


def _check_entry(entry: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    name = str(entry.scalar).rpartition("@")[0]
    if not name:
        return
    if name == "no-op":
        if not known_names.no_op and known_names.commands is not None:
            yield entry.place, 'no leader appends a no-op here; set "no_op: true" under settings'
    elif name.startswith("{"):
        if known_names.membership == "fixed":
            yield entry.place, 'the configuration is fixed here; set "membership: joint" under settings'
    else:
        yield from check_command(name, entry.place, known_names)


def check_schedule(top: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    """All mistakes in a schedule whose values are of the right kinds."""
    if top.get("script") is None:
        return
    yield from _check_learners_of_schedule(top)
    yield from _check_time_settings(top)
    for event in read_list(top.get("script")):
        yield from _check_event(event, known_names)


def _check_learners_of_schedule(top: YamlValue) -> Iterator[Finding]:
    """The search knows its learners as the last nodes."""
    nodes, learners = top.get("nodes"), top.get("learners")
    if nodes is None or nodes.is_incomplete or learners is None or learners.is_incomplete:
        return
    names = read_texts(nodes)
    last_nodes = names[len(names) - len(read_list(learners)) :]
    if set(read_texts(learners)) <= set(names) and read_texts(learners) != last_nodes:
        yield learners.place, f"a schedule's learners are its last nodes; write learners: [{', '.join(last_nodes)}]"
    elif len(last_nodes) == len(names):
        yield learners.place, "at least one node must vote; name fewer learners"


def _check_time_settings(top: YamlValue) -> Iterator[Finding]:
    """Clocks and timeouts need time to pass."""
    if any(event.get("tick") or "tick" in event.key_places for event in read_list(top.get("script"))):
        return
    settings = top.get("settings")
    for holder, key in ((top, "clocks"), (settings, "election_timeout_ms")):
        if holder and holder.get(key):
            words = f'no time passes in this schedule; remove "{key}", or let some pass with a tick such as tick: 50'
            yield holder.key_places[key], words


def _check_event(event: YamlValue, known_names: KnownNames) -> Iterator[Finding]:
    yield from _check_acting_node(event, SCRIPT, known_names)
    if change := event.get("change"):
        yield from check_members(change, known_names)
    if transfer := event.get("transfer"):
        yield from check_node(transfer.get("target"), known_names)
    yield from _check_network(event, known_names)
    yield from check_enabled_features(event, known_names)
    for verb in ("deliver", "drop"):
        if (value := event.get(verb)) and value.fields is not None:
            yield from _check_message(value, event.key_places[verb], known_names, is_lost=verb == "drop")
    for key in ("say", "why", "expect"):
        if event.get("drop") and key in event.key_places:
            yield (
                event.key_places[key],
                f'a lost message is no step of its own; write "{key}" at the event before or after it',
            )
    for sentence in (event.get("say"), event.get("why")):
        if sentence:
            yield from check_sentence(sentence)
    expect = event.get("expect")
    if expect and "broken" in expect.key_places:
        words = 'a schedule says once what it breaks; write "broken" under the expect that follows the script'
        yield expect.key_places["broken"], words
    yield from check_expectation(expect, known_names)


def _check_message(value: YamlValue, key_place: Place, known_names: KnownNames, *, is_lost: bool) -> Iterator[Finding]:
    """One kind of message with what it says; for a loss, the two ends alone are enough."""
    kinds = [(kind, content) for kind, content in value.pairs() if kind not in MESSAGE_ENDS]
    for holder in (value, *(content for _, content in kinds)):
        for end in MESSAGE_ENDS:
            yield from check_node(holder.get(end), known_names)
        if entry := holder.get("entry"):
            yield from check_entry_name(entry.text(), entry.place, known_names)
    if not kinds and not is_lost and not value.is_incomplete:
        yield key_place, "no message is named; write its kind, such as deliver: {RequestVote: {source: S1, target: S2}}"
    if kinds and len(value.pairs()) > 1:
        extra = next(name for name, _ in value.pairs() if name != kinds[0][0])
        words = f"one kind of message can be named, and {kinds[0][0]} is already; write the rest under it"
        yield value.key_places[extra], words
