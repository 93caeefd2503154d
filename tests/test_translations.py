"""Every text that a person can read is marked, translated whole, and said with the same placeholders."""

from __future__ import annotations

import ast
import importlib.util
import re
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import polib
import pytest


def _load(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


ROOT = Path(__file__).resolve().parents[1]
strings = _load(ROOT / "packaging" / "extract_strings.py")

SHOWING = set(
    "setText setToolTip setStatusTip setWhatsThis setWindowTitle setTitle setAccessibleName setAccessibleDescription "
    "setPlaceholderText setInformativeText setDetailedText setLabelText setPlainText setTabText setHeaderLabels "
    "addAction addMenu addButton addItem addItems addTab addRow showText showMessage drawText "
    "QLabel QPushButton QToolButton QAction QMenu QGroupBox QCheckBox QRadioButton "
    "note fail ArgumentTypeError".split()
)
SHOWN_ARGUMENTS = {"help", "description", "detail", "reason", "why", "limit"}
SHOWN_FIELDS = {"template", "advice"}
NEVER_TRANSLATED = {
    " MB",
    ": shape",
    "cosine ",
    "genai_config.json: type ",
}  # units, and what stands in a model's files
HAS_WORD = re.compile(r"[^\W\d_]{2,}")


def catalogues() -> list[Path]:
    return sorted((ROOT / "resources" / "i18n").glob("*.po"))


def translated(file: Path) -> list[polib.POEntry]:
    return polib.pofile(str(file)).translated_entries()


@pytest.mark.parametrize("file", catalogues(), ids=lambda file: file.stem)
class TestCatalogue:
    def test_holds_exactly_the_texts_of_the_code(self, file: Path) -> None:
        found = set(strings.marked())
        held = {entry.msgid for entry in polib.pofile(str(file))}
        assert sorted(found - held) == [], "run: uv run python packaging/extract_strings.py, then translate"
        assert sorted(held - found) == [], "run: uv run python packaging/extract_strings.py"

    def test_says_every_text(self, file: Path) -> None:
        unsaid = [entry.msgid for entry in polib.pofile(str(file)) if not entry.translated()]
        assert unsaid == [], "translate them in the catalogue, and remove “fuzzy” where it stands"

    def test_keeps_placeholders_line_breaks_and_ends(self, file: Path) -> None:
        for entry in translated(file):
            assert _fields(entry.msgstr) == _fields(entry.msgid), entry.msgid
            assert entry.msgstr.count("\n") == entry.msgid.count("\n"), entry.msgid
            assert ("…" in entry.msgstr[-1:]) == ("…" in entry.msgid[-1:]), entry.msgid

    def test_keeps_menu_keys(self, file: Path) -> None:
        for entry in translated(file):
            assert _menu_key(entry.msgstr) == _menu_key(entry.msgid), entry.msgid


def test_there_is_a_chinese_catalogue_in_chinese() -> None:
    (chinese,) = (file for file in catalogues() if file.stem == "zh_CN")
    for entry in translated(chinese):
        if re.search(r"[A-Za-z]{3}", re.sub(r"{\w*}", "", entry.msgid)):
            assert re.search(r"[一-鿿]", entry.msgstr), entry.msgid
        assert not re.search(r"[一-鿿] ?[,;:?!]( |$)", entry.msgstr), f"half-width punctuation: {entry.msgstr}"


def test_no_text_is_shown_without_its_mark() -> None:
    unmarked = [
        f"{file.relative_to(ROOT)}:{line}: {text!r}"
        for file in sorted(strings.PACKAGE.rglob("*.py"))
        if file.parent.name != "plugin_tests"  # authors of plugins read it, as they read pytest
        for line, text in shown(ast.parse(file.read_text(encoding="utf-8")))
        if HAS_WORD.search(text) and text not in NEVER_TRANSLATED
    ]
    assert unmarked == []


def test_what_shows_a_text_is_recognised() -> None:
    code = (
        'a.setText("One word")\n'
        "a.setToolTip(f'{n} two')\n"
        'QLabel("three" if b else _("Four"))\n'
        'a.addAction(icon("search"), "five".format(n=1))\n'
        'class E(Exception):\n    template = "six"\n'
        'raise E(name="x", detail="seven" + f(words="no"))\n'
        'a.setText(_("marked"))\na.setObjectName("not shown")\n'
    )
    assert {text for _line, text in shown(ast.parse(code))} == set("One word| two|three|five|six|seven".split("|"))
    assert list(strings.texts(ast.parse('_("a"); N_("b" if c else "d"); _(e); f(_("g"))'))) == ["a", "b", "d", "g"]
    with pytest.raises(ValueError, match="f-string"):
        list(strings.texts(ast.parse('_(f"{a} b")')))


def test_an_update_keeps_translations_and_drops_what_is_gone() -> None:
    before = polib.POFile()
    before.header = "Words"
    before.append(polib.POEntry(msgid="kept {n}", msgstr="留下 {n}"))
    before.append(polib.POEntry(msgid="gone", msgstr="走了"))
    before.append(polib.POEntry(msgid="Free some room.", msgstr="请清理空间。"))
    found = {"new": ["a.py"], "kept {n}": ["b.py", "c.py"], "Free some room first.": ["a.py"]}
    after = strings.updated(strings.updated(before, found), found)
    assert [(entry.msgid, entry.msgstr, entry.fuzzy) for entry in after] == [
        ("new", "", False),
        ("kept {n}", "留下 {n}", False),
        ("Free some room first.", "请清理空间。", True),  # until somebody has read it
    ]
    assert after.header == "Words"
    assert after[1].occurrences == [("b.py", ""), ("c.py", "")]


def shown(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of the literals in ``tree`` that end on a screen without being marked."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            values = list(node.args) if name in SHOWING else []
            values += [each.value for each in node.keywords if each.arg in SHOWN_ARGUMENTS]
        elif isinstance(node, ast.ClassDef):
            fields = [each for each in node.body if isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value]
            values = [each.value for each in fields if set(_targets(each)) & SHOWN_FIELDS]
        else:
            continue
        for value in values:
            yield from ((value.lineno, text) for text in _unmarked(value))


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _unmarked(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            for part in parts:
                yield from _unmarked(part)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from _unmarked(one)
            yield from _unmarked(other)
        case ast.Call(func=ast.Attribute(value=text, attr="format")):
            yield from _unmarked(text)
        case _:
            return


def _fields(text: str) -> list[tuple[str, str, str]]:
    return sorted((name, form or "", how or "") for _, name, form, how in string.Formatter().parse(text) if name)


def _menu_key(text: str) -> str:
    found = re.search(r"&(\w)", text)
    return found[1].upper() if found else ""


@pytest.mark.parametrize(
    ("english", "chinese"),
    [("pipeline", "流水线"), ("keyring", "钥匙串"), ("prompt", "提示词"), ("workspace", "工作区"), ("tokens", "词元")],
)
def test_a_word_is_always_the_same_in_chinese(english: str, chinese: str) -> None:
    (catalogue,) = (file for file in catalogues() if file.stem == "zh_CN")
    said = [e for e in translated(catalogue) if re.search(rf"(?<!-){english}s?\b(?!:)", e.msgid, re.IGNORECASE)]
    assert len(said) > 2
    assert [e.msgid for e in said if chinese not in e.msgstr] == []


def test_chinese_has_no_space_around_its_quotation_marks_and_says_no_stiff_you() -> None:
    (catalogue,) = (file for file in catalogues() if file.stem == "zh_CN")
    assert [
        e.msgstr for e in translated(catalogue) if re.search(r"[一-鿿，。] “|” [一-鿿]|^“[^”]*” |您", e.msgstr)
    ] == []
