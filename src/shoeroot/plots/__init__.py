"""Figures."""

from shoeroot.plots.overview import plot_overview, save_figure

__all__ = ["plot_overview", "save_figure"]
