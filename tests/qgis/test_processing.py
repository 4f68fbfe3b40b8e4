"""The algorithms run as Processing runs them, with an engine that speaks the protocol."""

from __future__ import annotations

import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)

sys.path.insert(0, "/usr/share/qgis/python/plugins")

QUESTION = "How many buildings are new?"
ALGORITHMS = set("ask batch changemap export recipe reconcile report semanticmap transitionmatrix".split())


class Log(QgsProcessingFeedback):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def pushInfo(self, info: str) -> None:
        self.lines.append(info)

    def pushWarning(self, warning: str) -> None:
        self.lines.append(f"warning: {warning}")

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self.lines.append(f"error: {error}")


@pytest.fixture(scope="module")
def provider(qgis_app):
    from processing.core.Processing import Processing

    from diachron_qgis.processing.provider import DiachronProvider

    Processing.initialize()
    provider = DiachronProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield provider
    QgsApplication.processingRegistry().removeProvider(provider)


@pytest.fixture
def run(provider, fake_engine, qgis_new_project):
    import processing

    def run(name: str, log: Log | None = None, context: QgsProcessingContext | None = None, **parameters: object):
        return processing.run(f"diachron:{name}", parameters, feedback=log or Log(), context=context)

    return run


@pytest.fixture
def asked(pair, tmp_path) -> dict[str, object]:
    return {"BEFORE": pair[0].source(), "AFTER": pair[1].source(), "FOLDER": str(tmp_path / "result")}


@pytest.fixture
def options(qgis_app):
    """Return what sets QGIS's options for Diachron; afterwards they are as nobody had set them."""
    from diachron_qgis.logic.settings import Settings, write_settings

    yield lambda **values: write_settings(Settings(**values))
    write_settings(Settings())


def sent_to_engine(folder: Path) -> list[dict]:
    """Return what the engine was asked in mid-test: the fake engine keeps the parameters of the last question."""
    return json.loads((folder / "request.json").read_text(encoding="utf-8"))


def test_every_algorithm_is_there_with_help_and_advanced_settings(provider):
    from diachron_qgis.processing.definitions import ADVANCED

    found = {algorithm.name(): algorithm for algorithm in provider.algorithms()}
    assert set(found) >= ALGORITHMS
    for algorithm in found.values():
        assert len(algorithm.shortHelpString()) > 80
        assert algorithm.canExecute()[0]
        assert algorithm.create() is not None
    advanced = {each.name() for each in found["ask"].parameterDefinitions() if each.flags() & ADVANCED}
    assert {"THRESHOLD", "LANGUAGE", "VOCABULARY", "MODEL", "ADAPTER", "GSD", "MASK"} <= advanced
    assert {"BEFORE", "AFTER", "QUESTION", "EXTENT", "CHANGES"}.isdisjoint(advanced)


def test_ask_gives_the_answer_polygons_rasters_and_folder(run, asked, tmp_path):
    log = Log()
    result = run(
        "ask", log, **asked, QUESTION=QUESTION, CHANGES=str(tmp_path / "changes.gpkg"),
        PROBABILITY=str(tmp_path / "probability.tif"), CLASSES_AFTER=str(tmp_path / "after.tif"),
    )  # fmt: skip
    assert result == {
        "ANSWER": "3 new buildings cover 300 m².", "COUNT": 3, "AREA_M2": 300.0, "FOLDER": str(tmp_path / "result"),
        "CHANGES": str(tmp_path / "changes.gpkg"), "PROBABILITY": str(tmp_path / "probability.tif"),
        "CLASSES_AFTER": str(tmp_path / "after.tif"),
    }  # fmt: skip
    layer = QgsVectorLayer(result["CHANGES"], "changes", "ogr")
    kept = QgsVectorLayer(f"{tmp_path / 'result' / 'changes.gpkg'}|layername=changes", "kept", "ogr")
    assert [f["to_class"] for f in layer.getFeatures()] == ["building"] * 3
    assert [f.geometry().asWkt(3) for f in layer.getFeatures()] == [f.geometry().asWkt(3) for f in kept.getFeatures()]
    assert layer.crs().authid() == "EPSG:2154"
    assert QgsRasterLayer(result["PROBABILITY"]).isValid()
    assert "look task=count change=any>building" in log.lines
    assert "overlap 100%" in log.lines


