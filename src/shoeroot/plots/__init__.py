"""Figures."""

from shoeroot.plots.cutflow import plot_cut_flow
from shoeroot.plots.overview import plot_overview, save_figure

__all__ = ["plot_cut_flow", "plot_overview", "save_figure"]
