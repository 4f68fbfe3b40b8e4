"""The rules of the house: who may import whom, what the plugin may hold, what the repository may not."""

from __future__ import annotations

import ast
import configparser
import posixpath
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from building import packaging
from building.places import ENGINE, METADATA, PLUGIN, PYPROJECT, RESOURCES, ROOT, TRANSLATIONS

REQUIRED_METADATA = (
    "name qgisMinimumVersion qgisMaximumVersion description about version author email homepage tracker repository "
    "license tags category icon hasProcessingProvider experimental deprecated changelog"
).split()
PLUGIN_MAY_NOT_IMPORT = {"torch", "numpy", "transformers", "rasterio", "shapely", "pyproj", "osgeo", "diachron"}
QT_BINDINGS = {"PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}
QT_CLASS = re.compile(r"^(Qt|Q[A-Z]\w+|Qgs[A-Z]\w+|Qgis)$")
PICTURES = {".tif", ".tiff", ".vrt", ".jp2", ".gpkg", ".shp"}
SECRETIVE = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin", ".onnx", ".so", ".dll", ".dylib", ".exe", ".pem"}
MOST_WEIGHTS_BYTES = 30 * 1024 * 1024


def python_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported_roots(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def imported_modules(path: Path, package_root: Path) -> Iterator[str]:
    """Yield the dotted names a file imports, relative imports resolved against the folder above its package."""
    here = path.relative_to(package_root).with_suffix("").parts
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git work tree, so there is no list of tracked files")
    return [Path(name) for name in listed.stdout.split("\0") if name]


def metadata() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(METADATA, encoding="utf-8")
    return parser["general"]


# Who may import whom


@pytest.mark.parametrize("path", python_files(ENGINE), ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_engine_never_imports_qgis_or_qt(path):
    assert not set(imported_roots(parsed(path))) & ({"qgis", "diachron_qgis"} | QT_BINDINGS)


@pytest.mark.parametrize("path", python_files(PLUGIN), ids=lambda path: path.relative_to(PLUGIN).as_posix())
def test_the_plugin_imports_qgis_qt_through_qgis_and_the_standard_library_alone(path):
    roots = set(imported_roots(parsed(path)))
    assert not roots & PLUGIN_MAY_NOT_IMPORT
    assert not roots & QT_BINDINGS, "Qt comes through qgis.PyQt, so that Qt 5 and Qt 6 both work"
    strangers = roots - set(sys.stdlib_module_names) - {"qgis", "diachron_qgis", "processing"}
    assert not strangers


@pytest.mark.parametrize("part", ["logic", "link"])
def test_the_plugins_inner_parts_know_nothing_of_widgets(part):
    for path in python_files(PLUGIN / part):
        names = set(imported_modules(path, PLUGIN.parent))
        wrong = {name for name in names if name.startswith(("diachron_qgis.gui", "qgis.PyQt.QtWidgets", "qgis.gui"))}
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


def test_the_engines_errors_and_facts_load_without_torch():
    code = "import sys, diachron.errors, diachron.results.facts, diachron.model.look; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_build_py_needs_the_standard_library_alone():
    for path in [ROOT / "build.py", *python_files(ROOT / "building")]:
        assert set(imported_roots(parsed(path))) <= set(sys.stdlib_module_names) | {"building"}, path.name


# Qt 5 and Qt 6, Python 3.9 and newer


def scoped_enum_faults(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield attributes such as ``Qt.AlignLeft``, which Qt 6 knows only as ``Qt.AlignmentFlag.AlignLeft``.

    An enum member is told from a method or a signal by its capital first letter; a member reached through its enum
    has the enum's capitalised name between, so a capitalised attribute directly on a class is at fault unless it is
    itself followed by another attribute.
    """
    inside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    annotations = {id(part) for node in ast.walk(tree) for part in annotation_parts(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or id(node) in inside | annotations:
            continue
        owner = node.value
        is_member = node.attr[0].isupper() and not node.attr.isupper()
        if isinstance(owner, ast.Name) and QT_CLASS.match(owner.id) and is_member:
            yield node.lineno, f"{owner.id}.{node.attr}"


def annotation_parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the pieces of a type annotation, and of a call's function: there a capital names a class."""
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
        yield from ast.walk(node.annotation)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
        yield from ast.walk(node.returns)
    elif isinstance(node, ast.Call):
        yield node.func


@pytest.mark.parametrize("path", python_files(PLUGIN), ids=lambda path: path.relative_to(PLUGIN).as_posix())
def test_the_plugin_is_ready_for_qt_6(path):
    tree = parsed(path)
    assert not list(scoped_enum_faults(tree)), "write the enum's name too: Qt.AlignmentFlag.AlignLeft"
    calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not calls & {"exec_", "print_"}, "exec_() is gone in Qt 6: write exec()"


@pytest.mark.parametrize("fault", ["Qt.AlignLeft", "QFrame.StyledPanel", "QgsMapLayer.RasterLayer", "Qt.Key_Return"])
def test_the_qt_6_check_finds_unscoped_enums(fault):
    assert [name for _, name in scoped_enum_faults(ast.parse(f"widget.do({fault})"))] == [fault]


@pytest.mark.parametrize("fine", ["Qt.AlignmentFlag.AlignLeft", "QTimer.singleShot", "Qgis.QGIS_VERSION_INT"])
def test_the_qt_6_check_lets_scoped_enums_and_methods_pass(fine):
    assert not list(scoped_enum_faults(ast.parse(f"widget.do({fine})")))


@pytest.mark.parametrize("path", python_files(PLUGIN), ids=lambda path: path.relative_to(PLUGIN).as_posix())
def test_the_plugin_parses_as_python_3_9(path):
    ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))


# What is told to QGIS, and what is packed


def test_every_metadata_field_is_filled():
    fields = metadata()
    assert not [name for name in REQUIRED_METADATA if not fields.get(name, "").strip()]
    assert fields["qgisMinimumVersion"] == "3.22"
    assert fields["qgisMaximumVersion"] == "4.99"
    assert re.fullmatch(r"\d+\.\d+\.\d+", fields["version"])
    assert re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", fields["email"])
    for name in ("homepage", "tracker", "repository"):
        assert fields[name].startswith("https://")


def test_the_icon_that_metadata_names_is_packed():
    assert metadata()["icon"] in dict(packaging.plugin_files())


def test_the_version_is_written_once():
    with PYPROJECT.open("rb") as stream:
        project = tomllib.load(stream)
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == METADATA.name
    assert f"## {metadata()['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_zip_is_small_pure_and_under_one_folder(tmp_path):
    archive = packaging.write_plugin_zip(tmp_path)
    assert archive.stat().st_size < 2 * 1024 * 1024
    with zipfile.ZipFile(archive) as stream:
        names = stream.namelist()
    assert {name.partition("/")[0] for name in names} == {"diachron_qgis"}
    assert {"diachron_qgis/__init__.py", "diachron_qgis/metadata.txt", "diachron_qgis/LICENSE"} <= set(names)
    assert not [name for name in names if Path(name).suffix not in packaging.ALLOWED_SUFFIXES]
    assert not [name for name in names if "__pycache__" in name or "/diachron/" in name]


def test_the_help_is_packed_whole_and_names_no_place_of_the_repository():
    packed = dict(packaging.plugin_files())
    pages = [name for name in packed if name.startswith("help/")]
    assert "help/index.md" in pages and len(pages) >= 7
    for name in pages:
        text = packed[name].read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)]+)\)", text):
            assert posixpath.normpath(f"{posixpath.dirname(name)}/{target}") in packed, f"{name} leads to {target}"
        assert not re.search(r"(?<!\w)/(home|work|tmp|opt)/|https?://", text)


