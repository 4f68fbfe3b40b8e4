"""Answers: what is refused, how values are written, and where the links stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diachron.data.questions import QuestionGenerator
from diachron.model.look import Look
from diachron.model.vocabulary import load_vocabulary
from diachron.results.answer import (
    accept,
    answers_the_task,
    names_only_measured,
    numbers_keep_their_classes,
    plain_answer,
    render,
)
from diachron.results.facts import Fact

VOCABULARY = load_vocabulary()
FACTS = (
    Fact(1, "count", "any", "building", 12, "", (1, 2)),
    Fact(2, "area", "any", "building", 1840.5, "m2", (1, 2)),
    Fact(3, "transition_count", "herbaceous", "building", 9, "", (1,)),
    Fact(4, "verdict", "any", "building", "yes", "", (1,)),
)


@pytest.mark.parametrize(
    "text",
    [
        "there are 12 new buildings.", "<fact_1> of 3 buildings.", "<fact_9> new buildings.",
        "yes, <fact_1> buildings.",
        "buildings.",
        "<fact_1> and <fact_1> buildings.", "oui, <fact_1> bâtiments.", "<fact_1> <b>new</b> buildings.",
    ],
)  # fmt: skip
def test_an_answer_with_a_value_of_its_own_is_refused(text):
    assert not accept(text, FACTS)


def test_a_class_that_no_fact_names_is_refused():
    assert names_only_measured("<fact_1> new houses, most on grass.", FACTS, VOCABULARY)
    assert names_only_measured("<fact_1> nouveaux bâtiments sur de l'herbe.", FACTS, VOCABULARY)
    assert not names_only_measured("<fact_1> changes of new water were found.", FACTS, VOCABULARY)
    assert not names_only_measured("<fact_1> swimming pools.", FACTS, VOCABULARY)


@pytest.mark.parametrize(
    "text, stands",
    [
        ("<fact_1> new buildings: <fact_3> replaced grass.", True),
        ("<fact_1> new buildings: <fact_3> from grass to buildings.", True),
        ("<fact_1> bâtiments : <fact_3> à la place de l'herbe.", True),
        ("<fact_1> new buildings: <fact_3> replaced water.", False),
        ("<fact_1> new buildings: <fact_3> from buildings to buildings.", False),
        ("<fact_1> new buildings: <fact_3> from buildings to grass.", False),
        ("<fact_1> new buildings on grass: <fact_3>.", False),
    ],
)
def test_a_transitions_number_stands_with_its_own_classes(text, stands):
    assert numbers_keep_their_classes(text, FACTS, VOCABULARY) is stands


def test_values_are_written_in_the_readers_language():
    text = "<fact_4>. <fact_1> new buildings cover <fact_2>."
    assert render(text, FACTS, "en", VOCABULARY)[0] == "Yes. 12 new buildings cover 1,840.5 m²."
    assert render(text, FACTS, "fr", VOCABULARY)[0] == "Oui. 12 new buildings cover 1\u202f840,5\u202fm²."


@given(st.permutations([1, 2, 3, 4]), st.sampled_from(["en", "fr"]))
def test_spans_point_at_the_words_of_their_facts(order, language):
    text = "on " + ", then ".join(f"<fact_{number}>" for number in order) + " here."
    shown, spans = render(text, FACTS, language, VOCABULARY)
    alone = {fact.id: render(f"a <fact_{fact.id}>", FACTS, language, VOCABULARY)[0][2:] for fact in FACTS}
    assert [span.fact for span in spans] == list(order)
    for span in spans:
        assert shown[span.start : span.end].lower() == alone[span.fact].lower()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_plain_answer_is_always_acceptable(language):
    assert accept(plain_answer(Look("count", target=("building",)), FACTS, language, VOCABULARY), FACTS)


def test_nothing_is_said_only_of_nothing():
    none = (Fact(1, "count", "any", "building", 0, "", ()),)
    assert accept("No new buildings were found: <fact_1>.", none)
    assert not accept("No new buildings were found: <fact_1>.", FACTS)


def test_every_answer_that_teaches_may_stand():
    questions = QuestionGenerator(seed=5, split="train")
    for example in (questions.sample_tell() for _ in range(300)):
        assert accept(example.text, example.facts), example.text
        assert answers_the_task(example.text, example.look.task, example.facts), example.text
        assert numbers_keep_their_classes(example.text, example.facts, VOCABULARY), example.text
