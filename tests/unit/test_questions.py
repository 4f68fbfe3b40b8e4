"""Generated questions, their readings, and answers over fact tables."""

from __future__ import annotations

import re
from itertools import islice
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diachron.data import phrasing, questions, telling
from diachron.data.grammar import TemplateError, expand, parse_template, phrase_names
from diachron.data.lexicon import lexicon
from diachron.data.noise import typed, without_accents
from diachron.data.nouns import COPY_END, COPY_START, french_joins, noun_text, plural_en, plural_fr, read_noun
from diachron.data.questions import QuestionGenerator
from diachron.model.look import REGIONS, TASKS, Look, parse_look
from diachron.model.prompts import fact_lines, parse_reading, reading_target, tell_prompt
from diachron.model.vocabulary import load_vocabulary
from diachron.results.facts import KINDS, Fact

LANGUAGES = ("en", "fr")
TOKEN = re.compile(r"<fact_(\d+)>")
SEEDS = st.integers(0, 2**31 - 1)
CHANGES = (
    (("any",), ("any",)),
    (("building",), ("building",)),
    (("any",), ("solar farms",)),
    (("trees", "water"), ("any",)),
    (("bare soil",), ("greenhouse",)),
)


def _reads(seed: int, count: int, split: str = "train") -> list[questions.ReadExample]:
    generator = QuestionGenerator(seed, split)
    return [generator.sample_read() for _ in range(count)]


# -- reading ----------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_questions() -> None:
    assert _reads(5, 200) == _reads(5, 200)
    assert _reads(5, 200) != _reads(6, 200)
    one, two = QuestionGenerator(1), QuestionGenerator(9)
    two.reseed(1)
    assert [one.sample_tell() for _ in range(50)] == [two.sample_tell() for _ in range(50)]


def test_every_task_is_asked_in_both_languages_and_splits() -> None:
    for split in phrasing.SPLITS:
        seen = {(each.language, each.look.task) for each in _reads(0, 8000, split)}
        assert seen == {(language, task) for language in LANGUAGES for task in TASKS}


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_every_reading_follows_the_grammar(seed: int) -> None:
    for each in _reads(seed, 40):
        assert parse_look(each.look.line()) == each.look
        assert parse_reading(reading_target(each.language, each.look)) == (each.language, each.look)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_questions_are_finished_text(seed: int) -> None:
    for each in _reads(seed, 40):
        assert each.question
        assert not set(each.question) & set(f"{COPY_START}{COPY_END}{{}}[]|<") - set(
            "|<" if "->" in each.question else ""
        )
        assert "  " not in each.question


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_what_the_vocabulary_lacks_is_copied_from_the_question(seed: int) -> None:
    vocabulary = load_vocabulary(None)
    known = {each.name for each in (*vocabulary.classes, *vocabulary.groups)} | {"any"}
    for each in _reads(seed, 40):
        for phrase in (*each.look.source, *each.look.target, *each.look.classes):
            assert phrase in known or phrase in each.question.lower(), each


def test_every_canonical_name_resolves_and_no_word_of_it_means_another_class() -> None:
    vocabulary = load_vocabulary(None)
    for language in LANGUAGES:
        for name, nouns in lexicon(language).by_name.items():
            wanted = vocabulary.resolve(name)
            assert wanted, name
            for form in {form for noun in nouns for form in (noun.one, noun.many)}:
                assert vocabulary.resolve(form) in ((), wanted), (name, form)


