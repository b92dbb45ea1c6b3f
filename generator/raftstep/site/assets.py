"""The package's styles and scripts, in a folder whose name changes with their content: no stale copy is ever used."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from raftstep.document.files import list_files
from raftstep.picture.standalone import write_dark_styles

FOLDER = Path(__file__).resolve().parent.parent / "assets"

STYLES = ("pictures.css", "raft.css")
SCRIPT = "stepper.js"
"""What every page loads. The script imports others from its own folder when a reader first needs them."""

EMBED_STYLES, EMBED_SCRIPT = "embed.css", "embed.js"
"""What an embedded stepper has in addition to them."""


class Assets:
    """The files of the package as one build publishes them."""

    def __init__(self) -> None:
        self.files = {
            path.name: path.read_text("utf-8") for path in list_files(FOLDER) if path.suffix in (".css", ".js")
        }
        self.files[EMBED_STYLES] = write_dark_styles() + self.files[EMBED_STYLES]
        self.folder = f"assets/raft-{_digest(*self.files, *self.files.values())}"

    def add_to_config(self, config: MkDocsConfig) -> None:
        """Have every page load them before the site's own, so that the site's styles have the last word."""
        config.extra_css[:0] = [f"{self.folder}/{name}" for name in STYLES]
        script = ExtraScriptValue(f"{self.folder}/{SCRIPT}")
        script.type = "module"
        config.extra_javascript.insert(0, script)

    def add_to(self, files: Files, config: MkDocsConfig) -> None:
        """Publish them."""
        for name, content in self.files.items():
            files.append(File.generated(config, f"{self.folder}/{name}", content=content))

    def add_film(self, film: str, files: Files, config: MkDocsConfig) -> str:
        """Publish a stepper's film in a file of its own, once; returns its path."""
        uri = f"{self.folder}/{_digest(film)}.json"
        if files.get_file_from_path(uri) is None:
            files.append(File.generated(config, uri, content=film))
        return uri


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()[:8]