def test_settings_reach_the_engine(run, asked, tmp_path):
    run(
        "ask", **asked, QUESTION=QUESTION, CHANGES="memory:", THRESHOLD=0.7, MINIMUM_AREA=25.0, LANGUAGE=2, GSD=0.5,
        MODEL="other", BEFORE_DATE="2018", AFTER_DATE="2023", EXTENT="700001,700010,6599980,6599990 [EPSG:2154]",
    )  # fmt: skip
    sent = sent_to_engine(tmp_path / "result")
    area = sent.pop("area")
    assert sent == {
        "rasters": [asked["BEFORE"], asked["AFTER"]], "question": QUESTION, "out": str(tmp_path / "result"),
        "dates": ["2018", "2023"], "threshold": 0.7, "minimum_area": 25.0, "language": "fr", "gsd": 0.5,
        "model": "other",
    }  # fmt: skip
    assert area.startswith("Polygon ((700001") and "6599980" in area


def test_language_and_smallest_area_of_the_options_are_where_an_algorithm_begins(run, asked, pair, tmp_path, options):
    def sent(name: str, **parameters: object) -> dict:
        run(name, **asked, **parameters, QUESTION=QUESTION, CHANGES="memory:")
        request = sent_to_engine(tmp_path / "result")
        shutil.rmtree(tmp_path / "result")
        return request

    assert not {"language", "minimum_area"} & set(sent("ask"))
    options(language="fr", minimum_area_m2=7.0)
    assert (sent("ask")["language"], sent("ask")["minimum_area"]) == ("fr", 7.0)
    assert sent("changemap")["minimum_area"] == 7.0
    chosen = sent("ask", LANGUAGE=1, MINIMUM_AREA=3.0)
    assert (chosen["language"], chosen["minimum_area"]) == ("en", 3.0)
    emptied = sent("ask", LANGUAGE=0, MINIMUM_AREA=None)
    assert not {"language", "minimum_area"} & set(emptied)

    for side, layer in zip(("before", "after"), pair):
        (tmp_path / "places" / side).mkdir(parents=True)
        shutil.copy(layer.source(), tmp_path / "places" / side / "lyon.tif")
    run("batch", PLACES=str(tmp_path / "places"), QUESTION=QUESTION, FOLDER=str(tmp_path / "many"))
    of_a_place = sent_to_engine(tmp_path / "many" / "lyon")
    assert (of_a_place["language"], of_a_place["minimum_area"]) == ("fr", 7.0)


def test_a_mask_in_another_crs_reaches_the_engine_in_the_rasters(run, asked, tmp_path):
    mask = QgsVectorLayer("Polygon?crs=EPSG:4326", "mask", "memory")
    ground = QgsGeometry.fromRect(QgsRectangle(700005, 6599975, 700020, 6599990))
    there = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:2154"), mask.crs(), QgsProject.instance().transformContext()
    )
    ground.transform(there)
    feature = QgsFeature()
    feature.setGeometry(ground)
    mask.dataProvider().addFeature(feature)
    run("ask", **asked, QUESTION=QUESTION, CHANGES="memory:", MASK=mask)
    area = QgsGeometry.fromWkt(sent_to_engine(tmp_path / "result")["area"])
    assert abs(area.area() - 225) < 1
    log = Log()
    with pytest.raises(QgsProcessingException):
        run("ask", log, **asked, QUESTION=QUESTION, CHANGES="memory:", MASK=mask,
            EXTENT="700100,700110,6599980,6599990 [EPSG:2154]")  # fmt: skip
    assert "error: The area holds no polygon; choose another one" in log.lines