def test_visible_things_are_outside_the_vocabulary() -> None:
    vocabulary = load_vocabulary(None)
    for language in LANGUAGES:
        things = lexicon(language).objects
        assert len(things) >= 200
        assert not [words for words, _ in things if vocabulary.resolve(words)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_are_many_and_an_eighth_is_held_out(language: str) -> None:
    kept, held = phrasing.templates(language, "train"), phrasing.templates(language, "held_out")
    assert set(kept) == set(TASKS) - {"unanswerable"}
    for task in kept:
        assert len(kept[task]) + len(held[task]) >= 20, task
        assert not set(kept[task]) & set(held[task])
        assert 0.08 <= len(held[task]) / (len(kept[task]) + len(held[task])) <= 0.25, task


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_can_be_said(language: str) -> None:
    named = phrasing.phrases(language)
    for split in phrasing.SPLITS:
        for shapes in phrasing.asks(language, split).values():
            for ask in (ask for found in shapes.values() for ask in found):
                assert phrase_names(ask.nodes) <= set(named)
                assert questions._asked(language, ask, Random(1)).question


@pytest.mark.parametrize("task", TASKS[:-1])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_given_reading_is_phrased(task: str, language: str) -> None:
    rng = np.random.default_rng(0)
    generator = QuestionGenerator(0)
    for source, target in CHANGES:
        asked = generator.question_for(Look(task, source, target), rng, language)
        assert asked.look == Look(task, source, target)
        assert asked.language == language
        if "solar farms" in target and task not in ("class_at", "damage", "change_to_what"):
            assert "solar farms" in asked.question.lower()


def test_a_region_in_the_reading_is_named_in_the_question() -> None:
    words = {region: phrasing.question_file("regions")["en"][region] for region in REGIONS}
    for region in REGIONS:
        asked = QuestionGenerator(0).question_for(Look("count", region=region), np.random.default_rng(1), "en")
        assert asked.look.region == region
        assert any(place.split()[-1][:3] in asked.question.lower() for place in words[region])


def test_refusals_are_varied_and_give_each_reason() -> None:
    refused = [each for each in _reads(3, 12000) if each.look.abstains]
    assert 0.1 < len(refused) / 12000 < 0.2
    assert {each.look.reason for each in refused} == {"no_meaning", "not_in_imagery", "language"}
    assert len({each.question.lower() for each in refused}) > 0.5 * len(refused)


def test_verbs_set_the_direction() -> None:
    asked = list(islice((each for each in _reads(4, 20000) if each.look.task == "count"), 1500))
    for each in asked:
        text = each.question.lower()
        if "disappeared" in text or "demolished" in text:
            assert each.look.target == ("any",), each
        if re.search(r"how many \S+ have been built", text):
            assert each.look.source == ("any",), each


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="held-out"):
        QuestionGenerator(0, "held-out")


# -- telling ----------------------------------------------------------------------------------


@given(SEEDS)
@settings(max_examples=120, deadline=None)
def test_answers_point_at_facts_and_hold_no_number(seed: int) -> None:
    generator = QuestionGenerator(seed)
    for _ in range(20):
        each = generator.sample_tell()
        ids = {fact.id for fact in each.facts}
        pointed = {int(number) for number in TOKEN.findall(each.text)}
        assert pointed and pointed <= ids, each
        bare = TOKEN.sub("", each.text)
        assert not re.search(r"\d|[{}<>|]", bare), each.text
        assert not re.search(
            r"\b(yes|no change, no|oui|non)\b",
            bare.lower().replace("non imp", "").replace("non art", "").replace("non vég", ""),
        )


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_polar_answers_begin_with_their_verdict(seed: int) -> None:
    generator = QuestionGenerator(seed)
    for _ in range(30):
        each = generator.sample_tell()
        if each.look.task in ("change_or_not", "increase_or_not", "decrease_or_not"):
            assert each.facts[0].kind == "verdict"
            assert each.text.startswith("<fact_1>")


def test_fact_tables_hold_the_facts_of_the_contract() -> None:
    rng = Random(0)
    wanted = {
        "change_or_not": ["verdict", "count", "area"],
        "increase_or_not": ["verdict", "area_before", "area_after", "difference"],
        "change_ratio": ["share", "area"],
        "segment": ["count", "area"],
    }
    for task, kinds in wanted.items():
        for _ in range(50):
            facts = telling.draw_facts(Look(task, ("building",), ("building",)), rng)
            assert [fact.kind for fact in facts if fact.kind != "transition"] == kinds
            assert [fact.id for fact in facts] == list(range(1, len(facts) + 1))
            assert {fact.kind for fact in facts} <= set(KINDS)


def test_transitions_are_among_those_looked_for() -> None:
    rng = Random(1)
    for _ in range(100):
        for fact in telling.draw_facts(Look("count", target=("building",)), rng):
            if fact.kind == "transition_count":
                assert fact.target == "building" != fact.source


def _tellable(task: str) -> list[Look]:
    """Return looks that a question of this task may have."""
    if task in ("increase_or_not", "decrease_or_not", "damage"):
        return [Look(task, ("building",), ("building",))]
    if task == "class_at":
        return [Look(task, classes=("any",), date="before")]
    at_a_date = [Look(task, classes=names, date="after") for names in (("any",), ("water",), ("trees", "yachts"))]
    changes = [] if task == "semantic_map" else [Look(task, source, target) for source, target in CHANGES]
    return [
        *changes,
        *(at_a_date[1:] if task in ("area", "segment", "count", "where") else at_a_date if not changes else []),
    ]


