"""The protocol's lines, the loop that serves them, and what reaches the real stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diachron.errors import Cancelled, UnusableInput
from diachron.model.look import Look
from diachron.service.channel import Channel
from diachron.service.protocol import Ask, BadRequest, Read, error_fields, event_line, look_from_json, parse_request
from diachron.service.server import Server
from small_rasters import ground, with_roof, write

ENDINGS = {"done", "error", "cancelled"}


class Client:
    """The other end of a server that runs in a thread."""

    def __init__(self, answer: Any, hello: Any = dict) -> None:
        in_read, self._in = os.pipe()
        out_read, out_write = os.pipe()
        self._out = os.fdopen(out_read, "r", encoding="utf-8")
        self._open = True
        self.thread = threading.Thread(target=Server(Channel(in_read, out_write), answer, hello).run, daemon=True)
        self.thread.start()

    def write(self, raw: bytes) -> None:
        os.write(self._in, raw)

    def ask(self, id: str, method: str, **params: Any) -> None:
        self.write(json.dumps({"id": id, "method": method, "params": params}).encode() + b"\n")

    def event(self) -> dict[str, Any]:
        return json.loads(self._out.readline())

    def ending(self, id: str) -> dict[str, Any]:
        while True:
            event = self.event()
            if event["id"] == id and event["event"] in ENDINGS:
                return event

    def close(self) -> None:
        if self._open:
            os.close(self._in)
            self._open = False


def echo(params: Any, report: Any) -> dict[str, Any]:
    """Answers ``read`` by what its question says to do."""
    match params.question:
        case "unusable":
            raise UnusableInput("no such file", "a.tif", "check the path")
        case "crash":
            raise ZeroDivisionError("division by zero")
        case "wait":
            while not report.cancelled():
                time.sleep(0.005)
            raise Cancelled
    report.send("text", text=params.question)
    return {"line": params.question}


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(echo, hello=lambda: {"protocol": 1})
    yield made
    made.close()
    made.thread.join(5)
    assert not made.thread.is_alive()


# -- lines ------------------------------------------------------------------------------------

ASK: dict[str, Any] = {"rasters": ["/a.tif", "/b.tif"], "question": "How many?", "out": "/out"}


def line(method: Any, params: Any, **more: Any) -> str:
    return json.dumps({"id": "7", "method": method, "params": params, **more})


def test_an_ask_is_read_into_its_type():
    look = {"task": "count", "from": ["any"], "to": ["Solar  Farm"], "classes": [], "date": "both", "reason": ""}
    request = parse_request(line("ask", {**ASK, "gsd": 1, "look": look, "area": None}))
    assert request.id == "7"
    assert request.params == Ask(
        ("/a.tif", "/b.tif"), "How many?", Path("/out"), gsd=1.0, look=Look("count", ("any",), ("solar farm",))
    )


def test_a_look_may_leave_out_or_empty_what_it_does_not_say():
    assert look_from_json({"task": "count", "date": "", "region": "", "reason": ""}) == Look("count")


def test_a_look_survives_the_trip():
    look = Look("semantic_map", classes=("water", "swimming pool"), date="after", region="north-east")
    assert look_from_json(json.loads(json.dumps(look.as_json()))) == look


@pytest.mark.parametrize(
    ("raw", "id", "told"),
    [
        ("{", None, "not JSON"),
        ("[" * 100_000, None, "not JSON"),
        (b"\xff\xfe", None, "not JSON"),
        ("[]", None, "not a JSON object"),
        ('{"method": "hello"}', None, "no id"),
        ('{"id": 7, "method": "hello"}', None, "no id"),
        (line("fly", {}), "7", "no method 'fly'"),
        (line([], {}), "7", "no method"),
        (line("hello", []), "7", "not an object"),
        (line("hello", {"loud": True}), "7", "unknown parameter 'loud'"),
        (line("read", {}), "7", "question is nothing"),
        (line("read", {"question": 7}), "7", "question is int"),
        (line("cancel", {}), "7", "target is nothing"),
        (line("ask", {**ASK, "rasters": ["/a.tif"]}), "7", "two paths"),
        (line("ask", {**ASK, "rasters": "/a.tif"}), "7", "list of texts"),
        (line("ask", {**ASK, "rasters": ["a.tif", "/b.tif"]}), "7", "not an absolute path"),
        (line("ask", {**ASK, "out": "out"}), "7", "not an absolute path"),
        (line("ask", {**ASK, "out": "/o\x00"}), "7", "not an absolute path"),
        (line("ask", {**ASK, "gsd": "1"}), "7", "gsd is str"),
        (line("ask", {**ASK, "gsd": True}), "7", "gsd is bool"),
        (line("ask", {**ASK, "look": "count"}), "7", "reading is not an object"),
        (line("ask", {**ASK, "look": {"task": "guess"}}), "7", "no task 'guess'"),
        (line("ask", {**ASK, "look": {"task": "count", "date": "never"}}), "7", "no date 'never'"),
        (line("ask", {**ASK, "look": {"task": "count", "to": ["a>b"]}}), "7", "no class phrase"),
        (line("ask", {**ASK, "look": {"task": "count", "into": []}}), "7", "unknown parameter 'into'"),
    ],
)
def test_a_line_that_is_no_request_says_why(raw: str | bytes, id: str | None, told: str):
    with pytest.raises(BadRequest) as refused:
        parse_request(raw)
    assert refused.value.id == id
    assert told in refused.value.line()


def test_an_event_is_one_line_of_ascii_without_what_json_cannot_hold():
    fields = {"text": "a\nb é \u2028", "remaining_s": float("nan"), "parts": (1, float("inf"))}
    written = event_line("7", "text", fields)
    assert written.count("\n") == 1 and written.isascii()
    assert json.loads(written) == {
        "id": "7", "event": "text", "text": "a\nb é \u2028", "remaining_s": None, "parts": [1, None]
    }  # fmt: skip


def test_an_unforeseen_error_still_says_what_and_what_to_do():
    told = error_fields(KeyError("x"))["error"]
    assert told["kind"] == "failed" and told["exit_status"] == 1
    assert "KeyError" in told["what"] and told["advice"]


# -- the loop ---------------------------------------------------------------------------------


def test_a_request_has_its_events_and_one_end(client: Client):
    client.ask("1", "read", question="hello?")
    assert client.event() == {"id": "1", "event": "text", "text": "hello?"}
    assert client.event() == {"id": "1", "event": "done", "line": "hello?"}


def test_errors_do_not_end_the_engine(client: Client):
    client.write(b"nonsense\n\n")
    assert client.event()["error"]["kind"] == "usage"
    client.ask("1", "read", question="unusable")
    told = client.ending("1")["error"]
    assert told == {
        "kind": "input", "what": "no such file", "where": "a.tif", "advice": "check the path", "exit_status": 3
    }  # fmt: skip
    client.ask("2", "read", question="crash")
    assert client.ending("2")["error"]["kind"] == "failed"
    client.ask("3", "read", question="still there?")
    assert client.ending("3")["event"] == "done"


def test_hello_and_cancel_are_answered_in_the_middle_of_a_job(client: Client):
    client.ask("1", "read", question="wait")
    client.ask("2", "read", question="wait")
    client.ask("3", "hello")
    assert client.event() == {"id": "3", "event": "done", "protocol": 1}
    client.ask("4", "cancel", target="2")
    assert client.event() == {"id": "4", "event": "done"}
    client.ask("5", "cancel", target="1")
    assert client.ending("1")["event"] == "cancelled"
    assert client.ending("2")["event"] == "cancelled", "a job that waits is cancelled too"
    client.ask("6", "read", question="next")
    assert client.ending("6")["event"] == "done"


def test_cancelling_what_is_done_is_no_error(client: Client):
    client.ask("1", "cancel", target="0")
    assert client.event() == {"id": "1", "event": "done"}


def test_an_id_in_use_is_refused_and_the_first_goes_on(client: Client):
    client.ask("1", "read", question="wait")
    client.ask("1", "read", question="again")
    refused = client.event()
    assert refused["id"] is None and refused["error"]["kind"] == "usage"
    client.ask("2", "cancel", target="1")
    assert client.ending("1")["event"] == "cancelled"


def test_requests_in_pieces_and_in_one_piece(client: Client):
    client.write(b'{"id": "1", "method": "re')
    client.write(b'ad", "params": {"question": "a"}}\n{"id": "2", "method": "hello"}\r\n')
    assert {client.ending("2")["id"], client.ending("1")["id"]} == {"1", "2"}


def test_a_line_without_end_is_refused_and_the_next_is_read(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("diachron.service.channel.LONGEST_LINE_BYTES", 1000)
    client.write(b"x" * 3000)
    assert "too long" in client.event()["error"]["what"]
    client.write(b"x" * 3000 + b"\n")
    client.ask("1", "hello")
    assert client.ending("1")["event"] == "done"


def test_shutdown_ends_the_engine_once_the_rest_is_done():
    client = Client(echo)
    client.ask("1", "read", question="last")
    client.ask("2", "shutdown")
    assert client.ending("1")["event"] == "done"
    assert client.ending("2")["event"] == "done"
    client.thread.join(5)
    assert not client.thread.is_alive()
    client.close()


def test_the_end_of_the_input_stops_the_job_and_ends_the_engine():
    client = Client(echo)
    client.ask("1", "read", question="wait")
    client.close()
    client.thread.join(5)
    assert not client.thread.is_alive()


def test_read_parameters_are_typed():
    assert parse_request(line("read", {"question": "q", "language": "fr"})).params == Read("q", "fr")


# -- the process ------------------------------------------------------------------------------

NOISY_ENGINE = """
import ctypes, os, subprocess, sys
from diachron.runtime import ModelChoice
from diachron.service.start import serve
from fake_interpreter import EchoInterpreter

