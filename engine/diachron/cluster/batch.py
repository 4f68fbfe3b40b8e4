"""``diachron batch``: one question of many places, or of one that is too large for one machine."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diachron.cluster.geoparquet import need_pyarrow
from diachron.cluster.manifest import Row, read_manifest
from diachron.cluster.mosaic import PartsFolder, answer_mosaic, asked_of
from diachron.cluster.progress import BatchProgress
from diachron.cluster.record import Journal, sweep_drafts
from diachron.cluster.rows import Asked, failed
from diachron.cluster.tables import CHANGES_FILE, DEGREES, SUMMARY_FILE, write_changes, write_summary
from diachron.cluster.workers import Crew, Job, hire
from diachron.errors import Cancelled
from diachron.request import AskRequest, check_question, check_request
from diachron.runtime import Loader, ModelChoice

DONE, FAILED = 0, 1


@dataclass(frozen=True)
class Hands:
    """Who works: the model, and where. ``workers`` or ``address`` not None means Ray."""

    choice: ModelChoice
    load: Loader
    address: str | None = None
    workers: int | None = None

    def hire(self, asked: Asked) -> Crew:
        """Start the workers.

        Raises
        ------
        DiachronError: the model cannot be loaded, or no cluster answers.
        """
        return hire(Job(asked, self.choice, self.load), self.address, self.workers)


# -- many places ------------------------------------------------------------------------------


def answer_manifest(manifest: Path, asked: Asked, hands: Hands) -> int:
    """Ask every row of a manifest, going on where an earlier run stopped; return the exit status.

    Raises
    ------
    DiachronError: nothing could be begun. What is wrong with one row becomes its record.
    """
    need_pyarrow()
    check_question(asked.question)
    rows = read_manifest(manifest)
    journal = Journal(asked.out, _identity(asked, hands.choice))
    missing = [row for row in rows if not journal.answered(row)]
    if len(missing) < len(rows):
        print(f"{len(rows) - len(missing)} of {len(rows)} are answered already", file=sys.stderr, flush=True)
    sweep_drafts(asked.out, rows)
    try:
        if missing:
            _answer(missing, asked, hands, journal)
    except KeyboardInterrupt:
        return _stopped()
    finally:
        write_summary(asked.out, rows, journal.records)
    answered = [(row.id, asked.out / row.id) for row in rows if journal.answered(row)]
    write_changes(asked.out / CHANGES_FILE, answered, DEGREES)
    return _say(rows, journal)


def _identity(asked: Asked, choice: ModelChoice) -> dict[str, object]:
    return {
        "question": asked.question, "language": asked.language, "threshold": asked.threshold,
        "normalise": asked.normalise,
        "vocabulary": asked.vocabulary, "look": asked.look and asked.look.line(),
        "model": choice.name, "adapter": choice.adapter,
    }  # fmt: skip


def _answer(rows: Sequence[Row], asked: Asked, hands: Hands, journal: Journal) -> None:
    progress = BatchProgress()
    crew = hands.hire(asked)
    try:
        progress.stage("batch")
        progress.progress(0, len(rows))
        for done, record in enumerate(crew.each("answer", rows, failed), 1):
            journal.add(record)
            if record.status == "failed":
                progress.failed += 1
                progress.close()
                print(f"{record.id}: {record.error}", file=progress.stream, flush=True)
            progress.progress(done, len(rows))
    finally:
        progress.close()
        crew.close()


def _say(rows: Sequence[Row], journal: Journal) -> int:
    """Print how the batch ended, and return the exit status."""
    found = Counter(journal.records[row.id].status for row in rows)
    fell = f", {found['abstained']} abstained" if found["abstained"] else ""
    fell += f", {found['failed']} failed (see the column error)" if found["failed"] else ""
    print(f"{found['done']} of {len(rows)} done{fell}: {journal.out / SUMMARY_FILE}")
    return FAILED if found["failed"] else DONE


# -- one large place --------------------------------------------------------------------------


def answer_large(request: AskRequest, part_km: float, hands: Hands) -> int:
    """Ask one large pair of rasters part by part, going on where an earlier run stopped; return the exit status.

    Raises
    ------
    DiachronError: it could not be answered.
    """
    need_pyarrow()
    check_request(request)
    progress = BatchProgress()
    crew = hands.hire(Asked(request.question, request.out))
    try:
        card, _ = crew.one("introduce")
        asked = asked_of(request, " ".join((card.name, card.version, card.adapter)), part_km)
        parts = PartsFolder.beside(request.out, asked)
        text = parts.answered(request.out)
        if text is None:
            text = answer_mosaic(request, crew, parts, part_km, progress).text
    except KeyboardInterrupt:
        return _stopped()
    finally:
        progress.close()
        crew.close()
    print(text)
    return DONE


def _stopped() -> int:
    print(f"diachron: {Cancelled().what}; run the same command again to go on", file=sys.stderr)
    return Cancelled.exit_status