@pytest.mark.parametrize("task", TASKS[:-1])
def test_every_case_can_be_told(task: str) -> None:
    rng = Random(2)
    for language in LANGUAGES:
        for look in _tellable(task):
            for _ in range(30):
                assert TOKEN.sub("", telling.tell(look, telling.draw_facts(look, rng), language, rng)).strip()


def test_fact_lines_say_words_instead_of_numbers() -> None:
    facts = (
        Fact(1, "verdict", "water", "water", "yes", "", ()),
        Fact(2, "area_before", "", "water", 10.0, "m2", ()),
        Fact(3, "area_after", "", "water", 4.5, "m2", ()),
        Fact(4, "difference", "", "water", -5.5, "m2", ()),
        Fact(5, "count", "any", "building", 1, "", (3,)),
        Fact(6, "transition_count", "herbaceous", "building", 0, "", ()),
    )
    assert fact_lines(facts).splitlines() == [
        "<fact_1> verdict water> water yes",
        "<fact_2> area_before water many",
        "<fact_3> area_after water many",
        "<fact_4> difference water less",
        "<fact_5> count any> building one",
        "<fact_6> transition_count herbaceous> building none",
    ]
    prompt = tell_prompt("how many?", Look("count"), facts[4:5])
    assert prompt.endswith("<facts><fact_5> count any> building one<diachron>")


def test_no_reading_is_made_of_other_text() -> None:
    assert parse_reading("de look task=list change=any>any date=both") is None
    assert parse_reading("en what changed") is None
    assert parse_reading("") is None


# -- the parts --------------------------------------------------------------------------------


def test_templates_are_parsed_and_mistakes_are_named() -> None:
    nodes = parse_template("how (many|few) <what> [now]?")
    said = {
        expand(nodes, {"what": (parse_template("{X}"),)}, lambda slot: slot.key.lower(), Random(n)) for n in range(40)
    }
    assert said == {f"how {word} x{end}?" for word in ("many", "few") for end in (" now", " ")}
    for wrong in ("how (many", "how many)", "[a", "(a]"):
        with pytest.raises(TemplateError, match=re.escape(repr(wrong))):
            parse_template(wrong)


def test_french_articles_agree_and_elide() -> None:
    water, house, soil = (read_noun(words, "") for words in ("eau f", "maison/maisons f", "hangar/hangars m"))
    assert noun_text("les", (water,), "et") == "l'eau"
    assert noun_text("des", (water, house), "et") == "de l'eau et des maisons"
    assert noun_text("de", (soil,), "et") == "de hangars"
    assert noun_text("un", (house,), "et") == "une maison"
    assert noun_text("nouveaux", (house,), "et") == "nouvelles"
    assert noun_text("a", (read_noun("house/houses", ""),), "and") == "a house"


def test_french_words_join() -> None:
    assert french_joins("l'herbe a-elle disparu ?") == "l'herbe a-t-elle disparu ?"
    assert french_joins("les maisons ont-elles changé ?") == "les maisons ont-elles changé ?"
    assert french_joins("la classe de le point") == "la classe du point"
    assert french_joins("merci de identifier ce que elle ne a pas") == "merci d'identifier ce qu'elle n'a pas"


def test_plurals_by_rule() -> None:
    assert [plural_en(word) for word in ("solar farm", "quarry", "bus", "beach")] == [
        "solar farms",
        "quarries",
        "buses",
        "beaches",
    ]
    assert plural_fr("terrain de foot") == "terrains de foot"
    assert plural_fr("château d'eau") == "châteaux d'eau"
    assert plural_fr("panneau solaire") == "panneaux solaires"


def test_noise_spares_copied_words() -> None:
    text = f"how many new {COPY_START}solar farms{COPY_END} are there?"
    for seed in range(400):
        question, plain = typed(text, Random(seed))
        assert "solar farms" in question.lower()
        assert isinstance(plain, bool)
    assert without_accents("Bâtiments démolis à l'été") == "Batiments demolis a l'ete"


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_about_no_class_agree_with_no_noun(language):
    """Such a template meets readings without nouns (`QuestionGenerator.question_for`), so it may not lean on one."""
    own = {"R", "J", "D", "y1", "y2"}
    without_noun = {"any>any", "land", "land2", "place", "spot", "damage"}
    for name in phrasing.TEMPLATE_FILES:
        for task, shapes in phrasing.question_file(f"{name}_{language}").items():
            for shape in without_noun & set(shapes) if task != "about" else ():
                for text in shapes[shape]:
                    slots = {slot.split()[-1] for slot in re.findall(r"\{([^{}]+)\}", text)}
                    assert slots <= own, f"{task}, {shape}: {text}"
