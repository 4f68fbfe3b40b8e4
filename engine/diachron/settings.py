"""What a person set once for all commands: the model, and its adapter, that are used where none is named."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from diachron.errors import UnusableInput

SHIPPED = "mini"


@dataclass(frozen=True)
class Settings:
    """``model`` is a shipped model's name or a folder, ``adapter`` likewise, "" for none."""

    model: str = SHIPPED
    adapter: str = ""


def settings_file() -> Path:
    """Return the person's own file, in the place that the platform has for such files."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA", Path.home() / "AppData/Roaming"))
    elif sys.platform == "darwin":
        folder = Path.home() / "Library/Application Support"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return folder / "diachron" / "models.json"


def read_settings() -> Settings:
    """Return what was set, the shipped model where nothing was.

    Raises
    ------
    UnusableInput: the file is damaged.
    """
    path = settings_file()
    try:
        return Settings(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, TypeError) as error:
        raise UnusableInput("the settings cannot be read", str(path), "delete the file") from error


def write_settings(settings: Settings) -> Path:
    """Keep settings and return their file."""
    path = settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(settings), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UnusableInput("the settings cannot be written", str(path), "name the model with --model") from error
    return path
