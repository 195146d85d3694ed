"""Exports: events as netCDF, Zarr, tensors and tables, and their way to other places."""
