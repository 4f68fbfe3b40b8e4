"""How Diachron's classes stand in a database: by the value of one field, or as a whole layer of one class."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .reconcile_match import ACTIONS, CREATED, MODIFIED, Rule

PROPERTY = "diachron/reconcile"
WRITING = ACTIONS
"""The actions at which attributes may be written; at removal only where removed objects are kept."""


@dataclass(frozen=True)
class Fill:
    """An attribute to write: a QGIS expression over the proposal's fields, and the actions at which it is written."""

    field: str
    expression: str
    on: tuple[str, ...] = (CREATED, MODIFIED)


@dataclass(frozen=True)
class ClassMapping:
    """Classes to values of ``class_field``; "" as field: every object of the layer is of the one class in ``values``.

    A class may have several values: an object of any of them is of that class, the first is what is written.
    ``keeps_removed``: removed objects are not deleted; what `Fill` writes at removal marks them.
    """

    class_field: str = ""
    values: tuple[tuple[str, str], ...] = ()
    fills: tuple[Fill, ...] = ()
    keeps_removed: bool = False
    rule: Rule = field(default_factory=Rule)

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes that the database has."""
        return frozenset(name for name, _ in self.values)

    def class_of(self, value: Any) -> str:
        """Return the class of an object by its class field's value, "" where it has none."""
        if not self.class_field:
            return self.values[0][0] if self.values else ""
        return next((name for name, each in self.values if each == as_text(value)), "")

    def value_of(self, class_name: str) -> str:
        """Return what is written in the class field."""
        return next(value for name, value in self.values if name == class_name)

    def as_json(self) -> str:
        """Return it as one line, as a layer keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ClassMapping:
        """Read what `as_json` wrote; anything else is an empty mapping."""
        try:
            value: Mapping[str, Any] = json.loads(text)
            return cls(
                value["class_field"],
                tuple((str(name), str(each)) for name, each in value["values"]),
                tuple(Fill(each["field"], each["expression"], tuple(each["on"])) for each in value["fills"]),
                bool(value["keeps_removed"]),
                Rule(**value["rule"]),
            )
        except (ValueError, TypeError, KeyError):
            return cls()


def as_text(value: Any) -> str:
    """Return an attribute's value as a person writes it: whole numbers without a point, nothing for no value."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else "" if is_null(value) else str(value)


def is_null(value: Any) -> bool:
    """Say whether an attribute has no value; QGIS has two ways to say so."""
    return value is None or bool(getattr(value, "isNull", lambda: False)())
