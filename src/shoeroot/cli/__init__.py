"""The command line: one module a group of verbs."""

from shoeroot.cli.main import main

__all__ = ["main"]
