"""A review of 10,000 proposals: every step, and the longest time that the main thread does nothing else."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, QTimer

from proposal_layers import load, write_proposals

COUNT = 10_000
TICK_MS = 5
MOST_STALL_MS, MOST_STEP_MS = 50.0, 100.0


class Watchdog:
    """The longest work of the main thread between two ticks of a timer, in ms of its own time: what other programs take
    of the processor does not count."""

    def __init__(self) -> None:
        self.longest_ms, self.during = 0.0, ""
        self.step = ""
        self._last = time.thread_time()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now = time.thread_time()
        worked_ms = (now - self._last) * 1000
        if worked_ms > self.longest_ms:
            self.longest_ms, self.during = worked_ms, self.step
        self._last = now

    def restart(self) -> None:
        self.longest_ms, self._last = 0.0, time.thread_time()


class Steps:
    """Runs steps, keeps the longest of each name in ms of the main thread's own time, and lets the window live."""

    def __init__(self, qtbot) -> None:
        # Python's own collection goes through all of pytest's objects too, which QGIS does not have.
        gc.collect()
        gc.freeze()
        self.qtbot, self.watch, self.longest = qtbot, Watchdog(), {}

    def __call__(self, name: str, run: Callable[[], object]) -> object:
        self.watch.step = name
        started = time.thread_time()
        made = run()
        self.longest[name] = max(self.longest.get(name, 0.0), (time.thread_time() - started) * 1000)
        self.qtbot.wait(40)
        return made

    def check(self) -> None:
        gc.unfreeze()
        told = ", ".join(f"{name} {spent:.0f}" for name, spent in self.longest.items())
        print(f"\nlongest stall {self.watch.longest_ms:.0f} ms during {self.watch.during}; steps in ms: {told}")
        assert max(self.longest.values()) < MOST_STEP_MS, told
        assert self.watch.longest_ms < MOST_STALL_MS, (self.watch.longest_ms, self.watch.during, told)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    return write_proposals(tmp_path_factory.mktemp("many") / "changes.gpkg", COUNT)


def test_nothing_keeps_the_window_waiting(qgis_iface, qtbot, pair, many):
    from diachron_qgis.gui.review_desk import ReviewDesk

    desk = ReviewDesk(qgis_iface)
    qtbot.addWidget(desk)
    desk.show()
    layer = load(many)
    qtbot.wait(300)
    timed = Steps(qtbot)
    timed("open", lambda: desk.open(layer, *pair))
    qtbot.waitUntil(lambda: desk.session is not None and desk.session.is_loaded, timeout=20_000)
    qtbot.wait(300)
    assert len(desk.session.queue) == COUNT
    for _ in range(15):
        timed("accept", desk.accept)
        timed("reject", desk.reject)
        timed("next", lambda: desk.step(1))
        timed("undo", desk.undo)
    timed("reclassify", lambda: desk._reclassified(("water", "building")))
    timed("note", lambda: desk._noted("seen"))
    for order in range(desk.filter.order.count()):
        timed("order", lambda order=order: desk.filter.order.setCurrentIndex(order))
    for place in range(desk.filter.status.count()):
        timed("filter", lambda place=place: desk.filter.status.setCurrentIndex(place))
    timed("filter", lambda: desk.filter.target.setCurrentIndex(2))
    timed("filter", desk.filter.clear)
    for name in ("swipe", "flicker", "side_by_side"):
        timed("layout", lambda name=name: desk.set_layout(name))
    timed("selection", lambda: layer.selectByIds([9_000]))
    timed("reload", desk.reload)
    qtbot.wait(1_500)
    timed("close", desk.close)
    desk.close_down()
    timed.check()


def test_neither_do_an_answers_layers_and_links(qgis_iface, qtbot, pair, many):
    from diachron_qgis.gui.card import QuestionCard
    from diachron_qgis.gui.live_answers import LiveAnswers
    from diachron_qgis.link.answer import Answer
    from diachron_qgis.logic.changes_table import extent_of, fids_of, mean_confidence
    from diachron_qgis.logic.results import load_results, refresh_changes

    look = {"task": "count", "from": ["any"], "to": ["building"]}
    fact = {"id": 1, "kind": "count", "value": COUNT, "features": list(range(1, COUNT + 1))}
    value = {"text": "10,000 changes.", "facts": [fact], "spans": [{"start": 0, "end": 6, "fact": 1}], "look": look}
    value |= {"settings": {"threshold": 0.5, "minimum_area": 10, "unit": "m2"}, "question": "How many?"}
    (many.parent / "answer.json").write_text(json.dumps(value))
    names = ("Changes", "Change probability", "Land cover")
    card = QuestionCard("How many?", "", ())
    qtbot.addWidget(card)
    timed = Steps(qtbot)
    layers = timed("load", lambda: load_results(many.parent, "How many?", (), QgsProject.instance(), names))
    answer = timed("read", lambda: Answer.from_json(value))
    timed("show", lambda: card.show_answer(answer, mean_confidence(layers.changes)))
    live = LiveAnswers(QObject(), lambda _: None)
    live.attach("1", card, lambda: str(many.parent))
    live.watch("1", str(many.parent))
    fids = timed("find", lambda: fids_of(layers.changes, answer.facts[0].features))
    assert len(fids) == COUNT
    timed("select", lambda: layers.changes.selectByIds(fids))
    assert card.view.lit == (1,)
    extent = timed("extent", lambda: extent_of(layers.changes, fids))
    assert extent.contains(layers.changes.extent().center()) and extent.width() > 990
    timed("refresh", lambda: refresh_changes(layers.changes))
    timed.check()