def test_layers_that_are_loaded_are_styled_as_the_docks(run, asked):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    output = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", QgsProject.instance())
    result = run("ask", None, context, **asked, QUESTION=QUESTION, CHANGES=output, CLASSES_BEFORE=output)
    waiting = context.layersToLoadOnCompletion()
    assert len(waiting) == 2
    styled = {}
    for key, details in waiting.items():
        layer = QgsProcessingUtils.mapLayerFromString(key, context) or result["CHANGES"]
        details.postProcessor().postProcessLayer(layer, context, Log())
        styled[type(layer).__name__] = layer
    assert [each.label() for each in styled["QgsVectorLayer"].renderer().categories()] == ["herbaceous › building"]
    assert {each.label for each in styled["QgsRasterLayer"].renderer().classes()} == {"building", "herbaceous"}
    assert result["COUNT"] == 3


def test_the_other_maps_say_what_they_look_for(run, asked, tmp_path):
    run("changemap", **asked, FROM="herbaceous, agricultural land", TO="building", CHANGES="memory:")
    sent = sent_to_engine(tmp_path / "result")
    assert sent["look"]["task"] == "segment"
    assert (sent["look"]["from"], sent["look"]["to"]) == (["herbaceous", "agricultural land"], ["building"])
    assert sent["question"] == "Show where herbaceous and agricultural land became building"
    result = run("semanticmap", **{**asked, "FOLDER": str(tmp_path / "map")}, CLASSES_BEFORE=str(tmp_path / "1.tif"))
    assert sent_to_engine(tmp_path / "map")["look"]["classes"] == ["any"]
    assert QgsRasterLayer(result["CLASSES_BEFORE"]).isValid()
    assert "CHANGES" not in result


def test_the_transition_matrix_is_the_engines(run, asked, tmp_path):
    result = run("transitionmatrix", **asked, TABLE=str(tmp_path / "matrix.csv"), CHANGES="memory:")
    assert Path(result["TABLE"]).read_text() == f"csv of {tmp_path / 'result'}"
    assert sent_to_engine(tmp_path / "result")["look"]["task"] == "list"


def test_export_and_recipe_go_through_the_engine(run, asked, tmp_path):
    run("ask", **asked, QUESTION=QUESTION, CHANGES="memory:")
    log = Log()
    result = run("export", log, FOLDER=str(tmp_path / "result"), FORMAT=4, OUTPUT=str(tmp_path / "out.shp"))
    assert result == {"OUTPUT": str(tmp_path / "out.shp")}
    assert "warning: a note" in log.lines
    again = run("recipe", RECIPE=str(tmp_path / "result" / "request.json"), FOLDER=str(tmp_path / "again"),
                CHANGES="memory:", BEFORE=asked["BEFORE"], AFTER=asked["AFTER"])  # fmt: skip
    assert again["COUNT"] == 3
    assert sent_to_engine(tmp_path / "again")["rasters"] == [asked["BEFORE"], asked["AFTER"]]


def test_reconcile_writes_a_change_set_and_leaves_the_database_alone(run, tmp_path):
    fields = "field=id:integer&field=from_class:string&field=to_class:string&field=status:string"
    changes = QgsVectorLayer(f"Polygon?crs=EPSG:2154&{fields}", "changes", "memory")
    database = QgsVectorLayer("Polygon?crs=EPSG:2154&field=nature:string", "database", "memory")
    for layer, rows in (
        (changes, [([1, "grass", "building", "accepted"], 700000), ([2, "building", "grass", "edited"], 700100),
                   ([3, "grass", "building", "rejected"], 700200)]),
        (database, [(["Bâtiment"], 700100), (["Serre"], 700300)]),
    ):  # fmt: skip
        for attributes, left in rows:
            feature = QgsFeature(layer.fields())
            feature.setAttributes(attributes)
            feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, 6600000, left + 10, 6600010)))
            layer.dataProvider().addFeature(feature)
    result = run(
        "reconcile", CHANGES=changes, DATABASE=database, CLASS_FIELD="nature", CLASSES=["building", "Bâtiment"],
        OUTPUT=str(tmp_path / "set.gpkg"),
    )  # fmt: skip
    assert {name: value for name, value in result.items() if name != "OUTPUT"} == {
        "CREATED": 1, "REMOVED": 1, "MODIFIED": 0, "CONFIRMED": 0,
    }  # fmt: skip
    records = list(QgsVectorLayer(result["OUTPUT"], "set", "ogr").getFeatures())
    assert sorted((f["action"], f["proposals"]) for f in records) == [("created", "1"), ("removed", "2")]
    assert database.featureCount() == 2 and not database.isEditable()
    log = Log()
    with pytest.raises(QgsProcessingException):
        run("reconcile", log, CHANGES=changes, DATABASE=database, CLASSES=["", ""], OUTPUT="memory:")
    assert "error: Name at least one class" in log.lines


