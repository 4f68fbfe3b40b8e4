"""The catalogue holds every text of the plugin and every sentence of the engine, translated, and nothing else."""

from __future__ import annotations

import ast
import re

import pytest

from building.places import HELP, PLUGIN
from building.texts import (
    CLASS_CONTEXT,
    ENGINE_CONTEXT,
    PLUGIN_CONTEXT,
    engine_texts,
    plugin_texts,
    texts,
    vocabulary_classes,
)
from building.translation import ENGINE_SENTENCES, LANGUAGES, catalogue_file, read_catalogue, write_catalogue

PLACE = re.compile(r"\{\d[^{}]*\}")
TEXTS = texts()
COLLECTED = {(context, text) for context, found in TEXTS.items() for text in found}


@pytest.fixture(params=LANGUAGES)
def catalogue(request):
    return read_catalogue(catalogue_file(request.param))


def test_every_text_is_translated(catalogue):
    missing = sorted(text for context, text in COLLECTED if not catalogue.get((context, text)))
    assert not missing, "run `python3 build.py i18n` and translate these in i18n/*.ts, then run it again"


def test_nothing_is_translated_that_is_no_longer_said(catalogue):
    assert not sorted(set(catalogue) - COLLECTED), "run `python3 build.py i18n`"


def test_the_engines_sentences_are_those_that_the_plugin_looks_for():
    assert ENGINE_SENTENCES.read_text(encoding="utf-8").splitlines() == sorted(TEXTS[ENGINE_CONTEXT])


def test_classes_are_called_as_the_vocabulary_calls_them():
    catalogue = read_catalogue(catalogue_file("fr"))
    for each in vocabulary_classes():
        assert catalogue[CLASS_CONTEXT, each["name"]] == each["fr"], "run `python3 build.py i18n`"


def test_translations_have_the_places_of_their_texts(catalogue):
    wrong = [
        text for (_, text), told in catalogue.items() if sorted(PLACE.findall(text)) != sorted(PLACE.findall(told))
    ]
    assert not wrong


def test_translations_keep_line_breaks_keys_and_the_space_before_a_unit(catalogue):
    for (_, text), told in catalogue.items():
        assert text.count("\n") == told.count("\n"), text
        assert len(re.findall(r"&\w", text)) == len(re.findall(r"&\w", told)), text
        assert not text[0].isspace() or told[:1].isspace(), text


def test_french_has_its_own_spaces_and_quotation_marks():
    for (_, text), told in read_catalogue(catalogue_file("fr")).items():
        assert not re.search(r" [:;?!»%]|« ", told.replace(" % of", "")), told
        assert "“" not in told or "“" in text, told


def test_each_help_page_is_translated_with_its_links_and_pictures():
    """A page that gets another list or picture is missed until its translation has it too."""
    for language in LANGUAGES:
        assert {path.name for path in HELP.glob("*.md")} == {path.name for path in (HELP / language).glob("*.md")}
        for page in HELP.glob("*.md"):
            pages = [path.read_text(encoding="utf-8") for path in (page, HELP / language / page.name)]
            links, theirs = (sorted(re.findall(r"\]\((?:\.\./)*([^)]+)\)", text)) for text in pages)
            assert links == theirs, page.name
            marks = r"(?m)^(#+ |- |\d\. |\| |\*\*| {4})"
            assert re.findall(marks, pages[0]) == re.findall(marks, pages[1]), page.name


def test_a_text_added_to_the_plugin_is_missed(tmp_path):
    (tmp_path / "new.py").write_text(
        'def f():\n    tr("Never said before")\n    tr(\n        "In " "two parts"\n    )\n'
    )
    assert plugin_texts(tmp_path) == ["Never said before", "In two parts"]
    assert (PLUGIN_CONTEXT, "Never said before") not in COLLECTED


def test_a_sentence_of_the_engine_is_collected_in_each_way_it_can_read(tmp_path):
    (tmp_path / "new.py").write_text(
        "ADVICE = 'mend it'\n"
        "def f(path, count, size, about):\n"
        "    more = '' if count == 1 else f' of {count + 1}'\n"
        "    what, fine = {'a': ('no sky', 'sky'), 'b': ('no sea', 'sea')}[about]\n"
        "    raise UnusableInput(f'{what} in {size:.0%}{more}', str(path), ADVICE)\n"
    )
    assert sorted(engine_texts(tmp_path)) == [
        "mend it",
        "no sea in {0}",
        "no sea in {0} of {1}",
        "no sky in {0}",
        "no sky in {0} of {1}",
    ]


def test_what_a_format_loses_is_collected(tmp_path):
    (tmp_path / "new.py").write_text(
        "def _write_shapes(lost) -> list[str]:\n"
        "    return [f'Shapes lose {lost} of them'] if lost else ['they keep all']\n"
    )
    assert engine_texts(tmp_path) == ["Shapes lose {0} of them", "they keep all"]


def test_a_new_text_is_written_unfinished_and_what_was_translated_stays(tmp_path):
    file = tmp_path / "diachron_fr.ts"
    write_catalogue(file, "fr", {"Diachron": ["old", "new"]}, {("Diachron", "old"): "vieux", ("Diachron", "gone"): "x"})
    assert read_catalogue(file) == {("Diachron", "old"): "vieux", ("Diachron", "new"): ""}
    assert file.read_text(encoding="utf-8").count('type="unfinished"') == 1


def test_texts_are_literals_and_their_context_is_the_catalogues():
    """A text in a variable is in no catalogue; one that is, is marked where it stands."""
    for path in sorted(PLUGIN.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func).rpartition(".")[2]
            if name in ("tr", "_tr"):
                assert isinstance(call.args[0], ast.Constant), f"{path.name}:{call.lineno}: {ast.unparse(call)}"
            elif name == "translate" and isinstance(call.args[0], ast.Constant):
                assert call.args[0].value == PLUGIN_CONTEXT, f"{path.name}:{call.lineno}"
