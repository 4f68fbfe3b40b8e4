"""The vocabulary: words that resolve, and files that are refused."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diachron.errors import UnusableInput
from diachron.model.vocabulary import Vocabulary, load_vocabulary, normalise

VOCABULARY = load_vocabulary()
FLAIR = (
    "building|pervious surface|impervious surface|bare soil|water|coniferous|deciduous|brushwood|vineyard|herbaceous|"
    "agricultural land|plowed land|swimming pool|snow|clear cut|mixed|ligneous|greenhouse|other"
).split("|")
TREES = ["coniferous", "deciduous", "mixed", "ligneous"]


def named(phrase: str) -> list[str]:
    return [each.name for each in VOCABULARY.resolve(phrase)]


def words() -> list[tuple[str, str]]:
    """Return every word of the file with the class or group that it is for."""
    return [
        (word, entry.name)
        for entry in (*VOCABULARY.groups, *VOCABULARY.classes)
        for word in (entry.name, entry.fr, *entry.synonyms_en, *entry.synonyms_fr)
    ]


def test_the_default_classes_are_flairs_in_order():
    assert [(each.id, each.name) for each in VOCABULARY.classes] == list(enumerate(FLAIR, 1))
    assert len({each.colour for each in VOCABULARY.classes}) == 19


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("Bâtiments", ["building"]), ("les maisons", ["building"]), ("the roofs", ["building"]),
        ("routes", ["impervious surface"]), ("parking lots", ["impervious surface"]), ("toutes les rues", FLAIR[2:3]),
        ("vignes", ["vineyard"]), ("eaux", ["water"]), ("de l'eau", ["water"]), ("canaux", ["water"]),
        ("Plans d’eau", ["water"]), ("cours d'eau", ["water"]), ("water bodies", ["water"]),
        ("prairies", ["herbaceous"]), ("grasses", ["herbaceous"]), ("lawn", ["herbaceous"]),
        ("sols nus", ["bare soil"]), ("feuillus", ["deciduous"]), ("bushes", ["brushwood"]),
        ("SWIMMING-POOLS", ["swimming pool"]), ("serres", ["greenhouse"]), ("coupes rases", ["clear cut"]),
        ("trees", TREES), ("arbres", TREES), ("forêts", TREES), ("bois", TREES),
        ("sealed surfaces", ["building", "impervious surface"]),
        ("NVG surfaces", ["pervious surface", "impervious surface", "bare soil"]),
        ("low vegetation", ["brushwood", "herbaceous", "agricultural land"]),
    ],
)  # fmt: skip
def test_words_resolve_in_both_languages_and_numbers(phrase, expected):
    assert named(phrase) == expected


@pytest.mark.parametrize("phrase", ["solar farm", "happiness", "", "the", "œuvre", "  "])
def test_unknown_words_resolve_to_nothing(phrase):
    assert named(phrase) == []


def test_no_word_means_two_things():
    meanings = defaultdict(set)
    for word, name in words():
        meanings[normalise(word)].add(name)
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


@given(st.sampled_from(words()), st.sampled_from(["{}", "the {}", "les {}", "{}s", "{}S"]))
def test_articles_case_and_a_plural_ending_change_nothing(entry, form):
    word, name = entry
    if not word.endswith(("s", "y", "sh", "ch", "x", "eau", "al", "S")):
        assert named(form.format(word)) == named(name)


@given(st.text(max_size=40))
def test_any_text_is_normalised_once(text):
    assert isinstance(normalise(text), str)
    assert VOCABULARY.resolve(text.upper()) == VOCABULARY.resolve(text.upper().lower())


def test_names_are_shown_in_french():
    assert VOCABULARY.display("building", "fr") == "bâtiment"
    assert VOCABULARY.display("trees", "fr") == "arbres"
    assert VOCABULARY.display("solar farm", "fr") == "solar farm"


def test_soil_is_sealed_or_unsealed_never_both():
    for each in VOCABULARY.classes:
        assert not {"sealed", "unsealed"} <= set(each.groups)


# -- a person's own file ----------------------------------------------------------------------


def entry(**values: Any) -> dict[str, Any]:
    return {"id": 1, "name": "roof", "colour": "#ff0000"} | values


def loaded(tmp_path: Path, content: Any) -> Vocabulary:
    path = tmp_path / "mine.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return load_vocabulary(path)


def test_a_persons_own_file_is_read(tmp_path):
    groups = [{"name": "made", "fr": "construit", "synonyms_en": ["man made"]}]
    vocabulary = loaded(tmp_path, {"classes": [entry(fr="toit", groups=["made"])], "groups": groups})
    assert vocabulary.resolve("toits") == vocabulary.resolve("man-made") == vocabulary.classes
    assert vocabulary.by_id[1] is vocabulary.by_name["roof"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "not JSON"),
        ([], "no classes"),
        ({"classes": []}, "no classes"),
        ({"classes": {"roof": 1}}, "no classes"),
        ({"classes": ["roof"]}, "not an object"),
        ({"classes": [entry(id=0)]}, "id 0"),
        ({"classes": [entry(id=255)]}, "id 255"),
        ({"classes": [entry(id=True)]}, "id True"),
        ({"classes": [entry(id="1")]}, "id '1'"),
        ({"classes": [entry(name=" ")]}, "'name'"),
        ({"classes": [entry(name="a>b")]}, "holds one of"),
        ({"classes": [entry(fr=3)]}, "'fr'"),
        ({"classes": [entry(colour="red")]}, "colour 'red'"),
        ({"classes": [entry(synonyms_en="tile")]}, "'synonyms_en'"),
        ({"classes": [entry(synonyms_fr=[1])]}, "'synonyms_fr'"),
        ({"classes": [entry(color="#ff0000")]}, "unknown key 'color'"),
        ({"classes": [entry(), entry(name="wall")]}, "id 1 is used twice"),
        ({"classes": [entry(), entry(id=2)]}, "name 'roof' is used twice"),
        ({"classes": [entry(groups=["made"])]}, "group 'made' that is not listed"),
        ({"classes": [entry()], "groups": {}}, '"groups" is not a list'),
        ({"classes": [entry()], "groups": [{}]}, "'name'"),
        ({"classes": [entry()], "groups": [{"name": "roof"}]}, "name 'roof' is used twice"),
        ({"classes": [entry()], "colours": []}, "unknown key 'colours'"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_by_name(tmp_path, content, what):
    with pytest.raises(UnusableInput) as refusal:
        loaded(tmp_path, content)
    assert what in refusal.value.what
    assert "mine.json" in refusal.value.where
    assert refusal.value.advice


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path):
    (tmp_path / "picture.json").write_bytes(b"\xff\xfe\x00\x80")
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "picture.json"):
        with pytest.raises(UnusableInput):
            load_vocabulary(path)
