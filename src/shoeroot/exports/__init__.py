"""Exports: events as netCDF, Zarr, tensors and tables, and their way to other places."""

from shoeroot.exports.blocks import create_filepath, split_by_chunks
from shoeroot.exports.campaign_tensors import to_ml
from shoeroot.exports.datasets import to_xarray
from shoeroot.exports.netcdf import load, save
from shoeroot.exports.results import RESULT_SERIES, write_results
from shoeroot.exports.scalers import Scaler
from shoeroot.exports.splits import split_groups
from shoeroot.exports.tensor_files import load_tensors, save_tensors
from shoeroot.exports.tensor_sources import TensorBatch
from shoeroot.exports.tensors import Scalers, TensorPart, Tensors
from shoeroot.exports.zarr import save_zarr
from shoeroot.uploading import Upload, upload

__all__ = [
    "RESULT_SERIES",
    "Scaler",
    "Scalers",
    "TensorBatch",
    "TensorPart",
    "Tensors",
    "Upload",
    "create_filepath",
    "load",
    "load_tensors",
    "save",
    "save_tensors",
    "save_zarr",
    "split_by_chunks",
    "split_groups",
    "to_ml",
    "to_xarray",
    "upload",
    "write_results",
]
