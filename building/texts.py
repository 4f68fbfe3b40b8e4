"""The texts to translate: what the plugin gives to ``tr``, what the engine says to a person, and the classes."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from building.places import ENGINE, PLUGIN, RESOURCES

PLUGIN_CONTEXT = "Diachron"
ENGINE_CONTEXT = "Engine"
CLASS_CONTEXT = "Class"
MARKS: Mapping[str, int] = {"tr": 0, "_tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}
"""What marks a text of the plugin, and which of its arguments the text is."""
NOT_SPOKEN = ("cluster", "data", "evaluation", "synthesis", "training", "cli.py", "doctor.py", "model/command.py")
"""Parts of the engine that the plugin never runs: they speak on the command line alone."""
SPOKEN: Mapping[str, tuple[int | str, ...]] = {
    "UnusableInput": (0, 1, 2, "advice"),
    "WrongUsage": (0, 1, 2, "advice"),
    "Failed": (0, 1, 2, "advice"),
    "BadRequest": (0, 2),
    "Note": (1, 2, "advice"),
}
"""What makes a sentence of the engine, and which of its arguments are the sentence's parts."""
WHERE = 1
VALUE = "\0"
WORD = re.compile(r"[A-Za-z]{2}")
MOST_WAYS = 64

Ways = list[str]
"""A text in each way that it can be said; `VALUE` stands for what is only known when it is."""
Scope = dict[str, list[ast.expr]]
"""What a name stands for, each time that it is given."""


def texts() -> dict[str, list[str]]:
    """Return each context's texts, each once, in the order of the files; values stand in them as {0}, {1}."""
    classes = list(dict.fromkeys(each["name"] for each in vocabulary_classes()))
    return {PLUGIN_CONTEXT: plugin_texts(PLUGIN), ENGINE_CONTEXT: engine_texts(ENGINE), CLASS_CONTEXT: classes}


def vocabulary_classes() -> list[dict[str, Any]]:
    """Return the classes of the vocabularies; each has its own translation, by language."""
    files = sorted((RESOURCES / "vocabularies").glob("*.json"))
    return [each for file in files for each in json.loads(file.read_text(encoding="utf-8"))["classes"]]


def plugin_texts(package: Path) -> list[str]:
    """Return every literal that a folder's Python files mark as to be translated."""
    found = (text for _, tree in _trees(package) for call in _calls(tree, MARKS) for text in _marked(call))
    return list(dict.fromkeys(found))


def engine_texts(package: Path) -> list[str]:
    """Return every sentence that the engine says to the plugin's user."""
    found: dict[str, None] = {}
    for path, tree in _trees(package):
        place = path.relative_to(package).as_posix()
        if place in NOT_SPOKEN or place.partition("/")[0] in NOT_SPOKEN:
            continue
        whole = _given(tree)
        for function in _functions(tree):
            for call in _calls(function, SPOKEN):
                found.update(dict.fromkeys(_sentences(call, whole | _given(function))))
            found.update(dict.fromkeys(_remarks(function, whole | _given(function))))
    return list(found)


def _trees(package: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(package.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def _functions(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the functions of a module and of its classes, those within a function as part of that."""
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (each for each in inner if isinstance(each, ast.FunctionDef))


def _calls(tree: ast.AST, names: Mapping[str, object]) -> Iterator[ast.Call]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) in names)
    yield from sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _marked(call: ast.Call) -> Iterator[str]:
    for argument in call.args[MARKS[_name(call.func)] :][:1]:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


# -- the engine's sentences -------------------------------------------------------------------


def _sentences(call: ast.Call, scope: Scope) -> Iterator[str]:
    for part in SPOKEN[_name(call.func)]:
        if isinstance(part, int):
            arguments = call.args[part : part + 1]
        else:
            arguments = [keyword.value for keyword in call.keywords if keyword.arg == part]
        for way in (way for argument in arguments for way in _ways(argument, scope)):
            if WORD.search(way) and (part != WHERE or _says_where(call, way)):
                yield _numbered(way)


def _remarks(function: ast.AST, scope: Scope) -> Iterator[str]:
    """Yield what a function that writes a format says about it: it returns a list of sentences."""
    if not (isinstance(function, ast.FunctionDef) and function.name.startswith("_write_") and function.returns):
        return
    if ast.unparse(function.returns) != "list[str]":
        return
    items = (item for node in ast.walk(function) if isinstance(node, ast.List) for item in node.elts)
    yield from (_numbered(way) for item in items for way in _ways(item, scope) if WORD.search(way) and " " in way)


def _says_where(call: ast.Call, way: str) -> bool:
    """Say whether a place is told in words, and is no file, option or key; a note has its sentence there."""
    return _name(call.func) == "Note" or (" " in way and not way.startswith("-"))


def _numbered(way: str) -> str:
    if VALUE not in way:
        return way
    first, *others = way.replace("{", "{{").replace("}", "}}").split(VALUE)
    return first + "".join(f"{{{number}}}{text}" for number, text in enumerate(others))


def _given(tree: ast.AST) -> Scope:
    """Return what the names of a module (its top alone) or a function are set to."""
    scope: Scope = {}
    nodes = tree.body if isinstance(tree, ast.Module) else ast.walk(tree)
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            for name, value in _pairs(target, node.value):
                scope.setdefault(name, []).append(value)
    return scope


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name with its value; of a table that is looked into, with the value in each of its rows."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each, part in zip(target.elts, value.elts, strict=False):
            yield from _pairs(each, part)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Subscript) and isinstance(value.value, ast.Dict):
        for row in value.value.values:
            yield from _pairs(target, row)


def _ways(node: ast.expr, scope: Scope) -> Ways:
    """Return the ways in which an expression can read."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else [VALUE]
    if isinstance(node, ast.FormattedValue):
        return _ways(node.value, scope)
    if isinstance(node, ast.JoinedStr):
        return _joined([_ways(part, scope) for part in node.values])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([_ways(node.left, scope), _ways(node.right, scope)])
    if isinstance(node, ast.IfExp):
        return list(dict.fromkeys(_ways(node.body, scope) + _ways(node.orelse, scope)))
    if isinstance(node, ast.Name) and node.id in scope:
        outer = {name: values for name, values in scope.items() if name != node.id}
        return list(dict.fromkeys(way for value in scope[node.id] for way in _ways(value, outer)))
    return [VALUE]


def _joined(parts: list[Ways]) -> Ways:
    ways = itertools.islice(itertools.product(*parts), MOST_WAYS)
    # A sum of numbers is a number.
    return list(dict.fromkeys("".join(way) if set("".join(way)) != {VALUE} else VALUE for way in ways))
