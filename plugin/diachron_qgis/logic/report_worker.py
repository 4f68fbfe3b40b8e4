"""Makes a report in a process of its own: ``python -m diachron_qgis.logic.report_worker JOB``.

Drawing maps for print takes seconds and must be done in a main thread; in QGIS's own it would hold the window up.
The job is a JSON file: ``folder``, ``pdf``, ``project`` ("" for none), ``vocabulary`` as ``hello`` has it. The last
line of stderr says what went wrong.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsApplication, QgsLayoutExporter, QgsProject

from ..link.protocol import VocabularyEntry
from .language import install_translator, remove_translator
from .report_content import NoReport, read_content
from .report_layers import load_layers
from .report_pages import build_layout
from .report_words import tr

DPI = 220


class NotWritten(Exception):
    """The report could not be written; the message says where."""


def main(job_file: str) -> int:
    """Make the report that a job file describes; return the process's exit status."""
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    application = QgsApplication([], False)
    QgsApplication.setPrefixPath(job.get("prefix") or QgsApplication.prefixPath(), True)
    QgsApplication.initQgis()
    try:
        make_report(job)
    except (NoReport, NotWritten) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        del application
    return 0


def make_report(job: Mapping[str, Any]) -> Path:
    """Write a result's report as PDF, and where wanted the project with its layout; return the PDF's path.

    Raises
    ------
    NoReport: the folder holds no result. NotWritten: the PDF cannot be written.
    """
    vocabulary = tuple(VocabularyEntry.from_json(each) for each in job.get("vocabulary") or ())
    content = read_content(Path(job["folder"]), vocabulary)
    translator = install_translator(content.language)
    pdf, project = Path(job["pdf"]), QgsProject()
    layers = load_layers(content, project, (tr("Before"), tr("After"), tr("Changes")))
    layout = build_layout(content, layers, str(job.get("title") or ""))
    metadata = project.metadata()
    metadata.setTitle(f"{job.get('title') or tr('Change report')}: {content.answer.question}")
    project.setMetadata(metadata)
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = DPI
    settings.textRenderFormat = Qgis.TextRenderFormat.AlwaysText  # else newer QGIS draws words as outlines
    draft = pdf.with_name(f".{pdf.name}.part")
    result = QgsLayoutExporter(layout).exportToPdf(str(draft), settings)
    if result != QgsLayoutExporter.ExportResult.Success or not draft.is_file():
        raise NotWritten(str(pdf))
    os.replace(draft, pdf)
    remove_translator(translator)
    if job.get("project"):
        project.layoutManager().addLayout(layout)
        project.write(str(job["project"]))
    return pdf


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
