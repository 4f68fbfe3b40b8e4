"""The look line: what is written can be read back, and what is not a look line is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diachron.model.look import DATES, REASONS, TASKS, Look, parse_look

PHRASES = st.lists(
    st.sampled_from(["building", "bare soil", "solar farm", "serre", "any"]), min_size=1, max_size=3
).map(tuple)
ANSWERABLE = st.sampled_from([task for task in TASKS if task != "unanswerable"])


@given(ANSWERABLE, PHRASES, PHRASES, st.sampled_from(DATES))
def test_a_change_reading_is_read_back(task, source, target, date):
    look = Look(task, source=source, target=target, date=date)
    assert parse_look(look.line()) == look


@given(ANSWERABLE, PHRASES, st.sampled_from(DATES))
def test_a_class_reading_is_read_back(task, classes, date):
    look = Look(task, classes=classes, date=date)
    assert parse_look(look.line()) == look


@pytest.mark.parametrize("reason", REASONS)
def test_an_abstention_is_read_back(reason):
    look = Look("unanswerable", reason=reason)
    assert parse_look(look.line()) == look
    assert look.abstains


@pytest.mark.parametrize("text", ["", "look", "look task=fly change=any>building", "count the buildings",
                                  "look task=count date=both",
                                  "look task=count change=any>building date=never"])  # fmt: skip
def test_what_is_no_reading_is_refused(text):
    assert parse_look(text) is None
