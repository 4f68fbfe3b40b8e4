"""What became of each row of a batch, kept so that a batch goes on where it stopped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from diachron.cluster.manifest import Row
from diachron.errors import WrongUsage
from diachron.results.export import ANSWER_FILE, writing

JOURNAL_FILE = "batch.jsonl"


@dataclass(frozen=True)
class Record:
    """What became of one row.

    Parameters
    ----------
    key: the row's, as it was then. status: ``done``, ``abstained`` or ``failed``. text: the answer, or why there is
    none. error: one line, "" where it did not fail.
    count, area: those facts of the answer, None where it has none; ``area`` in ``unit`` ("m2" or "px").
    changes: polygons drawn. gsd_m: metres per pixel of the common grid. footprint: its outline, WKT in degrees, ""
    where it has none on the ground. seconds: how long it took. worker: the machine and process that did it.
    """

    id: str
    key: str
    status: str
    text: str = ""
    error: str = ""
    task: str = ""
    count: int | None = None
    area: float | None = None
    unit: str = ""
    changes: int = 0
    gsd_m: float | None = None
    footprint: str = ""
    model: str = ""
    seconds: float = 0.0
    worker: str = ""


class Journal:
    """The records of a batch, appended to a file as they come: a line each, after one that says what was asked.

    A driver that is killed leaves at worst half a line, which is passed over; the row is then done again.
    """

    def __init__(self, out: Path, asked: Mapping[str, Any]) -> None:
        """Open or begin the journal of a batch.

        Raises
        ------
        WrongUsage: the folder holds a batch that asked something else. UnusableInput: it cannot be written.
        """
        self.out, self.path = out, out / JOURNAL_FILE
        self.records: dict[str, Record] = {}
        asked = json.loads(json.dumps(asked))
        if self.path.exists():
            self._read(asked)
        else:
            with writing(out):
                out.mkdir(parents=True, exist_ok=True)
            self._append({"asked": asked})

    def answered(self, row: Row) -> bool:
        """Tell whether a row, as it is now, has its answer; a row that failed has none."""
        record = self.records.get(row.id)
        if record is None or record.key != row.key or record.status == "failed":
            return False
        return (self.out / row.id / ANSWER_FILE).is_file()

    def add(self, record: Record) -> None:
        """Keep what became of a row."""
        self.records[record.id] = record
        self._append(asdict(record))

    def _append(self, value: Mapping[str, Any]) -> None:
        with writing(self.out), self.path.open("ab+") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            broken = end > 0 and file.read(1) != b"\n"
            line = json.dumps(value, ensure_ascii=False)
            file.write(f"{chr(10) if broken else ''}{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    def _read(self, asked: Mapping[str, Any]) -> None:
        first, *lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        before = _value(first).get("asked")
        if before is not None and before != asked:
            differing = ", ".join(sorted(name for name in asked if before.get(name) != asked[name]))
            advice = "ask the same again to go on with it, or name another folder"
            raise WrongUsage(f"the folder holds another batch (other: {differing})", str(self.out), advice)
        for line in lines:
            value = _value(line)
            if "id" in value:
                self.records[value["id"]] = Record(**value)


def _value(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def sweep_drafts(out: Path, rows: Sequence[Row]) -> None:
    """Remove the half-written folders that killed workers left behind."""
    names = {row.id for row in rows}
    for draft in out.glob(".*-????????*"):
        if draft.is_dir() and draft.name[1:].removesuffix(".old").rpartition("-")[0] in names:
            shutil.rmtree(draft, ignore_errors=True)
