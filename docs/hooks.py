"""What MkDocs does beyond mkdocs.yml: the repository's own pages, CONTRIBUTING.md and CHANGELOG.md, join the site."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_PAGES = ("CONTRIBUTING.md", "CHANGELOG.md")
_LINK_INTO_DOCS = re.compile(r"\]\(docs/")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that GitHub wants in the root, with their links as they are seen from docs/."""
    for name in _PAGES:
        text = _LINK_INTO_DOCS.sub("](", (Path(config.config_file_path).parent / name).read_text())
        for other in _PAGES:
            text = text.replace(f"]({other}", f"]({other.lower()}")
        files.append(File.generated(config, name.lower(), content=text))
    return files