def test_the_report_is_a_pdf_with_its_layout_kept_as_a_project(run, asked, tmp_path):
    run("ask", **asked, QUESTION=QUESTION, CHANGES="memory:")
    result = run("report", FOLDER=asked["FOLDER"], OUTPUT=str(tmp_path / "out.pdf"), PROJECT=str(tmp_path / "out.qgz"))
    assert Path(result["OUTPUT"]).read_bytes().startswith(b"%PDF")
    with zipfile.ZipFile(result["PROJECT"]) as archive:
        kept = archive.read(next(name for name in archive.namelist() if name.endswith(".qgs"))).decode("utf-8")
    assert re.findall(r'<Layout [^>]*name="([^"]+)"', kept) == ["Change report"]
    assert kept.count('type="65639"') >= 4  # maps: one of all, and two close views of a change
    with pytest.raises(QgsProcessingException, match="could not be made"):
        run("report", FOLDER=str(tmp_path), OUTPUT=str(tmp_path / "none.pdf"))


def test_an_error_says_what_where_and_what_to_do(run, asked, monkeypatch):
    monkeypatch.setenv("DIACHRON_FAKE", "error")
    with pytest.raises(QgsProcessingException, match="the rasters do not overlap: a.tif; pick others"):
        run("ask", **asked, QUESTION=QUESTION, CHANGES="memory:")


def test_a_cancelled_run_stops_the_engine_and_saves_nothing(run, asked, tmp_path, monkeypatch):
    monkeypatch.setenv("DIACHRON_FAKE", "slow")

    class Impatient(Log):
        def setProgressText(self, text: str) -> None:
            self.cancel()

    with pytest.raises(QgsProcessingException, match="Stopped; nothing was saved"):
        run("ask", Impatient(), **asked, QUESTION=QUESTION, CHANGES="memory:")
    assert not (tmp_path / "result").exists()


def test_algorithms_run_in_a_thread_of_their_own(run, provider, asked, qtbot):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("diachron:ask")
    context, log = QgsProcessingContext(), Log()
    context.setProject(QgsProject.instance())
    parameters = {**asked, "QUESTION": QUESTION, "CHANGES": "TEMPORARY_OUTPUT"}
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, log)
    with qtbot.waitSignal(task.executed, timeout=20_000) as signal:
        QgsApplication.taskManager().addTask(task)
    succeeded, results = signal.args
    assert succeeded, log.lines
    assert results["COUNT"] == 3


def model_of_a_question(path: Path) -> Path:
    """Write a model: a question, then what each change's centre is and the whole result as GeoJSON."""
    model = QgsProcessingModelAlgorithm("Changes as points", "tests")
    for parameter in (
        QgsProcessingParameterRasterLayer("EARLIER"), QgsProcessingParameterRasterLayer("LATER"),
        QgsProcessingParameterString("WORDS"),
    ):  # fmt: skip
        model.addModelParameter(parameter, QgsProcessingModelParameter(parameter.name()))
    source = QgsProcessingModelChildParameterSource
    ask = child(model, "diachron:ask", {
        "BEFORE": source.fromModelParameter("EARLIER"), "AFTER": source.fromModelParameter("LATER"),
        "QUESTION": source.fromModelParameter("WORDS"), "MINIMUM_AREA": source.fromExpression("2 * 6.5"),
    })  # fmt: skip
    child(model, "native:centroids", {"INPUT": source.fromChildOutput(ask, "CHANGES")}, points="OUTPUT")
    child(model, "diachron:export", {
        "FOLDER": source.fromChildOutput(ask, "FOLDER"), "FORMAT": source.fromStaticValue(3),
    }, exported="OUTPUT")  # fmt: skip
    assert model.toFile(str(path))
    return path


