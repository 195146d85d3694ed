"""Write a small campaign with simple numbers, on which the examples for C++ are run."""

# The fields of a record are many: those that the examples do not use are 0 or empty.

import dataclasses
import sys

import numpy as np

from shoeroot.events import EventWriter
from shoeroot.records import Design, Message, Simulation, Zone, ZoneHourly


def empty(record_class: type, **given: object) -> object:
    """Make a record in which all that is not given is 0 or empty."""
    values = dict(given)
    for field in dataclasses.fields(record_class):
        declared = field.metadata["shoeroot"]
        if field.name in values:
            continue
        if declared["length"]:
            values[field.name] = np.zeros(declared["length"], dtype=declared["dtype"])
        else:
            values[field.name] = {"int": 0, "float": 0.0, "str": ""}.get(field.type, [])
    return record_class(**values)


def zone(number: int, event: int) -> object:
    """Make a zone that is heated most at the start of the year and not at all in its middle."""
    hours = np.arange(8760)
    cold = np.maximum(np.cos(2 * np.pi * hours / 8760), 0).astype("f4")
    heating = (1 + number + event) * cold
    months = np.array([part.sum(dtype="f8") for part in np.split(heating, 12)], dtype="f4")
    return empty(
        Zone,
        name=f"Zone {number}",
        floor_area=20.0 + number,
        heating=float(heating.sum(dtype="f8")),
        heating_peak=float(heating.max()),
        monthly_heating=months,
        hourly=empty(ZoneHourly, heating=heating, temperature=np.full(8760, 20, dtype="f4")),
    )


def simulation(event: int) -> object:
    """Make one event; the last has failed and has no zones."""
    failed = event == 3
    texts = ["Wärmebrücke ignored", ""][: event % 3]
    return empty(
        Simulation,
        event_id=100 + event,
        status="fatal" if failed else "ok",
        design=empty(Design, width=8.0, schedules=np.arange(57.0)),
        zones=[] if failed else [zone(number, event) for number in range(2)],
        messages=[Message("warning", text, event) for text in texts],
    )


if __name__ == "__main__":
    with EventWriter(sys.argv[1], Simulation, batch=2) as writer:
        writer.write([simulation(event) for event in range(4)])