def test_the_plugin_has_the_entry_point_that_qgis_calls():
    functions = {node.name for node in parsed(PLUGIN / "__init__.py").body if isinstance(node, ast.FunctionDef)}
    assert "classFactory" in functions


# What the repository may not hold


def test_no_banned_files_are_tracked():
    faults = []
    for path in tracked_files():
        if path.suffix.lower() in PICTURES | SECRETIVE or path.name.startswith(".env"):
            faults.append(path.as_posix())
    assert not faults, "pictures of real places, pickles, binaries and secrets are not kept in the repository"


def test_tracked_pictures_are_in_their_places():
    pictures = [path for path in tracked_files() if path.suffix.lower() in {".png", ".jpg", ".jpeg", ".gif"}]
    assert all(path.parts[0] in {"docs", "resources"} for path in pictures)


def test_weights_are_safetensors_and_small():
    weights = RESOURCES / "weights" / "mini"
    if not weights.is_dir():
        pytest.skip("no weights in resources/weights/mini yet")
    files = [path for path in weights.rglob("*") if path.is_file()]
    assert any(path.suffix == ".safetensors" for path in files)
    assert sum(path.stat().st_size for path in files) < MOST_WEIGHTS_BYTES


def test_translations_are_well_formed():
    from xml.etree import ElementTree

    for catalogue in TRANSLATIONS.glob("*.ts"):
        assert ElementTree.parse(catalogue).getroot().tag == "TS"
