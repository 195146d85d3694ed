"""What encloses the zones of a template: materials, constructions and windows."""

from __future__ import annotations

from typing import Any

from template_book import NO_ASSEMBLY, NO_COST, NO_TRANSPORT, Book
from template_figures import (
    ceiling_resistance,
    equivalent_layer,
    equivalent_optics,
    wall_resistance,
    window_figures,
)


def add_material(book: Book, figures: dict[str, Any], name: str, on_roof: bool) -> dict[str, str]:
    """Add a material; roofs have a darker one of the same name."""
    figure = figures["materials"][name]
    finish = figures["absorptance"]
    solar = finish["solar_roof" if on_roof else "solar_facade"]
    title = name.replace("_", " ") + (" on roof" if on_roof else "")
    return book.add(
        "OpaqueMaterials",
        title,
        "Opaque",
        MoistureDiffusionResistance=50,
        Roughness=figure["roughness"],
        SolarAbsorptance=solar,
        SpecificHeat=figure["specific_heat"],
        ThermalEmittance=finish["thermal"],
        VisibleAbsorptance=solar,
        Conductivity=figure["conductivity"],
        Density=figure["density"],
        **NO_COST,
        **NO_TRANSPORT,
    )


def add_construction(
    book: Book,
    figures: dict[str, Any],
    title: str,
    layers: list[list[Any]],
    resistance: float = 0.0,
    on_roof: bool = False,
    comment: str = "",
) -> dict[str, str]:
    """Add a construction; its insulation gets the thickness for `resistance` [m2 K/W]."""
    written = []
    for position, (name, thickness) in enumerate(layers):
        if not thickness:
            thickness = resistance * figures["materials"][name]["conductivity"]
        material = add_material(book, figures, name, on_roof and position == 0)
        # UMI libraries keep thicknesses to the millimetre.
        written.append({"Material": material, "Thickness": round(thickness, 3)})
    return book.add("OpaqueConstructions", title, "Opaque", comment, Layers=written, **NO_ASSEMBLY)


def add_constructions(
    book: Book, figures: dict[str, Any], program: int, vintage: int, zone: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Add the constructions of a zone; return the set and the internal mass."""
    short = figures["programs"]["short"][program]
    region = figures["zones"]["insulation_region"]["of"][zone]
    years = figures["vintages"]["names"][vintage]
    joists = figures["joist_space"]["resistance"]
    facade, roof = figures["facades"]["of"][short][vintage], figures["roofs"]["of"][short][vintage]
    floor = figures["floors"]["of"][short]
    label = f"{region} {years}"
    partition = add_construction(
        book,
        figures,
        "partition",
        figures["partitions"]["layers"],
        figures["air_space"]["wall"],
    )
    parts = {
        "Facade": add_construction(
            book,
            figures,
            f"facade {facade.replace('_', ' ')} {label}",
            figures["facades"][facade],
            wall_resistance(figures, region, vintage),
        ),
        "Ground": add_construction(book, figures, "ground slab", figures["floors"]["ground"]),
        "Partition": partition,
        "Roof": add_construction(
            book,
            figures,
            f"roof {roof} {label}",
            figures["roofs"][roof],
            ceiling_resistance(figures, region, vintage),
            on_roof=True,
        ),
        "Slab": add_construction(book, figures, f"floor {floor}", figures["floors"][floor], joists),
    }
    adiabatic = {f"Is{part}Adiabatic": False for part in parts}
    name = f"{facade.replace('_', ' ')}, {roof} roof, {floor} floor, {label}"
    return book.add("ZoneConstructionSets", name, "Residential", **parts, **adiabatic), partition


# ------------------------------------------------------------------------------- windows


def add_window(
    book: Book, figures: dict[str, Any], program: int, vintage: int, zone: int, always: Any
) -> dict[str, str]:
    """Add the window of a template as a single equivalent layer."""
    group = figures["zones"]["window_group"]["of"][zone]
    kind = "single family" if program < 2 else "multi family"
    name = f"window {kind} zones {group} {figures['vintages']['names'][vintage]}"
    return add_glazing(book, name, window_figures(figures, program, vintage, zone), always)


def add_glazing(
    book: Book,
    name: str,
    glazing: tuple[float, float, float],
    always: Any,
    category: str = "Residential",
    comment: str = "",
) -> dict[str, str]:
    """Add a window of U-value [W/(m2 K)], solar gain and visible transmittance."""
    if known := book.known("WindowSettings", name):
        return known
    u_value, shgc, visible = glazing
    thickness, conductivity = equivalent_layer(u_value)
    transmitted, reflected = equivalent_optics(shgc, thickness / conductivity)
    glass = book.add(
        "GlazingMaterials",
        f"glass of {name}",
        "Uncategorized",
        DirtFactor=1.0,
        IREmissivityBack=0.84,
        IREmissivityFront=0.84,
        IRTransmittance=0.0,
        SolarReflectanceBack=reflected,
        SolarReflectanceFront=reflected,
        SolarTransmittance=transmitted,
        VisibleReflectanceBack=0.08,
        VisibleReflectanceFront=0.08,
        VisibleTransmittance=round(visible, 2),
        Conductivity=conductivity,
        Density=2500,
        **NO_COST,
        **NO_TRANSPORT,
    )
    layers = [{"Material": glass, "Thickness": thickness}]
    construction = book.add("WindowConstructions", name, "Single", Layers=layers, **NO_ASSEMBLY)
    return book.add(
        "WindowSettings",
        name,
        category,
        comment,
        AfnDischargeC=0.65,
        AfnTempSetpoint=20,
        AfnWindowAvailability=always,
        Construction=construction,
        IsShadingSystemOn=False,
        IsVirtualPartition=False,
        IsZoneMixingOn=False,
        OperableArea=0.8,
        ShadingSystemAvailabilitySchedule=always,
        ShadingSystemSetpoint=180,
        ShadingSystemTransmittance=0.5,
        ShadingSystemType=0,
        Type=0,
        ZoneMixingAvailabilitySchedule=always,
        ZoneMixingDeltaTemperature=2,
        ZoneMixingFlowRate=0.001,
    )
