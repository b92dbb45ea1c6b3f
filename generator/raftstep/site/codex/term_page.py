"""The page of one term, as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from raftstep.codex.book import Book
from raftstep.codex.model import Citation, Term, TermPicture, term_title
from raftstep.codex.occurrences import Occurrence
from raftstep.document.markdown_text import escape_markdown
from raftstep.picture.draw import draw_glyphs
from raftstep.picture.figures import Figures
from raftstep.scenario.model import PlayedScenario

MAX_SCENARIOS = 5
MAX_STEPS = 4
SEARCH_BOOST = 4
"""How much more a hit on a term counts than one in a run: who searches for a word first wants to know what it means."""
MAX_NAME_WORDS = 3


def front_matter(**fields: object) -> list[str]:
    """What a generated page says to MkDocs. JSON is YAML too, and quotes whatever there is."""
    return ["---", *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()), "---"]


def term_page(
    term: Term,
    book: Book,
    scenario_runs: Mapping[str, PlayedScenario],
    *,
    system_uris: Mapping[str, str],
    edit_url: str,
) -> str:
    """A term's page. ``system_uris`` has the page of each system that has one, by its name."""
    lines = [
        *front_matter(
            title=f"{term_title(term)} · Codex",
            description=term.definition,
            hide=["navigation", "toc"],
            tags=search_words(term),
            search={"boost": SEARCH_BOOST},
        ),
        "[Codex](../index.md) › Terms",
        "{: .raft-crumb .raft-plain }",
        "",
        f"# {escape_markdown(term_title(term))}",
        "",
        term.definition,
        "{: .raft-definition }",
        "",
        *_also_called(term),
        *_picture_lines(term),
        term.explanation,
        "",
        *_system_words(term, system_uris),
        *_confusions(term),
        *_occurrence_lines(book.occurrences[term.id], scenario_runs),
        *_related(term, book),
        *_sources(term.sources),
        *_neighbour_links(term, book, edit_url),
        "<!-- drawn: structured-data -->",
    ]
    return "\n".join(lines) + "\n"


def other_names(term: Term) -> str:
    """What others call it, and what real systems do, in one line: ``view; epoch (Kafka)``."""
    elsewhere = (f"{word} ({system})" for system, word in term.systems if word.lower() != term.term.lower())
    return "; ".join([*term.synonyms, *elsewhere])


def search_words(term: Term) -> list[str]:
    """What search weighs most: the short names that others have for it. All of them are on the page, too."""
    words = [*term.synonyms, *(word for _, word in term.systems)]
    return list(dict.fromkeys(word for word in words if len(word.split()) <= MAX_NAME_WORDS))


def _also_called(term: Term) -> Iterator[str]:
    if term.synonyms:
        yield from (f"Also called: {escape_markdown(', '.join(term.synonyms))}.", "{: .raft-also .raft-plain }", "")


def _picture_lines(term: Term) -> Iterator[str]:
    if term.picture:
        yield from ("<!-- drawn: picture -->", "", term.picture.caption, "")
        target = f"{term.picture.scenario}.md#step-{term.picture.step}"
        yield from (f"[See this moment in its run](../../scenarios/{target})", "{: .raft-moment }", "")
        yield from ("<!-- drawn: picture-end -->", "")


def picture_insertions(picture: TermPicture, figures: Figures) -> dict[str, str]:
    """The picture of a term's page, by the names that the page's Markdown keeps places for."""
    figure = figures.draw_cluster(picture.step) if picture.view == "cluster" else figures.draw_log(picture.step)
    drawing = figure.svg
    if picture.view == "log":
        label = escape(figure.title, quote=True)
        drawing = f'<div class="raft-scroll" tabindex="0" role="region" aria-label="{label}">{drawing}</div>'
    opening = f'<figure class="raft-shown raft-shown--{picture.view}" data-search-exclude>'
    return {
        "picture": f"{opening}{draw_glyphs(figure.kinds)}{drawing}<figcaption>",
        "picture-end": "</figcaption></figure>",
    }


def _system_words(term: Term, system_uris: Mapping[str, str]) -> Iterator[str]:
    if not term.systems:
        return
    yield from ("## In real systems", "", "| System | Its word |", "| --- | --- |")
    for system, word in term.systems:
        system_link = (
            f"[{escape_markdown(system)}](../../{system_uris[system]})"
            if system in system_uris
            else escape_markdown(system)
        )
        yield f"| {system_link} | *{escape_markdown(word)}*{{ .raft-plain }} |"
    yield ""


def _confusions(term: Term) -> Iterator[str]:
    if term.confusions:
        yield from ("## Not to be confused with", "")
        yield from ("- " + " ".join(confusion.split()) for confusion in term.confusions)
        yield ""


def _occurrence_lines(occurrences: Sequence[Occurrence], scenario_runs: Mapping[str, PlayedScenario]) -> Iterator[str]:
    if not occurrences:
        return
    yield from ("## See it happen", "", "Found by the generator in these steps of its runs.", "")
    for occurrence in occurrences[:MAX_SCENARIOS]:
        played = scenario_runs[occurrence.scenario]
        page = f"../../scenarios/{occurrence.scenario}.md"
        steps = [
            f"[step {number}, {escape_markdown(played.moments[number - 1].name)}]({page}#step-{number})"
            for number in occurrence.steps[:MAX_STEPS]
        ]
        more = len(occurrence.steps) - MAX_STEPS
        yield f"- {escape_markdown(played.scenario.title)}: {', '.join(steps)}{f' and {more} more' if more > 0 else ''}"
        yield "{: .raft-plain }"
    if (remaining := len(occurrences) - MAX_SCENARIOS) > 0:
        yield from ("", f"It happens in {remaining} more of [all the runs](../../scenarios/index.md).")
    yield ""


def _related(term: Term, book: Book) -> Iterator[str]:
    yield from ("## Related terms { data-search-exclude }", "")
    for id in term.related:
        if id in book.terms:
            yield f"- [{escape_markdown(term_title(book.terms[id]))}]({id}.md): {book.terms[id].definition}"
            yield "{: .raft-plain }"
    yield ""


def _sources(citations: Sequence[Citation]) -> Iterator[str]:
    yield from ("## Sources { data-search-exclude }", "")
    for citation in citations:
        source = citation.source
        author = f"{escape_markdown(source.author_words)}, " if source.author_words else ""
        year = f", {source.year}" if source.year else ""
        link = f"[*{escape_markdown(source.title)}*](../sources.md#{source.id})"
        yield f"- {author}{link}{year}: {escape_markdown(citation.at)}"
        yield "{: .raft-plain }"
    yield ""


def _neighbour_links(term: Term, book: Book, edit_url: str) -> Iterator[str]:
    """The entries before and after it in the alphabet, and where to edit this one."""
    ids = list(book.terms)
    index = ids.index(term.id)
    links = []
    if index > 0:
        before = book.terms[ids[index - 1]]
        links.append(f"[← {escape_markdown(term_title(before))}]({before.id}.md)")
    if edit_url:
        links.append(f"[Edit this entry]({edit_url})")
    if index + 1 < len(ids):
        after = book.terms[ids[index + 1]]
        links.append(f"[{escape_markdown(term_title(after))} →]({after.id}.md)")
    if links:
        yield from ("---", "", " · ".join(links), "{: .raft-around }", "")
