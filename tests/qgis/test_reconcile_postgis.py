"""Reconciling with a real PostgreSQL and PostGIS: 200,000 buildings, others at work in them, connections that die."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtWidgets import QApplication

from diachron_qgis.logic.reconcile_apply import CHANGED, Applied, conflicts, edit_slices, is_edit
from diachron_qgis.logic.reconcile_listing import ListingJob, NotListed, Reconciliation
from diachron_qgis.logic.reconcile_mapping import ClassMapping, Fill
from diachron_qgis.logic.reconcile_save import CONFLICT, FAILED, SAVED, SaveGuard, Saving
from postgis_cluster import Cluster, running_cluster

BUILDINGS = 200_000
IN_A_ROW = 500
STEP_M = 25
ORIGIN = (700_000, 6_600_000)
MAPPING = ClassMapping("nature", (("building", "batiment"),), (Fill("source", "'Diachron ' || \"id\"", ("created",)),))
FIELDS = "id:integer", "from_class:string", "to_class:string", "confidence:double", "status:string"
# Outlines in metres from a building's corner; the building is 12 m by 10 m.
KINDS = {
    "created": ("grass", "building", (13, 11, 24, 24)),
    "confirmed": ("grass", "building", (0, 0, 12, 10)),
    "removed": ("building", "grass", (-1, -1, 13, 11)),
    "modified": ("grass", "building", (6, 2, 20, 8)),
}
MAKE_BUILDINGS = f"""
    DROP TABLE IF EXISTS {{0}};
    CREATE TABLE {{0}} (id serial PRIMARY KEY, nature text, source text, geom geometry(Polygon, 2154));
    INSERT INTO {{0}} (nature, source, geom)
    SELECT 'batiment', 'survey', ST_MakeEnvelope(x, y, x + 12, y + 10, 2154) FROM (
        SELECT {ORIGIN[0]} + {STEP_M} * (n % {IN_A_ROW}) AS x, {ORIGIN[1]} + {STEP_M} * (n / {IN_A_ROW}) AS y
        FROM generate_series(0, {{1}} - 1) n) AS corners;
    CREATE INDEX ON {{0}} USING gist (geom);
    ANALYZE {{0}}
