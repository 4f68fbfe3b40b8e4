"""``diachron models``: list what is installed, verify its files, and switch the default."""

from __future__ import annotations

import argparse
from pathlib import Path

from diachron.doctor import Finding, adapter_findings, model_findings
from diachron.errors import UnusableInput
from diachron.model.adapters import adapter_folder, check_base, read_adapter_card
from diachron.model.card import CARD_FILE, read_card
from diachron.model.folders import check_weights, model_folder
from diachron.settings import Settings, read_settings, settings_file, write_settings


def run_models(options: argparse.Namespace) -> list[Finding]:
    """Switch where that is asked for; return every model and adapter, and which is used.

    Raises
    ------
    UnusableInput: what is to be used is not there, is damaged, or does not fit together.
    """
    if options.use is not None:
        _switch(options.use, options.adapter or "")
    elif options.adapter:
        raise UnusableInput("an adapter is used with a model", options.adapter, "name that with --use")
    settings = read_settings()
    used = f"{settings.model}{f' with {settings.adapter}' if settings.adapter else ''}, by {settings_file()}"
    return [*model_findings(), *adapter_findings(), Finding("used", used)]


def _switch(model: str, adapter: str) -> None:
    folder = model_folder(model)
    if (folder / CARD_FILE).is_file():
        check_weights(folder, read_card(folder).sha256)
    elif not adapter:
        advice = "name its adapter with --adapter"
        raise UnusableInput("the checkpoint has no image decoder of its own", str(folder), advice)
    if adapter:
        place = adapter_folder(adapter)
        check_base(read_adapter_card(place), folder, place)
    write_settings(Settings(_lasting(model, folder), _lasting(adapter, adapter_folder(adapter)) if adapter else ""))


def _lasting(name: str, folder: Path) -> str:
    """Return a name that means the same in whatever folder the next command is given."""
    return str(folder.resolve()) if Path(name) == folder else name
