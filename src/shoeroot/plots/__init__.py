"""Figures, displays of events, and reports."""

from shoeroot.plots.columns import plot_columns
from shoeroot.plots.cutflow import plot_cut_flow
from shoeroot.plots.event_display import plot_event
from shoeroot.plots.overview import plot_dataset, plot_overview, save_figure
from shoeroot.plots.report import Report, make_report

__all__ = [
    "Report",
    "make_report",
    "plot_columns",
    "plot_cut_flow",
    "plot_dataset",
    "plot_event",
    "plot_overview",
    "save_figure",
]