def noise():
    print("print")
    sys.stdout.write("sys.stdout\\n"); sys.stdout.flush()
    sys.__stdout__.write("sys.__stdout__\\n"); sys.__stdout__.flush()
    os.write(1, b"descriptor 1\\n")
    ctypes.CDLL(None).puts(b"printf in C"); ctypes.CDLL(None).fflush(None)
    subprocess.run([sys.executable, "-c", "print('a child'); import sys; sys.stdin.read()"], check=True)

def load(choice):
    noise()
    return EchoInterpreter(on_tile=noise)

serve(ModelChoice(), load)
"""


class Engine:
    """``diachron serve`` as QGIS starts it: a process with pipes."""

    def __init__(self, code: str) -> None:
        path = os.pathsep.join(each for each in sys.path if each)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        self.events: list[dict[str, Any]] = []

    def ask(self, id: str, method: str, **params: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": id, "method": method, "params": params}).encode() + b"\n")
        self.process.stdin.flush()

    def ending(self, id: str) -> dict[str, Any]:
        """Return the event that ends a request; every line on the way must be an event."""
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline()
            assert line, "the engine ended"
            self.events.append(json.loads(line))
            if self.events[-1]["id"] == id and self.events[-1]["event"] in ENDINGS:
                return self.events[-1]


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine(NOISY_ENGINE)
    with made.process:  # closes the pipes, and waits
        yield made
        made.process.kill()


@pytest.fixture
def asked(tmp_path: Path) -> dict[str, Any]:
    paths = [write(tmp_path / "b.tif", ground()), write(tmp_path / "a.tif", with_roof(ground(), 10, 12))]
    return {"rasters": paths, "question": "How many buildings are new?", "out": str(tmp_path / "out")}


@pytest.mark.skipif(os.name != "posix", reason="prints through the C library")
def test_nothing_but_the_protocol_reaches_stdout(engine: Engine, asked: dict[str, Any]):
    engine.ask("1", "ask", **asked)
    done = engine.ending("1")
    assert done["event"] == "done", done
    assert done["folder"] == asked["out"]
    assert done["answer"] == json.loads((Path(asked["out"]) / "answer.json").read_text(encoding="utf-8"))
    kinds = [event["event"] for event in engine.events]
    assert list(dict.fromkeys(kinds)) == ["stage", "preflight", "reading", "progress", "text", "done"]
    assert [event["stage"] for event in engine.events if event["event"] == "stage"] == [
        "align", "look", "map", "measure", "tell", "write"
    ]  # fmt: skip
    assert [event for event in engine.events if event["event"] == "text"][-1]["text"] == done["answer"]["text"]
    engine.ask("2", "shutdown")
    assert engine.ending("2")["event"] == "done"
    assert engine.process.wait(10) == 0
    assert engine.process.stdout is not None and engine.process.stderr is not None
    assert engine.process.stdout.read() == b""
    said = engine.process.stderr.read().decode()
    for words in ("print", "sys.stdout", "descriptor 1", "printf in C", "a child"):
        assert words in said.splitlines(), words


def test_one_engine_answers_reads_refuses_and_goes_on(engine: Engine, asked: dict[str, Any], tmp_path: Path):
    engine.ask("1", "preflight", rasters=asked["rasters"])
    assert engine.ending("1")["preflight"]["overlap"] == 1
    engine.ask("2", "ask", **{**asked, "rasters": [asked["rasters"][0], str(tmp_path / "gone.tif")]})
    told = engine.ending("2")["error"]
    assert told["kind"] == "input" and told["exit_status"] == 3 and "gone.tif" in told["where"]
    engine.ask("3", "read", question="Combien de bâtiments ?")
    read = engine.ending("3")
    assert (read["look"]["task"], read["language"]) == ("count", "fr")
    engine.ask("4", "read", question="")
    assert engine.ending("4")["error"]["kind"] == "input"
    engine.ask("5", "ask", **asked)
    assert engine.ending("5")["event"] == "done"


def test_the_engine_ends_with_its_input(engine: Engine):
    assert engine.process.stdin is not None
    engine.process.stdin.close()
    assert engine.process.wait(10) == 0


def test_a_job_that_does_not_stop_ends_with_the_engine(asked: dict[str, Any]):
    deaf = NOISY_ENGINE.replace("def noise():", "def noise():\n    import time; time.sleep(60)")
    hasty = deaf.replace("serve(M", "import diachron.service.start as start; start.GRACE_S = 0.2\nserve(M")
    with Engine(hasty).process as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"id": "1", "method": "ask", "params": asked}).encode() + b"\n")
        process.stdin.flush()
        time.sleep(0.5)
        process.stdin.close()
        assert process.wait(10) == 0


def test_hello_says_who_the_engine_is():
    from diachron.runtime import ModelChoice
    from diachron.service.work import Work

    said = Work(ModelChoice("no such model")).hello()
    assert said["protocol"] == 1 and said["version"] and said["model"] is None
    assert {"id": 1, "name": "building"}.items() <= said["vocabulary"][0].items()
    assert set(said["vocabulary"][0]) == {"id", "name", "fr", "colour", "groups"}


def test_another_model_is_loaded_only_when_asked_for(tmp_path: Path, asked: dict[str, Any]):
    from diachron.runtime import ModelChoice
    from diachron.service.protocol import Request
    from diachron.service.server import Job, Reporter
    from diachron.service.work import Work
    from fake_interpreter import EchoInterpreter

    class Silence:
        def send(self, *_: Any, **__: Any) -> None: ...

    loaded: list[ModelChoice] = []

    def load(choice: ModelChoice) -> EchoInterpreter:
        loaded.append(choice)
        return EchoInterpreter()

    work = Work(ModelChoice("mini", None, "cpu"), load)
    for more in ({}, {}, {"model": "2b"}, {}):
        params = Ask(**{**asked, "out": tmp_path / "out", "rasters": tuple(asked["rasters"]), **more})
        work(params, Reporter(Silence(), Job(Request("1", params))))
    assert [choice.name for choice in loaded] == ["mini", "2b", "mini"]
