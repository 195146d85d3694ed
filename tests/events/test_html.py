"""In a notebook, events and the records in them show their fields."""

from shoeroot.events import open_events


def test_events_and_records_in_them_are_tables(campaign):
    with open_events(campaign) as events:
        page = events._repr_html_()
        assert f"{len(events)} events of Simulation" in page
        assert "<td" in page
        inside = events.zones.hourly._repr_html_()
        assert f"zones.hourly of {len(events)} events" in inside
        assert inside.count("<tr>") == 5
        assert events._loaded.names == ()
