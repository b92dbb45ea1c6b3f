"""The page of one term, as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from raftstep.picture.draw import glyphs, named
from raftstep.picture.figures import Figures
from raftstep.scenario.played import Played
from raftstep.site.codex.book import Book
from raftstep.site.codex.model import Citation, PictureOf, Term
from raftstep.site.codex.sightings import Sighting

MOST_SCENARIOS = 5
MOST_STEPS = 4
MOST_WORDS_OF_A_NAME = 3


def name(term: Term) -> str:
    """The term as a title."""
    return headed(term.term)


def headed(words: str) -> str:
    """Words with a capital in front.

    >>> headed("pre-vote")
    'Pre-vote'
    """
    return words[0].upper() + words[1:]


def front_matter(**told: object) -> list[str]:
    """What a generated page tells MkDocs. JSON is YAML too, and quotes whatever there is."""
    return ["---", *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()), "---"]


def term_page(
    term: Term, book: Book, everyone: Mapping[str, Played], *, systems: Mapping[str, str], edit_url: str
) -> str:
    """A term's page. ``systems`` tells the page of each system that has one, by its name."""
    lines = [
        *front_matter(
            title=f"{name(term)} · Codex",
            description=term.definition,
            hide=["navigation", "toc"],
            tags=search_words(term),
        ),
        "[Codex](../index.md) › Terms",
        "{: .raft-crumb .raft-plain }",
        "",
        f"# {name(term)}",
        "",
        term.definition,
        "{: .raft-definition }",
        "",
        *_also(term),
        *_picture(term),
        term.explanation,
        "",
        *_systems(term, systems),
        *_confusions(term),
        *_seen(book.seen[term.id], everyone),
        *_related(term, book),
        *_sources(term.sources),
        *_around(term, book, edit_url),
        "<!-- drawn: structured-data -->",
    ]
    return "\n".join(lines) + "\n"


def also(term: Term) -> str:
    """What others call it, and what real systems do, in one line: ``view; epoch (Kafka)``."""
    elsewhere = (f"{word} ({system})" for system, word in term.systems if word.lower() != term.term.lower())
    return "; ".join([*term.synonyms, *elsewhere])


def search_words(term: Term) -> list[str]:
    """What search weighs most: the short names that others have for it. All of them stand on the page, too."""
    words = [*term.synonyms, *(word for _, word in term.systems)]
    return list(dict.fromkeys(word for word in words if len(word.split()) <= MOST_WORDS_OF_A_NAME))


def _also(term: Term) -> Iterator[str]:
    if term.synonyms:
        yield from (f"Also called: {plain(', '.join(term.synonyms))}.", "{: .raft-also .raft-plain }", "")


def plain(text: str) -> str:
    """Text in which Markdown sees nothing of its own."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|" else sign for sign in text)


def _picture(term: Term) -> Iterator[str]:
    if term.picture:
        yield from ("<!-- drawn: picture -->", "", term.picture.say, "")
        at = f"{term.picture.scenario}.md#step-{term.picture.step}"
        yield from (f"[See this moment in its run](../../scenarios/{at})", "{: .raft-moment }", "")
        yield from ("<!-- drawn: picture-end -->", "")


def drawn_for(picture: PictureOf, figures: Figures) -> dict[str, str]:
    """The picture of a term's page, by the names that the page's Markdown keeps places for."""
    moment = figures.played.moments[picture.step - 1]
    drawing = figures.cluster(moment) if picture.view == "cluster" else figures.log(moment)
    if picture.view == "log":
        words = escape(f"The logs at {moment.time_ms} ms", quote=True)
        drawing = f'<div class="raft-scroll" tabindex="0" role="region" aria-label="{words}">{drawing}</div>'
    opening = f'<figure class="raft-shown raft-shown--{picture.view}" data-search-exclude>'
    return {
        "picture": f"{opening}{glyphs(named(drawing))}{drawing}<figcaption>",
        "picture-end": "</figcaption></figure>",
    }


def _systems(term: Term, systems: Mapping[str, str]) -> Iterator[str]:
    if not term.systems:
        return
    yield from ("## In real systems", "", "| System | Its word |", "| --- | --- |")
    for system, word in term.systems:
        shown = f"[{system}](../../{systems[system]})" if system in systems else system
        yield f"| {shown} | *{plain(word)}*{{ .raft-plain }} |"
    yield ""


def _confusions(term: Term) -> Iterator[str]:
    if term.confusions:
        yield from ("## Not to be confused with", "")
        yield from ("- " + " ".join(one.split()) for one in term.confusions)
        yield ""


def _seen(found: Sequence[Sighting], everyone: Mapping[str, Played]) -> Iterator[str]:
    if not found:
        return
    yield from ("## See it happen", "", "Found by the generator in these steps of its runs.", "")
    for one in found[:MOST_SCENARIOS]:
        played = everyone[one.scenario]
        page = f"../../scenarios/{one.scenario}.md"
        steps = [
            f"[step {number}, {played.moments[number - 1].name}]({page}#step-{number})"
            for number in one.steps[:MOST_STEPS]
        ]
        more = len(one.steps) - MOST_STEPS
        yield f"- {played.scenario.title}: {', '.join(steps)}{f' and {more} more' if more > 0 else ''}"
        yield "{: .raft-plain }"
    if (left := len(found) - MOST_SCENARIOS) > 0:
        yield from ("", f"It happens in {left} more of [all the runs](../../scenarios/index.md).")
    yield ""


def _related(term: Term, book: Book) -> Iterator[str]:
    yield from ("## Related terms { data-search-exclude }", "")
    for id in term.related:
        if id in book.terms:
            yield f"- [{name(book.terms[id])}]({id}.md): {book.terms[id].definition}"
            yield "{: .raft-plain }"
    yield ""


def _sources(cited: Sequence[Citation]) -> Iterator[str]:
    yield from ("## Sources { data-search-exclude }", "")
    for one in cited:
        source = one.source
        who = f"{source.people}, " if source.people else ""
        year = f", {source.year}" if source.year else ""
        yield f"- {who}[*{source.title}*](../sources.md#{source.id}){year}: {one.at}"
        yield "{: .raft-plain }"
    yield ""


def _around(term: Term, book: Book, edit_url: str) -> Iterator[str]:
    """The entries before and after it in the alphabet, and where to mend this one."""
    ids = list(book.terms)
    place = ids.index(term.id)
    links = []
    if place > 0:
        before = book.terms[ids[place - 1]]
        links.append(f"[← {name(before)}]({before.id}.md)")
    if edit_url:
        links.append(f"[Edit this entry]({edit_url})")
    if place + 1 < len(ids):
        after = book.terms[ids[place + 1]]
        links.append(f"[{name(after)} →]({after.id}.md)")
    if links:
        yield from ("---", "", " · ".join(links), "{: .raft-around }", "")
