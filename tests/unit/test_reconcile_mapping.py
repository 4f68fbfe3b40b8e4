"""Classes to values of a database, and back; what a layer keeps of it."""

from __future__ import annotations

import pytest

from diachron_qgis.logic.reconcile_mapping import ClassMapping, Fill, as_text
from diachron_qgis.logic.reconcile_match import Rule

MAPPING = ClassMapping(
    "nature", (("building", "1"), ("building", "église"), ("greenhouse", "3")), (Fill("source", "'x'", ("removed",)),),
    True, Rule(gone=0.5),
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "name"),
    [("1", "building"), (1, "building"), (1.0, "building"), ("église", "building"), (3, "greenhouse")],
)
def test_an_object_is_of_the_class_of_its_value(value, name):
    assert MAPPING.class_of(value) == name


@pytest.mark.parametrize("value", ["silo", None, "", 2, 1.5])
def test_a_value_that_is_not_mapped_is_of_no_class(value):
    assert MAPPING.class_of(value) == ""


def test_of_several_values_the_first_is_written():
    assert MAPPING.value_of("building") == "1"


def test_without_a_field_every_object_is_of_the_one_class():
    whole = ClassMapping("", (("building", ""),))
    assert whole.class_of(None) == "building"
    assert whole.classes == {"building"}
    assert ClassMapping().class_of(None) == ""


def test_what_a_layer_keeps_is_read_back():
    assert ClassMapping.from_json(MAPPING.as_json()) == MAPPING


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"class_field": "a", "values": 3}', '{"values": [["a"]]}'])
def test_anything_else_is_an_empty_mapping(text):
    assert ClassMapping.from_json(text) == ClassMapping()


def test_values_are_compared_as_a_person_writes_them():
    assert [as_text(value) for value in (1, 1.0, 1.5, None, "a", True)] == ["1", "1", "1.5", "", "a", "True"]
