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
    render,
)
from diachron.results.facts import KINDS, Fact
from diachron.results.plain import plain_answer
from diachron.results.sequences import STEP_KINDS

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


CHANGES = (
    Fact(1, "transition_count", "herbaceous", "building", 11, "", (1,)),
    Fact(2, "transition_count", "bare soil", "herbaceous", 3, "", (2,)),
    Fact(3, "count", "any", "any", 14, "", (1, 2)),
    Fact(4, "area", "any", "any", 13623.8, "m2", (1, 2)),
)


@pytest.mark.parametrize(
    "look, facts, language, said",
    [
        (
            Look("list"), CHANGES, "en",
            "14 changes were found, covering 13,623.8 m² in all. "
            "In detail: 11 from grass to buildings and 3 from bare soil to grass.",
        ),
        (
            Look("list"), CHANGES, "fr",
            "On compte 14 changements, sur 13\u202f623,8\u202fm² en tout. "
            "Dans le détail\u202f: 11 d'herbe vers bâtiments et 3 de sol nu vers herbe.",
        ),
        (
            Look("count", target=("building",)), (Fact(1, "count", "any", "building", 1, "", (1,)),
            Fact(2, "area", "any", "building", 80.0, "m2", (1,))), "en", "1 new building was found, covering 80 m².",
        ),
        (
            Look("segment", source=("building",)), (Fact(1, "count", "building", "any", 2, "", (1, 2)),
            Fact(2, "area", "building", "any", 80.0, "m2", (1, 2))), "fr",
            "On compte 2 bâtiments disparus, sur 80\u202fm² en tout.",
        ),
        (
            Look("count", target=("water",)), (Fact(1, "count", "any", "water", 2, "", (1, 2)),
            Fact(2, "area", "any", "water", 80.0, "m2", (1, 2))), "en",
            "2 areas of new water were found, covering 80 m² in all.",
        ),
        (
            Look("change_or_not", target=("building",)), (Fact(1, "verdict", "any", "building", "yes", "", (1,)),
            Fact(2, "count", "any", "building", 2, "", (1, 2)), Fact(3, "area", "any", "building", 80.0, "m2", (1,))),
            "en", "Yes. 2 new buildings were found, covering 80 m² in all.",
        ),
        (
            Look("semantic_map", classes=("any",)), (Fact(1, "share_after", "", "building", 12.5, "%", ()),
            Fact(2, "share_after", "", "water", 3.0, "%", ())), "en",
            "In detail: 12.5% of buildings after and 3% of water after.",
        ),
        (
            Look("where", target=("building",)), (Fact(1, "where", "any", "building", "west", "", (1,)),), "fr",
            "Le plus souvent côté ouest.",
        ),
        (
            Look("damage", target=("building",)), (Fact(1, "damage_count", "building", "destroyed", 3, "", (1,)),
            Fact(2, "damage_count", "building", "no damage", 1, "", (2,))), "en",
            "In detail: 3 destroyed and 1 with no damage.",
        ),
        (Look("list"), (), "fr", "Rien n'a été trouvé."),
    ],
)  # fmt: skip
def test_facts_are_stated_in_sentences(look, facts, language, said):
    assert render(plain_answer(look, facts, language, VOCABULARY), facts, language, VOCABULARY)[0] == said


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in STEP_KINDS])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_fact_can_be_stated(kind, language):
    facts = (Fact(1, kind, "herbaceous", "building", 2.0, "m2", (1,)), *FACTS[1:])
    told = plain_answer(Look("list"), facts, language, VOCABULARY)
    assert told.count("<fact_1>") == 1 and "{" not in told


def test_one_is_said_only_of_one():
    one = (Fact(1, "area", "any", "building", 80.0, "m2", (1,)), Fact(2, "count", "any", "building", 1, "", (1,)))
    assert accept("<fact_1>, in one place.", one) and accept("<fact_1>, en un seul endroit.", one)
    assert not accept("<fact_2>, in one place.", FACTS) and not accept("<fact_2>, en un seul endroit.", FACTS)


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
