"""Styles and scripts, made smaller, under names that change with their content, so that no stale copy is ever used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from itertools import chain
from pathlib import Path, PurePosixPath

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from rcssmin import cssmin  # type: ignore[import-untyped]
from rjsmin import jsmin  # type: ignore[import-untyped]

from raftstep.picture.standalone import dark_where_the_system_is, styles

STYLES = "raft.css"
SCRIPT = "stepper.js"
SCRIPTS = {
    SCRIPT: ("address.js", "controls.js", "waiting.js", SCRIPT),
    "motion.js": ("film.js", "stage.js", "playing.js", "motion.js"),
    "share.js": ("share.js",),
}
"""The stepper's script, and what it asks for when a reader does, with their parts in the order of their use. With the
styles they are kept in ``docs/assets`` of the repository, and in ``raftstep/assets`` of an installed package."""

ONLY_WHERE = {"beside.css": "raft--beside", "charts.css": "raft-curves raft-ranges"}
"""Styles for what few pages have, with the classes that tell which."""

EMBED_STYLES, EMBED_SCRIPT = "embed.css", "embed.js"
"""What an embedded stepper has beside them."""

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[\w-]+\.js";\n', re.MULTILINE)

_LATER = re.compile(r"""(\bimport\(["']\./)([\w-]+\.js)(["']\))""")

_CLASSES = re.compile('class="([^"]*)"')

PACKAGE = Path(__file__).resolve().parent.parent

SMALLER: dict[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}
"""How a file is made smaller: comments and white space go, and nothing else changes."""


class Assets:
    """The plugin's own files, and the site's."""

    def __init__(self, only_where: Mapping[str, str] | None = None) -> None:
        self.only_where = only_where or {}
        self.files = _own()
        self.folder = f"assets/raft-{_digest(*self.files.items())}"
        self.needed = {f"{self.folder}/{name}": frozenset(classes.split()) for name, classes in ONLY_WHERE.items()}
        self.renamed: dict[str, str] = {}
        self.replaced: list[str] = []

    def add_to_config(self, config: MkDocsConfig) -> list[str]:
        """Have every page load them: ours first, so that the site's own styles have the last word.

        Returns the paths of ``only_where`` that no page loads.
        """
        unknown = {*self.only_where} - {*config.extra_css} - {str(one) for one in config.extra_javascript}
        own = [f"{self.folder}/{name}" for name in (STYLES, *ONLY_WHERE)]
        config.extra_css[:] = [*own, *(self._rename(path, config) for path in config.extra_css)]
        for extra in config.extra_javascript:
            if isinstance(extra, ExtraScriptValue):
                extra.path = self._rename(extra.path, config)
        script = ExtraScriptValue(f"{self.folder}/{SCRIPT}")
        script.type = "module"
        config.extra_javascript.append(script)
        return sorted(unknown)

    def _rename(self, path: str, config: MkDocsConfig) -> str:
        """The site's own style or script stays in its folder, for the sake of what it names beside it."""
        file = Path(config.docs_dir, path)
        if not file.is_file() or file.suffix not in SMALLER:
            return path
        content = SMALLER[file.suffix](file.read_text(encoding="utf-8"))
        content = _LATER.sub(lambda part: f"{part[1]}{self._beside(path, part[2], config)}{part[3]}", content)
        new = PurePosixPath(path).with_suffix(f".{_digest((path, content))}{file.suffix}").as_posix()
        self.renamed[new] = content
        self.replaced.append(path)
        if path in self.only_where:
            self.needed[new] = frozenset(self.only_where[path].split())
        return new

    def _beside(self, path: str, name: str, config: MkDocsConfig) -> str:
        """The new name of a script that another asks for when it needs it."""
        return PurePosixPath(self._rename(str(PurePosixPath(path).with_name(name)), config)).name

    def without_unneeded(self, html: str, figures: Iterable[str] = ()) -> str:
        """A page that does not load what it has no use for; ``figures`` will be put into it."""
        here = {name for part in (html, *figures) for names in set(_CLASSES.findall(part)) for name in names.split()}
        unneeded = [path for path, classes in self.needed.items() if classes.isdisjoint(here)]
        if not unneeded:
            return html
        paths = "|".join(map(re.escape, unneeded))
        return re.sub(rf'\n\s*<(?:link|script) [^<>]*="[^"<>]*(?:{paths})"[^<>]*>(?:</script>)?', "", html)

    def add_film(self, film: str, files: Files, config: MkDocsConfig) -> str:
        """Put a stepper's film into a file of its own, once; returns its path."""
        uri = f"{self.folder}/{_digest(('film', film))}.json"
        if files.get_file_from_path(uri) is None:
            files.append(File.generated(config, uri, content=film))
        return uri

    def add_to(self, files: Files, config: MkDocsConfig) -> None:
        """Put the files under their new names, and only there."""
        for path in (*self.replaced, *(f"assets/{name}" for name in (*self.files, *chain(*SCRIPTS.values())))):
            plain = files.get_file_from_path(path)
            if plain:
                files.remove(plain)
        for name, content in self.files.items():
            files.append(File.generated(config, f"{self.folder}/{name}", content=content))
        for uri, content in self.renamed.items():
            files.append(File.generated(config, uri, content=content))


def _own() -> dict[str, str]:
    installed = PACKAGE / "assets"
    folder = installed if installed.is_dir() else PACKAGE.parent.parent / "docs" / "assets"

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    return {
        STYLES: cssmin(styles() + read(STYLES)),
        **{name: jsmin("\n".join(_IMPORT.sub("", read(part)) for part in parts)) for name, parts in SCRIPTS.items()},
        **{name: cssmin(read(name)) for name in ONLY_WHERE},
        EMBED_STYLES: cssmin(dark_where_the_system_is() + read(EMBED_STYLES)),
        EMBED_SCRIPT: jsmin(read(EMBED_SCRIPT)),
    }


def _digest(*files: tuple[str, str]) -> str:
    digest = sha256()
    for name, content in sorted(files):
        digest.update(f"{name}\0{content}\0".encode())
    return digest.hexdigest()[:8]
