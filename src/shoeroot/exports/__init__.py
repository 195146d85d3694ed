"""Exports: events as netCDF, Zarr, tensors and tables, and their way to other places."""

from shoeroot.exports.blocks import create_filepath, split_by_chunks
from shoeroot.exports.datasets import to_xarray
from shoeroot.exports.netcdf import load, save
from shoeroot.exports.uploading import Upload, upload
from shoeroot.exports.zarr import save_zarr

__all__ = [
    "Upload",
    "create_filepath",
    "load",
    "save",
    "save_zarr",
    "split_by_chunks",
    "to_xarray",
    "upload",
]
