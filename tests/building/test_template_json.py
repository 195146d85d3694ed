"""Templates as JSON: read back exactly, named by their content, written once."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import shoeroot
from shoeroot.building import (
    build_model,
    read_weather,
    template_from_json,
    template_hash,
    templates_to_json,
)
from shoeroot.campaign import sample_designs
from shoeroot.errors import TemplateError


def test_a_template_that_was_read_back_gives_the_same_model(library, engine):
    weather = read_weather(min(engine.weather_folder.glob("*.epw")))
    design = sample_designs(1, library=library, weather=[weather], seed=2)[0]
    for template in library.templates[::40]:
        again = template_from_json(templates_to_json([template]), template_hash(template))
        models = [build_model(shoeroot.Schema(), design, one, weather) for one in (template, again)]
        assert models[0].hash == models[1].hash
        assert template_hash(again) == template_hash(template)


def test_templates_of_other_libraries_are_read_back(other_library):
    text = templates_to_json(other_library.templates)
    for template in other_library.templates:
        again = template_from_json(text, template_hash(template))
        assert again.name == template.name
        assert template_hash(again) == template_hash(template)
        assert np.array_equal(
            again.core.loads.lighting_schedule.values,
            template.core.loads.lighting_schedule.values,
        )


def test_every_bit_of_a_schedule_is_kept(library):
    template = library.templates[0]
    values = np.full(8760, 0.1 + 0.2)
    values[30] = -0.0
    values.setflags(write=False)
    schedule = replace(template.core.loads.lighting_schedule, values=values)
    changed = replace(
        template,
        core=replace(template.core, loads=replace(template.core.loads, lighting_schedule=schedule)),
    )
    again = template_from_json(templates_to_json([changed]), template_hash(changed))
    assert again.core.loads.lighting_schedule.values.tobytes() == values.tobytes()
    assert template_hash(changed) != template_hash(template)


def test_what_templates_share_is_written_once(library):
    alone = [len(templates_to_json([template])) for template in library.templates[:20]]
    assert len(templates_to_json(library.templates[:20])) < 0.6 * sum(alone)
    assert templates_to_json(library.templates[:2]) == templates_to_json(library.templates[1::-1])


def test_a_template_that_is_not_there_or_was_changed_is_an_error(library):
    template = library.templates[0]
    digest, text = template_hash(template), templates_to_json([template])
    with pytest.raises(TemplateError, match="not stored"):
        template_from_json(text, "0" * 64)
    parts = json.loads(text)
    parts[digest]["name"] = "another"
    with pytest.raises(TemplateError, match="was changed"):
        template_from_json(json.dumps(parts), digest)
    with pytest.raises(TemplateError, match="cannot be read"):
        template_from_json(text[:-5], digest)