"""


@pytest.fixture(scope="module")
def cluster():
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def table(cluster: Cluster, qgis_new_project) -> QgsVectorLayer:
    """A table of 40 buildings, one row of the big one, as a layer in a project."""
    cluster.run(MAKE_BUILDINGS.format("few", 40))
    layer = QgsVectorLayer(cluster.uri("few"), "few", "postgres")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def changes(kinds: list[tuple[str, int]], crs: str = "EPSG:2154") -> QgsVectorLayer:
    """Return accepted proposals: a kind and the number of the building that it is beside or on."""
    uri = "&".join(f"field={each}" for each in FIELDS)
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:2154&{uri}", "changes", "memory")
    features = []
    for number, (kind, building) in enumerate(kinds, 1):
        source, target, (left, bottom, right, top) = KINDS[kind]
        x, y = (o + STEP_M * n for o, n in zip(ORIGIN, (building % IN_A_ROW, building // IN_A_ROW)))
        feature = QgsFeature(layer.fields())
        feature.setAttributes([number, source, target, 0.8, "accepted" if number % 2 else "edited"])
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(x + left, y + bottom, x + right, y + top)))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def listed(proposals: QgsVectorLayer, layer: QgsVectorLayer) -> Reconciliation:
    return ListingJob.of(proposals, layer, MAPPING).run()


def apply(layer: QgsVectorLayer, found: Reconciliation) -> Applied:
    applied = Applied()
    findings = [each for each in found.findings if is_edit(each)]
    for _ in edit_slices(layer, findings, False, "Diachron", applied):
        pass
    return applied


def guarded(layer: QgsVectorLayer, found: Reconciliation) -> tuple[SaveGuard, list[Saving]]:
    """Apply a list, and return the guard of its saving with what it will have said."""
    guard, heard = SaveGuard(layer), []
    guard.ended.connect(heard.append)
    guard.watch(apply(layer, found), found.states)
    return guard, heard


def contents(cluster: Cluster) -> list[tuple]:
    return cluster.run("SELECT id, nature, source, ST_AsText(geom) FROM few ORDER BY id")


FOUR = [("created", 1), ("confirmed", 5), ("removed", 9), ("modified", 13)]


def test_400_proposals_against_200000_buildings(cluster, qgis_app, capsys):
    cluster.run(MAKE_BUILDINGS.format("many", BUILDINGS))
    layer = QgsVectorLayer(cluster.uri("many"), "many", "postgres")
    order = random.Random(7)
    kinds = [(order.choice(list(KINDS)), place) for place in order.sample(range(BUILDINGS), 400)]
    proposals, worked = changes(kinds), time.process_time()
    found = listed(proposals, layer)
    worked = time.process_time() - worked
    assert Counter(each.action for each in found.findings) == Counter(kind for kind, _ in kinds)
    assert found.objects_read < BUILDINGS / 4, "a part of the table is read, by its spatial index"
    with capsys.disabled():
        words = f"{found.seconds:.2f} s, of which {worked:.2f} s in QGIS at work, {found.objects_read} objects read"
        print(f"\n400 proposals, {BUILDINGS} buildings: {words}")


def test_applying_goes_into_the_buffer_as_one_command_and_saving_is_one_transaction(cluster, table):
    before = contents(cluster)
    found = listed(changes(FOUR), table)
    _, heard = guarded(table, found)
    assert contents(cluster) == before, "nothing is written before it is saved"
    assert table.undoStack().count() == 1
    table.undoStack().undo()
    assert not table.isModified()
    table.undoStack().redo()
    cluster.run("CREATE TABLE IF NOT EXISTS seen (transaction bigint); TRUNCATE seen")
    cluster.run(
        "CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO seen VALUES (txid_current()); RETURN NULL; END $$;"
        "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON few FOR EACH ROW EXECUTE FUNCTION note()"
    )
    assert table.commitChanges()
    QApplication.processEvents()
    assert heard == [Saving(SAVED, 3)]
    assert cluster.run("SELECT count(*), count(DISTINCT transaction) FROM seen") == [(3, 1)]
    after = {row[0]: row for row in contents(cluster)}
    assert 10 not in after
    assert after[41][1:3] == ("batiment", "Diachron 1")
    assert after[14][1:3] == ("batiment", "survey")
    assert cluster.run("SELECT ST_Area(geom) FROM few WHERE id = 14") == [(168.0,)]
    assert table.featureCount() == 40
    assert not table.isEditable()


def test_an_edit_between_listing_and_applying_is_shown(cluster, table):
    proposals = changes(FOUR)
    found = listed(proposals, table)
    cluster.run("UPDATE few SET nature = 'serre' WHERE id = 10; UPDATE few SET source = 'colleague' WHERE id = 14")
    cluster.run("INSERT INTO few (nature, geom) SELECT 'batiment', ST_Translate(geom, 13, 11) FROM few WHERE id = 2")
    why = conflicts(found, listed(proposals, table), range(4))
    assert {found.findings[line].action for line in why} == {"created", "removed", "modified"}
    assert [why[line] for line in why if found.findings[line].action == "modified"] == [CHANGED]


def test_an_edit_between_applying_and_saving_stops_the_saving(cluster, table):
    found = listed(changes(FOUR), table)
    _, heard = guarded(table, found)
    cluster.run("UPDATE few SET source = 'colleague' WHERE id = 14")
    theirs = contents(cluster)
    assert not table.commitChanges()
    assert contents(cluster) == theirs, "nothing is overwritten, nothing half done"
    QApplication.processEvents()
    assert heard == [Saving(CONFLICT, fids=(14,))]
    assert table.isEditable()
    steps = table.undoStack()
    assert (steps.index(), steps.count()) == (1, 1), "the edits are still in the buffer, as one command"
    table.undoStack().undo()
    assert table.commitChanges()
    assert contents(cluster) == theirs


def test_an_edit_in_the_very_moment_of_saving_is_not_overwritten(cluster, table, monkeypatch):
    """The colleague commits after the objects have been compared, before they are written."""
    from diachron_qgis.logic import reconcile_save

    found = listed(changes(FOUR), table)
    _, heard = guarded(table, found)
    write = reconcile_save._write

    def late(*arguments):
        cluster.run("UPDATE few SET source = 'colleague' WHERE id = 14")
        return write(*arguments)

    monkeypatch.setattr(reconcile_save, "_write", late)
    assert not table.commitChanges()
    QApplication.processEvents()
    assert heard == [Saving(CONFLICT, fids=(14,))]
    assert cluster.run("SELECT source FROM few WHERE id = 14") == [("colleague",)]
    assert cluster.run("SELECT count(*) FROM few") == [(40,)]
    table.rollBack()


KILL_SELF = (
    "CREATE OR REPLACE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;"
)


@pytest.mark.parametrize(
    "trigger",
    [
        "CREATE TRIGGER die BEFORE INSERT ON few FOR EACH ROW EXECUTE FUNCTION die()",
        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON few DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION die()",
    ],
    ids=["in mid-saving", "in mid-commit"],
)
def test_a_connection_that_dies_leaves_nothing_half_done(cluster, table, trigger):
    before = contents(cluster)
    found = listed(changes(FOUR), table)
    _, heard = guarded(table, found)
    cluster.run(KILL_SELF + trigger)
    assert not table.commitChanges()
    assert contents(cluster) == before
    QApplication.processEvents()
    assert [each.kind for each in heard] == [FAILED]
    assert table.isEditable() and table.isModified()
    cluster.run("DROP TRIGGER die ON few")
    assert table.commitChanges(), "saving again, once the database answers, saves everything"
    QApplication.processEvents()
    assert heard[-1] == Saving(SAVED, 3)
    assert cluster.run("SELECT count(*) FROM few") == [(40,)]


def test_a_connection_killed_after_the_last_statement_is_noticed(cluster, table, monkeypatch):
    """QGIS reports a commit over a dead connection as done."""
    from diachron_qgis.logic import reconcile_save

    before = contents(cluster)
    found = listed(changes(FOUR), table)
    _, heard = guarded(table, found)
    write = reconcile_save._write

    def then_killed(*arguments):
        written = write(*arguments)
        cluster.run("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE state = 'idle in transaction'")
        return written

    monkeypatch.setattr(reconcile_save, "_write", then_killed)
    assert not table.commitChanges()
    QApplication.processEvents()
    assert [each.kind for each in heard] == [FAILED]
    assert contents(cluster) == before
    table.rollBack()


def test_a_connection_that_dies_while_listing_makes_no_object_seem_to_be_missing(cluster, table):
    from diachron_qgis.logic import reconcile_listing

    proposals = changes(FOUR)
    killed = []

    class Watched(reconcile_listing._Lister):
        def _check(self) -> None:
            if self.read == 1 and not killed:
                killed.append(
                    cluster.run(
                        "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
                        "WHERE pid <> pg_backend_pid() AND application_name LIKE 'QGIS%'"
                    )
                )

    original, reconcile_listing._Lister = reconcile_listing._Lister, Watched
    try:
        found = listed(proposals, table)
    except NotListed as problem:
        assert problem.kind == "unreadable"
        return
    finally:
        reconcile_listing._Lister = original
    assert killed
    assert Counter(each.action for each in found.findings) == Counter(kind for kind, _ in FOUR)


def test_objects_with_text_keys_are_found_again_by_their_keys(cluster, qgis_new_project):
    """QGIS numbers such objects as it meets them, differently in each connection."""
    cluster.run(MAKE_BUILDINGS.format("few", 40))
    cluster.run(
        "ALTER TABLE few ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id TYPE text USING 'it''s ' || id;"
        "UPDATE few SET nature = nature WHERE id LIKE '%7'"
    )
    layer = QgsVectorLayer(cluster.uri("few"), "few", "postgres")
    QgsProject.instance().addMapLayer(layer)
    assert len(list(layer.getFeatures("\"id\" LIKE '%9'"))) == 4, "met first, so numbered first"
    fills = (Fill("id", "'new ' || \"id\"", ("created",)),)
    found = ListingJob.of(changes(FOUR), layer, ClassMapping("nature", MAPPING.values, fills)).run()
    _, heard = guarded(layer, found)
    assert layer.commitChanges()
    QApplication.processEvents()
    assert heard == [Saving(SAVED, 3)]
    rows = {row[0]: row for row in cluster.run("SELECT id, ST_Area(geom) FROM few")}
    assert "it's 10" not in rows
    assert rows["it's 14"][1] == 168.0
    assert "new 1" in rows


def test_a_transaction_of_the_project_is_left_to_qgis(cluster, qgis_new_project):
    cluster.run(MAKE_BUILDINGS.format("few", 40))
    QgsProject.instance().setAutoTransaction(True)
    layer = QgsVectorLayer(cluster.uri("few"), "few", "postgres")
    QgsProject.instance().addMapLayer(layer)
    before = contents(cluster)
    found = listed(changes(FOUR), layer)
    _, heard = guarded(layer, found)
    assert contents(cluster) == before, "others see nothing before it is saved"
    assert layer.commitChanges()
    QApplication.processEvents()
    assert not heard
    assert {10, 14, 41} == {row[0] for row in set(before) ^ set(contents(cluster))}


def test_nothing_is_guarded_once_the_edits_are_undone(cluster, table):
    found = listed(changes(FOUR), table)
    _, heard = guarded(table, found)
    table.undoStack().undo()
    cluster.run("UPDATE few SET source = 'colleague' WHERE id = 14")
    table.changeAttributeValue(1, 2, "mine")
    assert table.commitChanges()
    QApplication.processEvents()
    assert not heard
    assert cluster.run("SELECT source FROM few WHERE id IN (1, 14) ORDER BY id") == [("mine",), ("colleague",)]
