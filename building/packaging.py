"""``build.py package``: the plugin's zip and the engine's wheel, the same bytes from the same tree."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from building.console import Stop, Word, run_logged, say
from building.environments import set_up_engine
from building.places import DIST, HELP, LICENSE, METADATA, PLUGIN, RESOURCES, TRANSLATIONS, version

TOP = PLUGIN.name
MOST_BYTES = 2 * 1024 * 1024
ALLOWED_SUFFIXES = {".py", ".svg", ".png", ".qml", ".json", ".csv", ".txt", ".md", ".qm", ""}
LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache", ".DS_Store"}
# What the plugin takes from the repository beside its own package: the source, its place in the zip, and which files.
SHARED = (
    (RESOURCES / "icons", "icons", "*"),
    (RESOURCES / "styles", "styles", "*"),
    (TRANSLATIONS, "i18n", "*.qm"),
    (HELP, "help", "*.md"),
    (TRANSLATIONS, "i18n", "*.txt"),
)
MOMENT = (2020, 1, 1, 0, 0, 0)


def package() -> int:
    """Write ``dist/diachron_qgis-VERSION.zip`` and the engine's wheel, and name them."""
    DIST.mkdir(exist_ok=True)
    archive = write_plugin_zip(DIST)
    say(f"plugin  {archive.relative_to(DIST.parent)}  {archive.stat().st_size / 1024:.0f} KiB")
    wheel = build_wheel(DIST)
    say(f"engine  {wheel.relative_to(DIST.parent)}  {wheel.stat().st_size / 1024**2:.1f} MiB")
    return 0


def write_plugin_zip(folder: Path) -> Path:
    """Write the plugin's zip into a folder and return its path; stop if it holds what a plugin must not."""
    archive = folder / f"{TOP}-{version()}.zip"
    partial = archive.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as stream:
        for name, source in sorted(plugin_files()):
            if source.suffix not in ALLOWED_SUFFIXES:
                raise Stop(f"{source} may not be in the plugin's zip; allowed are {sorted(ALLOWED_SUFFIXES)}")
            entry = zipfile.ZipInfo(f"{TOP}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            stream.writestr(entry, source.read_bytes())
    if partial.stat().st_size > MOST_BYTES:
        raise Stop(f"{partial} is over {MOST_BYTES} bytes; the plugin must stay small")
    os.replace(partial, archive)
    return archive


def plugin_files() -> Iterator[tuple[str, Path]]:
    """Yield each file of the installed plugin: its path below the plugin's folder, and where it comes from."""
    yield "metadata.txt", METADATA
    yield "LICENSE", LICENSE
    for source, place, pattern in ((PLUGIN, "", "*"), *SHARED):
        for path in sorted(source.rglob(pattern)) if source.is_dir() else ():
            inner = path.relative_to(source)
            if path.is_file() and not LEFT_OUT & set(inner.parts) and path.suffix != ".pyc":
                yield (Path(place) / inner).as_posix(), path
    for name in sorted(help_pictures()):
        yield f"images/{name}", HELP.parent / "images" / name


def help_pictures() -> set[str]:
    """Return the names of the pictures that the help pages show; each lies in ``images`` beside their folder."""
    pages = (path.read_text(encoding="utf-8") for path in HELP.rglob("*.md"))
    return {name for page in pages for name in re.findall(r"\]\((?:\.\./)+images/([\w.-]+)\)", page)}


def build_wheel(folder: Path) -> Path:
    """Build the engine's wheel into a folder with the environment's own hatchling, and return its path."""
    python = set_up_engine()
    command: list[Word] = [
        python,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
        ".",
    ]
    run_logged(command, folder / "wheel.log", environment={"SOURCE_DATE_EPOCH": "1577836800"})
    return folder / f"diachron-{version()}-py3-none-any.whl"
