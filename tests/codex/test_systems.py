"""Systems and incidents as read from their data: what is known, what follows, and what nobody has verified."""

from __future__ import annotations

from raftstep.codex.systems import COMPARED_TOPICS, DEFAULT_TOPICS, TOPICS, Compaction, Library, Timing, WordPair
from tests.codex.reading import OWN, read


def test_a_system_says_what_was_read_and_where() -> None:
    """The schema of systems: each key has a value in the data of tests/codex/good."""
    etcd = read().systems["etcd"]
    wait = etcd.fact("election-timeout")

    assert (wait.brief, wait.status, wait.is_stated) == ("1 to 1.9 s", "derived", True)
    assert wait.unverified == "what managed services set"
    assert [(one.source.id, one.at) for one in wait.sources] == [
        ("etcd-raft-go", "lines 418-421"),
        ("etcd-config", "ElectionMs, line 534"),
    ]
    assert etcd.fact("departures").say == (
        "A change counts when it is applied.",
        "The leader writes its disk while others do.",
    )
    assert etcd.words[0] == WordPair(paper_word="majority", system_word="quorum", note="")
    assert etcd.timing == Timing(
        election_timeout_ms=(1000, 1900),
        timeout_note="",
        heartbeat_ms=(100, 100),
        has_run=True,
        run_note="etcd draws whole ticks.",
    )
    assert etcd.compaction == Compaction(entries=10_000, kept=5000)
    assert etcd.library == Library(name="a library", repository="etcd-io/raft", folder="")
    assert wait.set_by == "program"


def test_what_was_not_verified_is_not_stated() -> None:
    """A topic that nobody looked into is no different from one that could not be verified."""
    etcd = read().systems["etcd"]

    assert not etcd.fact("pre-vote").is_stated
    assert etcd.fact("pre-vote").say == ()
    assert not etcd.fact("learners").is_stated


def test_an_incident_names_what_failed_and_the_run_that_shows_it() -> None:
    """The schema of incidents: each key has a value in the data of tests/codex/good."""
    incident = read().incidents["one-switch-half-dead"]

    assert (incident.systems, incident.scenario) == (("etcd",), "two-leaders")
    assert incident.assumption.startswith("That ")


def test_every_system_of_the_site_is_there() -> None:
    """CONTRIBUTING, *Adding a system*: a file a system, so that a file that is lost is noticed here."""
    book = read(OWN)

    assert " ".join(sorted(book.systems)) == (
        "aeron arangodb braft ccf clickhouse-keeper cockroachdb consul dgraph docker-swarm dqlite dragonboat "
        "etcd hashicorp-raft hazelcast hyperledger-fabric influxdb-enterprise kafka kubernetes mongodb nacos "
        "nats neo4j nomad openbao openraft ovsdb ozone pd qdrant rabbitmq ratis redpanda rqlite scylladb "
        "sofajraft tarantool tigerbeetle tikv vault weaviate yugabytedb zeebe"
    )
    assert len(book.incidents) == 13


def test_no_fact_of_the_site_is_without_a_source_at_a_version() -> None:
    """Every stated fact was read somewhere that can be found again: at a commit, a version, or an address."""
    facts = [fact for system in read(OWN).systems.values() for fact in system.facts.values() if fact.is_stated]
    lacking = [fact for fact in facts if not fact.sources]
    unversioned = [
        one.source.id
        for fact in facts
        for one in fact.sources
        if not (one.source.commit or one.source.version or one.source.address or one.source.note)
    ]

    assert len(facts) > 200
    assert lacking == []
    assert unversioned == []


def test_tables_compare_what_pages_say() -> None:
    """A cell has room for a few words only, so each fact that a table compares needs its brief form."""
    assert set(COMPARED_TOPICS) < set(TOPICS)
    assert [
        f"{system.id}: {topic}"
        for system in read(OWN).systems.values()
        for topic in COMPARED_TOPICS
        if system.fact(topic).is_stated and not system.fact(topic).brief
    ] == []


def test_every_default_of_a_program_around_a_library_says_who_sets_it() -> None:
    """CONTRIBUTING, *Adding a system*: a default of a library is not that of every program around it."""
    embedding = [system for system in read(OWN).systems.values() if system.library]
    facts = [system.fact(topic) for system in embedding for topic in DEFAULT_TOPICS if system.fact(topic).is_stated]

    assert len(embedding) > 20
    assert {fact.set_by for fact in facts} == {"program", "library"}


def test_a_library_in_the_programs_own_repository_is_known_by_its_folder() -> None:
    """dqlite sets other values than the library that is part of its own tree."""
    dqlite = read(OWN).systems["dqlite"]
    sources = {citation.source.id: citation.source for citation in dqlite.fact("heartbeat").sources}

    assert dqlite.library == Library(name="dqlite’s Raft library", repository="canonical/dqlite", folder="src/raft/")
    assert dqlite.library.contains(sources["dqlite-raft-c"])
    assert not dqlite.library.contains(sources["dqlite-server"])


# what prose says of all systems at once


def test_all_wait_a_second_or_more_but_for_two_libraries_and_two_others() -> None:
    """The page of systems names the four that do not, and why."""
    shortest = {
        id: s.timing.election_timeout_ms[0] for id, s in read(OWN).systems.items() if s.timing.election_timeout_ms
    }

    assert {id for id, wait_ms in shortest.items() if wait_ms < 1000} == {
        "openraft",
        "rabbitmq",
        "ratis",
        "tigerbeetle",
    }


def test_six_systems_are_known_to_have_no_pre_vote_by_default() -> None:
    """The page on what systems add names those without it."""
    stated = {id: s.fact("pre-vote").brief for id, s in read(OWN).systems.items() if s.fact("pre-vote").is_stated}

    assert {id for id, brief in stated.items() if brief in ("none", "off")} == {
        "docker-swarm",
        "dragonboat",
        "nats",
        "openraft",
        "qdrant",
        "tigerbeetle",
    }
    assert len(stated) > 30


def test_the_page_on_practice_names_every_system_without_pre_vote() -> None:
    """CONTRIBUTING, *Adding a system*: what a page says of all systems is what the data say of each."""
    page = (OWN.parents[1] / "internals" / "in-practice.md").read_text(encoding="utf-8")
    paragraph = page.split("Pre-vote, or something that has the same effect,")[1].split("\n\n")[0]
    systems = read(OWN).systems.values()
    without_pre_vote = {
        system.name
        for system in systems
        if system.fact("pre-vote").is_stated and system.fact("pre-vote").brief in ("off", "none")
    }

    assert "Qdrant" in without_pre_vote
    assert {system.name for system in systems if f" {system.name} " in paragraph} == without_pre_vote
