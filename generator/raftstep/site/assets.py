"""Styles and scripts, made smaller, under names that change with their content, so that no stale copy is ever used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path, PurePosixPath

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from rcssmin import cssmin  # type: ignore[import-untyped]
from rjsmin import jsmin  # type: ignore[import-untyped]

from raftstep.picture.standalone import list_extension_classes, read_extension_styles, read_styles, write_dark_styles

STYLES = "raft.css"
SCRIPT = "stepper.js"
SCRIPTS = {
    SCRIPT: ("address.js", "controls.js", "waiting.js", SCRIPT),
    "motion.js": ("film.js", "stage.js", "playing.js", "motion.js"),
    "share.js": ("share.js",),
}
"""The stepper's script, and what it asks for when a reader does, with their parts in the order of their use. With the
styles they are kept in ``docs/assets`` of the repository, and in ``raftstep/assets`` of an installed package."""

BEYOND = "beyond.css"

ONLY_WHERE = {
    "beside.css": frozenset(["raft--beside"]),
    "charts.css": frozenset(["raft-curves", "raft-ranges"]),
    BEYOND: list_extension_classes(),
}
"""Styles for what not every page has, with the classes that tell which."""

EMBED_STYLES, EMBED_SCRIPT = "embed.css", "embed.js"
"""What an embedded stepper has beside them."""

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[\w-]+\.js";\n', re.MULTILINE)

_EXPORT = re.compile(r"^export ", re.MULTILINE)

_LATER = re.compile(r"""(\bimport\(["'])\./([\w-]+\.js)(["']\))""")

_NAMES_FILES = re.compile(r"""@import\b|\burl\((?!["']?(?:data:|#|/|https?:))|^import\s""", re.MULTILINE)

_CLASSES = re.compile(r'class=\\?"([^"\\]*)')
"""What has these classes, also in a film, where quotation marks are escaped."""

PACKAGE = Path(__file__).resolve().parent.parent

SMALLER: dict[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}
"""How a file is made smaller: comments and white space go, and nothing else changes."""


class Assets:
    """The plugin's own files, and the site's, of which those ``joined`` come in one file with the stepper's."""

    def __init__(self, docs: Path, only_where: Mapping[str, str], joined: Sequence[str] = ()) -> None:
        self.docs = docs
        self.only_where = only_where
        self.joined = joined
        self.files = _own()
        self.main = {".css": STYLES, ".js": SCRIPT}
        self.renamed: dict[str, str] = {}
        self.replaced: list[str] = []
        for path in joined:
            self._join(path)
        self.folder = f"assets/raft-{_digest(*self.files.items())}"
        self.needed = {f"{self.folder}/{name}": classes for name, classes in ONLY_WHERE.items()}

    def add_to_config(self, config: MkDocsConfig) -> list[str]:
        """Have every page load them: ours first, so that the site's own styles have the last word.

        Returns what is wrong with the plugin's settings, in sentences.
        """
        loaded = {*config.extra_css} | {str(one) for one in config.extra_javascript}
        own = [f"{self.folder}/{name}" for name in (self.main[".css"], *ONLY_WHERE)]
        config.extra_css[:] = [*own, *(self._rename(path) for path in config.extra_css if path not in self.joined)]
        scripts = [extra for extra in config.extra_javascript if str(extra) not in self.joined]
        for extra in scripts:
            if isinstance(extra, ExtraScriptValue):
                extra.path = self._rename(extra.path)
        script = ExtraScriptValue(f"{self.folder}/{self.main['.js']}")
        script.type = "module"
        config.extra_javascript[:] = [*scripts, script]
        return [*self._not_loaded(loaded), *self._not_joined()]

    def _not_loaded(self, loaded: set[str]) -> Iterator[str]:
        for setting, paths in (("only_where", self.only_where), ("joined", self.joined)):
            for path in sorted({*paths} - loaded):
                yield f'{setting}: "{path}" is not loaded at all; list it under extra_css or extra_javascript'

    def _not_joined(self) -> Iterator[str]:
        for path in self.joined:
            if not self._is_own(path):
                yield f'joined: "{path}" is no style or script among the pages; take it out of the list'
            elif path in self.only_where:
                yield f'joined: "{path}" is in only_where too, but what is joined comes with every page'
            elif _NAMES_FILES.search((self.docs / path).read_text(encoding="utf-8")):
                yield f'joined: "{path}" names other files, which it would not find; take it out of the list'

    def _is_own(self, path: str) -> bool:
        """Whether it is a style or script of the site, rather than one from elsewhere."""
        file = self.docs / path
        return file.is_file() and file.suffix in SMALLER

    def _join(self, path: str) -> None:
        """Put a style or script of the site after the stepper's own, whose plain file stays for bare pages.

        Scripts are one module then, and the stepper's styles for what not every page has come after all of these.
        """
        if self._is_own(path):
            suffix = PurePosixPath(path).suffix
            before = self.files[self.main[suffix]]
            self.main[suffix] = f"joined{suffix}"
            end = ";" if suffix == ".js" else ""
            self.files[self.main[suffix]] = f"{before}{end}\n{self._smaller(path, '../../')}"
            self.replaced.append(path)

    def _smaller(self, path: str, up: str = "") -> str:
        """A file of the site made smaller; ``up`` leads from where it is loaded to the site's own address."""
        file = self.docs / path
        content = SMALLER[file.suffix](file.read_text(encoding="utf-8"))
        return _LATER.sub(lambda part: f"{part[1]}{self._beside(path, part[2], up)}{part[3]}", content)

    def _rename(self, path: str) -> str:
        """The site's own style or script stays in its folder, for the sake of what it names beside it."""
        if not self._is_own(path):
            return path
        content, plain = self._smaller(path), PurePosixPath(path)
        new = plain.with_suffix(f".{_digest((path, content))}{plain.suffix}").as_posix()
        self.renamed[new] = content
        self.replaced.append(path)
        if path in self.only_where:
            self.needed[new] = frozenset(self.only_where[path].split())
        return new

    def _beside(self, path: str, name: str, up: str) -> str:
        """The new name of a script that another asks for when it needs it."""
        new = self._rename(str(PurePosixPath(path).with_name(name)))
        return f"{up}{new}" if up else f"./{PurePosixPath(new).name}"

    def without_unneeded(self, html: str, classes: Iterable[frozenset[str]] = ()) -> str:
        """A page that does not load what it has no use for; what will be put into it has these ``classes``."""
        here = classes_in(html).union(*classes)
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


def classes_in(html: str) -> frozenset[str]:
    """The classes of everything in a piece of a page."""
    return frozenset(name for names in set(_CLASSES.findall(html)) for name in names.split())


def _own() -> dict[str, str]:
    installed = PACKAGE / "assets"
    folder = installed if installed.is_dir() else PACKAGE.parent.parent / "docs" / "assets"

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    return {
        STYLES: cssmin(read_styles() + read(STYLES)),
        **{name: jsmin(_together([read(part) for part in parts])) for name, parts in SCRIPTS.items()},
        **{name: cssmin(read_extension_styles() if name == BEYOND else read(name)) for name in ONLY_WHERE},
        EMBED_STYLES: cssmin(write_dark_styles() + read(EMBED_STYLES)),
        EMBED_SCRIPT: jsmin(read(EMBED_SCRIPT)),
    }


def _together(parts: list[str]) -> str:
    """The parts of a script as one module, which exports what its last part does."""
    *helping, last = (_IMPORT.sub("", part) for part in parts)
    return "\n".join([*(_EXPORT.sub("", part) for part in helping), last])


def _digest(*files: tuple[str, str]) -> str:
    digest = sha256()
    for name, content in sorted(files):
        digest.update(f"{name}\0{content}\0".encode())
    return digest.hexdigest()[:8]
