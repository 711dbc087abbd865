# SPDX-License-Identifier: Apache-2.0
"""The verifier as one file: the same bytes every time, every name once."""

import ast
import hashlib
import runpy
import sys
from pathlib import Path

import pytest

from consent import verify
from consent.verify import single

FOLDER = Path(verify.__file__).parent


def test_the_same_modules_give_the_same_bytes_and_print_their_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "far" / "dist" / "verify.py"
    assert single.write([str(out)]) == 0
    raw = out.read_bytes()
    assert capsys.readouterr().out.startswith(hashlib.sha256(raw).hexdigest())
    assert raw.decode() == single.single(FOLDER)


def test_whoever_asks_is_told_what_it_writes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        single.write(["--help"])
    said = capsys.readouterr().out
    assert left.value.code == 0
    assert "Write the verifier as one file." in said
    assert said.split("\n")[0].endswith(" OUT")


def test_it_says_how_to_run_it_and_lists_the_rules_first() -> None:
    text = single.single(FOLDER)
    assert "python -I" in text[:500]
    assert ast.get_docstring(ast.parse(text)) == ast.get_docstring(
        ast.parse((FOLDER / "__init__.py").read_text())
    )


def test_every_module_of_the_package_imports_the_standard_library_or_its_own_package() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                named = node.module or ""
                standard = named.split(".")[0] in sys.stdlib_module_names
                assert standard or named.startswith(("consent.verify", "cryptography.")), (
                    path,
                    named,
                )


def test_a_name_used_twice_or_a_ring_of_imports_is_refused(tmp_path: Path) -> None:
    head = '"""A part."""\n\n'
    (tmp_path / "__init__.py").write_text('"""Rules."""\n')
    (tmp_path / "a.py").write_text(f"{head}from consent.verify.b import two\n\none = 1\n")
    (tmp_path / "b.py").write_text(f"{head}two = 2\n")
    text = single.single(tmp_path)
    assert text.index("two = 2") < text.index("one = 1")
    (tmp_path / "b.py").write_text(f"{head}two = one = 2\n")
    with pytest.raises(ValueError, match="one is defined in a and in b"):
        single.single(tmp_path)
    (tmp_path / "b.py").write_text(f"{head}from consent.verify.a import one\n\ntwo = 2\n")
    with pytest.raises(ValueError, match="import each other"):
        single.single(tmp_path)


def test_it_is_written_by_a_program_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "verify.py"
    monkeypatch.setattr(sys, "argv", ["single", str(out)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(single.__file__, run_name="__main__")
    assert ended.value.code == 0
    assert str(out) in capsys.readouterr().out
    assert out.read_text() == single.single(FOLDER)


def test_what_is_said_before_a_modules_first_name_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text('"""Rules."""\n')
    words = '"""A part."""\n\nimport os\n\n# why it is one\none = os.name\n'
    (tmp_path / "a.py").write_text(words)
    assert "# why it is one\none = os.name\n" in single.single(tmp_path)
