"""Templates that were read before are read back as they were, and made anew when damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shoeroot.building import read_library, template_hash, templates_to_json
from shoeroot.building import template_cache as cache_module
from shoeroot.building.template_cache import CACHE_VARIABLE, cached_templates, keep_templates


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "kept"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def kept(cache, library) -> Path:
    """The file of a library of twelve templates."""
    keep_templates("aa", library.templates[:12])
    (path,) = cache.iterdir()
    return path


def read_in_another_process(path: Path, folder: Path) -> dict:
    program = (
        "import json, sys\n"
        "from shoeroot.building import read_library, template_hash\n"
        f"library = read_library({str(path)!r})\n"
        "hashes = [template_hash(one) for one in library.templates]\n"
        "imported = 'archetypal' in sys.modules\n"
        "print(json.dumps({'hashes': hashes, 'imported': imported, 'sha256': library.sha256}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, CACHE_VARIABLE: str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_second_time_archetypal_is_not_imported(other_library_path, tmp_path):
    first, second = (
        read_in_another_process(other_library_path, tmp_path / "kept") for _ in range(2)
    )

    assert first["imported"]
    assert not second["imported"]
    assert second["hashes"] == first["hashes"]
    assert second["sha256"] == first["sha256"]


def test_templates_come_back_bit_by_bit_with_what_they_share(cache, library):
    keep_templates("aa", library.templates)

    found = cached_templates("aa")

    assert templates_to_json(found) == templates_to_json(library.templates)
    assert [template_hash(one) for one in found] == [
        template_hash(one) for one in library.templates
    ]
    schedules = {id(one.perimeter.loads.occupancy_schedule) for one in found}
    assert len(schedules) < len(found) / 4
    assert not found[0].perimeter.loads.occupancy_schedule.values.flags.writeable


def test_another_library_is_not_found(kept):
    assert cached_templates("aa") is not None
    assert cached_templates("ab") is None


def test_other_code_reads_the_library_again(kept, monkeypatch):
    monkeypatch.setattr(cache_module, "_code", lambda: "another version")

    assert cached_templates("aa") is None


def cut_short(text: str) -> str:
    return text[: len(text) // 2]


def with_another_number(text: str) -> str:
    stored = json.loads(text)
    part = next(one for one in stored["parts"].values() if one["is"] == "Material")
    part["conductivity"] *= 2
    return json.dumps(stored)


def with_a_template_less(text: str) -> str:
    stored = json.loads(text)
    stored["templates"].pop()
    return json.dumps(stored)


def without_parts(text: str) -> str:
    return json.dumps({**json.loads(text), "parts": {}})


def as_a_list(text: str) -> str:
    return json.dumps([text])


@pytest.mark.parametrize(
    "damage", [cut_short, with_another_number, with_a_template_less, without_parts, as_a_list]
)
def test_a_damaged_file_is_not_taken_and_made_anew(kept, library, damage):
    kept.write_text(damage(kept.read_text()))

    assert cached_templates("aa") is None
    keep_templates("aa", library.templates[:12])
    assert len(cached_templates("aa")) == 12


def test_a_damaged_file_is_mended_when_the_library_is_read(cache, other_library_path):
    before = read_library(other_library_path)
    (path,) = cache.iterdir()
    path.write_bytes(b"\xff\x00")

    after = read_library(other_library_path)

    assert templates_to_json(after.templates) == templates_to_json(before.templates)
    assert json.loads(path.read_text())["templates"]


def test_off_keeps_nothing(monkeypatch, library, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, "off")
    monkeypatch.chdir(tmp_path)

    keep_templates("aa", library.templates[:2])

    assert cached_templates("aa") is None
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_no_error(monkeypatch, library, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "kept"))

    keep_templates("aa", library.templates[:2])

    assert cached_templates("aa") is None


def test_the_user_s_cache_folder_is_taken_by_default(monkeypatch, library, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, "")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    keep_templates("aa", library.templates[:2])

    assert len(list((tmp_path / "shoeroot" / "templates").glob("*.json"))) == 1


def test_only_the_last_libraries_are_kept(cache, library, monkeypatch):
    monkeypatch.setattr(cache_module, "KEPT", 3)
    for number in range(5):
        keep_templates(f"{number}", library.templates[:1])
        for path in cache.iterdir():
            # As if each had been written some time before the next.
            state = path.stat()
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns - 10**9))

    assert [number for number in range(5) if cached_templates(f"{number}")] == [2, 3, 4]
    assert not list(cache.glob("*.part"))
