"""Figures."""

from shoeroot.plots.overview import plot_overview, save_figure
from shoeroot.plots.shoebox import draw_shoebox

__all__ = ["draw_shoebox", "plot_overview", "save_figure"]
