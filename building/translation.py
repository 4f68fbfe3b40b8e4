"""``build.py i18n``: collect the plugin's texts into ``i18n/*.ts`` and compile them."""

from __future__ import annotations

from building.console import Stop, run, say
from building.machine import TO_TRANSLATE, install
from building.places import PLUGIN, ROOT, TRANSLATIONS

LANGUAGES = ("fr",)


def translate() -> int:
    """Update each language's ``.ts`` from the plugin's source and compile it to ``.qm``."""
    install(TO_TRANSLATE)
    sources = sorted(str(path.relative_to(ROOT)) for path in PLUGIN.rglob("*.py"))
    if not sources:
        raise Stop(f"no Python files in {PLUGIN}")
    TRANSLATIONS.mkdir(exist_ok=True)
    for language in LANGUAGES:
        catalogue = TRANSLATIONS / f"diachron_{language}.ts"
        if run(["pylupdate5", "-noobsolete", *sources, "-ts", catalogue]):
            raise Stop(f"pylupdate5 could not update {catalogue}")
        if run(["lrelease", "-silent", catalogue]):
            raise Stop(f"lrelease could not compile {catalogue}")
        say(f"{catalogue.relative_to(ROOT)} is up to date and compiled")
    return 0
