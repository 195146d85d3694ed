"""Envelope against sums over the surfaces of single events, and a box worked out by hand."""

import numpy as np
import pytest

from shoeroot.treemakers import Envelope


def test_parts_are_sums_over_the_surfaces(made, records, good):
    data = made("Envelope")

    for row in good:
        event = records[row]
        walls = [s for s in event.surfaces if s.boundary == "outdoors" and s.type == "wall"]
        roofs = [s for s in event.surfaces if s.boundary == "outdoors" and s.type == "roof"]
        ground = [s for s in event.surfaces if s.boundary == "ground"]
        found = data.loc[row]
        assert found["area_wall"] == pytest.approx(event.facade_area - event.window_area)
        assert found["area_window"] == pytest.approx(event.window_area)
        assert found["ua_window"] == pytest.approx(event.window_area * event.design.window_u_value)
        assert found["ua_wall"] == pytest.approx(
            sum((s.area - s.window_area) * s.u_value for s in walls)
        )
        assert found["ua_roof"] == pytest.approx(sum(s.area * s.u_value for s in roofs))
        assert found["ua_ground"] == pytest.approx(sum(s.area * s.u_value for s in ground))
        adiabatic = sum(s.area for s in event.surfaces if s.boundary == "adiabatic")
        assert found["area_adiabatic"] == pytest.approx(adiabatic)


def test_every_surface_is_in_a_part_or_inside(made, records, good):
    data = made("Envelope")

    for row in good:
        between = sum(s.area for s in records[row].surfaces if s.boundary == "zone")
        everything = sum(s.area for s in records[row].surfaces)
        assert data["envelope_area"][row] + data["area_adiabatic"][row] + between == pytest.approx(
            everything
        )


def test_a_box_worked_out_by_hand(handmade):
    wall = handmade.surface(
        type="wall", boundary="outdoors", area=10.0, window_area=4.0, u_value=0.5
    )
    roof = handmade.surface(type="roof", boundary="outdoors", area=20.0, u_value=0.2)
    floor = handmade.surface(type="floor", boundary="ground", area=20.0, u_value=0.25)
    event = handmade.simulation(
        design=handmade.design(window_u_value=2.0),
        surfaces=[wall, roof, floor],
        zones=[handmade.zone(infiltration=0.5, volume=60.0)],
        floor_area=20.0,
        volume=60.0,
    )

    columns = handmade.extract(Envelope(), event)

    found = {name: values[0] for name, values in columns.items()}
    assert found["ua_wall"] == pytest.approx(3.0)
    assert found["ua_window"] == pytest.approx(8.0)
    assert found["ua_total"] == pytest.approx(3.0 + 8.0 + 4.0 + 5.0)
    assert found["ua_infiltration"] == pytest.approx(0.335 * 0.5 * 60.0)
    assert found["u_mean"] == pytest.approx(20.0 / 50.0)
    assert found["loss_per_floor_area"] == pytest.approx((20.0 + 10.05) / 20.0)
    assert found["envelope_to_volume"] == pytest.approx(50.0 / 60.0)


def test_failed_simulations_have_nan(made, failed):
    columns = list(Envelope.columns)

    assert np.isnan(made("Envelope").loc[failed, columns].to_numpy()).all()
