"""What every page of the built site keeps to, read from its files. test_pages_in_browser.py looks at them drawn."""

import gzip
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.site import html_checker
from tests.site.conftest import Site, build
from tests.site.links import ParsedPage, broken_links, broken_references, find_links, parse_page

# The theme writes autocomplete="off" on its two checkboxes, and offers no block to mend it in.
THEME_ERROR = re.compile(r"Attribute .autocomplete. is only allowed when the input type is")
THEME_TAG = 'class="md-toggle"'


def test_the_site_builds_strictly_without_a_warning(site: Site) -> None:
    """--strict makes an error of a bad link, a bad anchor, a page left out of the navigation."""
    assert [line for line in site.log.splitlines() if line.startswith(("WARNING", "ERROR"))] == []
    assert "" in site.pages
    assert "404.html" in site.pages


@pytest.mark.usefixtures("build_lock")
def test_two_builds_are_the_same_to_the_byte(site: Site, tmp_path: Path) -> None:
    """SOURCE_DATE_EPOCH is set, the place and the hash seed differ, and no byte does."""
    first = read_files(site.directory)
    build(tmp_path / "again", hash_seed="2")

    second = read_files(tmp_path / "again")
    assert sorted(second) == sorted(first)
    assert [path for path, data in second.items() if first[path] != data] == []


def read_files(directory: Path) -> dict[str, bytes]:
    files = (file for file in directory.rglob("*") if file.is_file())
    return {file.relative_to(directory).as_posix(): file.read_bytes() for file in files}


def test_every_page_is_valid_html(site: Site, checker: tuple[str, str]) -> None:
    """The Nu checker of the W3C, over each page and each picture; the theme's own two errors are known."""
    messages = html_checker.check_html(site.directory, checker)
    errors = [message for message in messages if message["type"] != "info"]
    known = [m for m in errors if THEME_ERROR.match(m["message"]) and THEME_TAG in m.get("extract", "")]

    def describe_message(message: dict[str, object]) -> str:
        file = str(message.get("url", "")).removeprefix(f"file:{site.directory}/")
        return f"{file}:{message.get('lastLine')}: {message['message']} {message.get('extract', '')!r}"

    assert [describe_message(message) for message in errors if message not in known] == []
    assert len(known) <= 2 * len(site.pages)


def test_every_link_leads_somewhere(site: Site) -> None:
    """Pages, files and anchors: MkDocs sees those in Markdown, this sees those in generated HTML as well."""
    assert broken_links(site.pages, set(read_files(site.directory)), site.url) == []


def test_every_reference_to_an_id_finds_it(site: Site) -> None:
    """Labels and descriptions that point nowhere are silent to a screen reader."""
    assert {name: loose for name, page in site.pages.items() if (loose := broken_references(page))} == {}


def test_no_page_loads_anything_from_another_origin(site: Site) -> None:
    """Scripts, styles, fonts, pictures and frames are the site's own: links to read are the only way out."""
    outside = [
        f"{name or 'index'}:{tag.line}: {link}"
        for name, page in site.pages.items()
        for tag, link in find_links(page)
        if link.startswith(("http:", "https:", "//"))
        if tag.name != "a" and tag.attributes.get("rel") != "canonical"
    ]

    assert outside == []


def test_no_page_runs_script_from_an_attribute(site: Site) -> None:
    """A host that forbids inline script with a policy can still embed what we write."""
    inline = [
        f"{name or 'index'}:{tag.line}: {attribute}"
        for name, page in site.pages.items()
        for tag in page.tags
        for attribute, value in tag.attributes.items()
        if attribute.startswith("on") or value.strip().lower().startswith("javascript:")
    ]

    assert inline == []


def test_every_page_has_a_title_of_its_own_a_description_and_one_heading(site: Site) -> None:
    """What search engines and link previews show, and what a screen reader says first."""
    titles = [page.title for name, page in site.pages.items() if name != "404.html"]

    assert sorted(set(titles)) == sorted(titles)
    assert [name for name, page in site.pages.items() if not page.meta("description")] == []
    assert [name for name, page in site.pages.items() if count_top_headings(page) != 1] == []
    assert {page.tags[0].attributes.get("lang") for page in site.pages.values()} == {"en"}


def count_top_headings(page: ParsedPage) -> int:
    return sum(tag.name == "h1" for tag in page.tags)


def test_a_missing_page_is_answered_in_the_sites_own_look(site: Site) -> None:
    """Below a project path, at any depth, the 404 page still finds its styles and scripts."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{site.url}no/such/page/")
    with caught.value as answer:
        page = parse_page(answer.read().decode())

    assert answer.code == 404
    broken = broken_links({"no/such/page/": page} | site.pages, set(read_files(site.directory)), site.url)
    assert [link for link in broken if link.startswith("no/such/page/")] == []
    assert any(tag.attributes.get("rel") == "stylesheet" for tag in page.tags)


def test_every_page_is_in_the_sitemap_unless_it_asks_not_to_be_found(site: Site) -> None:
    """The sitemap is written twice; both name the pages by the site's own address."""
    sitemap = (site.directory / "sitemap.xml").read_text(encoding="utf-8")
    listed = set(re.findall(r"<loc>https://example\.org/raftstep/(.*?)</loc>", sitemap))
    findable = {name for name, page in site.pages.items() if "noindex" not in page.meta("robots")} - {"404.html"}

    assert findable <= listed
    assert gzip.decompress((site.directory / "sitemap.xml.gz").read_bytes()).decode() == sitemap


def test_the_link_check_sees_what_is_broken() -> None:
    """A check that cannot fail checks nothing."""
    pages = {
        "": parse_page('<a href="a/">a<a href="a/#no">b<img src="no.png">'),
        "a/": parse_page('<p id="x"><a href="/">up'),
    }

    assert broken_links(pages, {"index.html", "a/index.html"}, "http://host/base/") == [
        "index:1: 'a/#no': no such anchor",
        "index:1: 'no.png': no such page or file",
        "a/:1: '/': leaves the project path",
    ]
    assert broken_references(parse_page('<p aria-labelledby="a b"><p id="a">')) == ["line 1: aria-labelledby='b'"]