def child(model: QgsProcessingModelAlgorithm, algorithm: str, sources: dict, **outputs: str) -> str:
    """Add an algorithm to a model and return its id there; ``outputs`` are the model's own, by name."""
    step = QgsProcessingModelChildAlgorithm(algorithm)
    assert step.algorithm() is not None
    for name, source in sources.items():
        step.addParameterSources(name, [source])
    step.setChildId(algorithm.partition(":")[2])
    kept = {}
    for name, of_child in outputs.items():
        kept[name] = QgsProcessingModelOutput(name, name)
        kept[name].setChildId(step.childId())
        kept[name].setChildOutputName(of_child)
    step.setModelOutputs(kept)
    return str(model.addChildAlgorithm(step))


def test_ask_runs_inside_a_model_and_hands_its_outputs_on(provider, fake_engine, qgis_new_project, pair, tmp_path):
    import processing

    model = QgsProcessingModelAlgorithm()
    assert model.fromFile(str(model_of_a_question(tmp_path / "points.model3")))
    assert model.canExecute()[0]
    # Newer QGIS calls a model's output by its description, older by its algorithm's name and that.
    named = {each.name().split(":")[-1]: each.name() for each in model.destinationParameterDefinitions()}
    result = processing.run(model, {
        "EARLIER": pair[0].source(), "LATER": pair[1].source(), "WORDS": "What was built?",
        named["points"]: str(tmp_path / "points.gpkg"), named["exported"]: str(tmp_path / "changes.geojson"),
    }, feedback=Log())  # fmt: skip
    points = QgsVectorLayer(result[named["points"]], "points", "ogr")
    assert [point.geometry().wkbType() for point in points.getFeatures()] == [QgsWkbTypes.Type.Point] * 3
    assert {point["to_class"] for point in points.getFeatures()} == {"building"}
    folder = Path((tmp_path / "changes.geojson").read_text().removeprefix("geojson of "))
    assert sent_to_engine(folder)["minimum_area"] == 13.0
    assert sent_to_engine(folder)["question"] == "What was built?"


def test_a_batch_asks_every_place_once_and_goes_on_after_a_failure(run, pair, tmp_path):
    places = tmp_path / "places"
    for side, layer in zip(("before", "after"), pair):
        (places / side).mkdir(parents=True)
        for name in ("lyon", "metz"):
            (places / side / f"{name}.tif").write_bytes(Path(layer.source()).read_bytes())
    parameters = {"PLACES": str(places), "QUESTION": QUESTION, "FOLDER": str(tmp_path / "results")}
    log = Log()
    first = run("batch", log, **parameters, SUMMARY=str(tmp_path / "summary.gpkg"))
    assert first["FAILED"] == 0
    layer = QgsVectorLayer(first["SUMMARY"], "summary", "ogr")
    rows = [(f["id"], f["answer"], f["changes"], f["area_m2"], f["error"]) for f in layer.getFeatures()]
    assert rows == [(name, "3 new buildings cover 300 m².", 3, 300.0, "") for name in ("lyon", "metz")]
    assert all(not f.geometry().isEmpty() for f in layer.getFeatures())
    (places / "before" / "nice.tif").write_text("no raster")
    (places / "after" / "nice.tif").write_text("no raster")
    log = Log()
    second = run("batch", log, **parameters, SUMMARY=str(tmp_path / "again.gpkg"))
    assert log.lines.count("is answered already") == 2
    assert second["FAILED"] == 1
    assert any(line.startswith("error: ") for line in log.lines)


def test_a_batch_without_pairs_is_refused_before_it_starts(run, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(QgsProcessingException, match="No pair of rasters was found"):
        run("batch", PLACES=str(tmp_path / "empty"), QUESTION=QUESTION, FOLDER=str(tmp_path / "results"))
    with pytest.raises(QgsProcessingException, match="one of the two"):
        run("batch", QUESTION=QUESTION, FOLDER=str(tmp_path / "results"))


def test_without_an_engine_an_algorithm_says_so(provider, monkeypatch):
    monkeypatch.setattr("diachron_qgis.processing.base.find_engine", lambda: None)
    possible, why = provider.algorithm("ask").canExecute()
    assert not possible
    assert "engine was not found" in why
