"""``shoeroot ls``, ``show``, ``merge``, ``salvage`` and ``verify``: looking after event files."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoeroot.progress import Advance, progress

if TYPE_CHECKING:
    from shoeroot.records import RecordType

__all__ = ["ls", "merge", "read_event", "salvage", "show", "verify"]

existing = click.argument("path", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


def _print_json(report: Any) -> None:
    click.echo(json.dumps(report, indent=2, default=str))


@click.command(epilog="Example: shoeroot ls my-campaign/events/part-0000.root")
@existing
@as_json
def ls(path: Path, as_json: bool) -> None:
    """List what is in event files.

    Shows the fields of the record type with their types, units and sizes, and
    the files with their events and codec.
    """
    from shoeroot.cli.rendering import file_tables, print_rich
    from shoeroot.events import describe

    described = describe(path)
    if as_json:
        _print_json(asdict(described))
    else:
        print_rich(*file_tables(described))


@click.command(
    epilog="Example: shoeroot show my-campaign 17",
    context_settings={"ignore_unknown_options": True},  # -1 is a place
)
@existing
@click.argument("place", metavar="PLACE", type=int)
@click.option("--full", is_flag=True, help="All values of arrays, not their min, mean and max.")
@as_json
def show(path: Path, place: int, full: bool, as_json: bool) -> None:
    """Show one event, nested and with units.

    PLACE counts from 0 over all files; -1 is the last. To list building
    templates instead: shoeroot show templates.
    """
    from shoeroot.cli.rendering import event_text, print_rich
    from shoeroot.events import event_as_dict

    record, record_type, count = read_event(path, place)
    if as_json:
        _print_json(event_as_dict(record, full=full))
    else:
        label = f"{record_type.name} {place % count} of {count}"
        print_rich(event_text(record_type.root, record, label, full=full))


def read_event(path: Path, place: int) -> tuple[Any, RecordType, int]:
    """Give the event at a place, its record type, and how many events there are."""
    from shoeroot.errors import ConfigError
    from shoeroot.events import open_events

    with open_events(path) as events:
        count = len(events)
        if not -count <= place < count:
            hint = f"0 to {count - 1}, or -1 for the last" if count else "there are none at all"
            raise ConfigError(f"there is no event {place}", where=str(path), hint=hint)
        return events[place], events.record_type, count


@click.command(epilog="Example: shoeroot merge monday.root tuesday.root -o all.root")
@click.argument(
    "sources", metavar="FILE|FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="The new file, *.root.",
)
@click.option("--renumber", is_flag=True, help="Give events new ids: 0, 1, 2, ...")
@as_json
def merge(sources: tuple[Path, ...], output: Path, renumber: bool, as_json: bool) -> None:
    """Put the events of several files into one.

    Record types and event ids are compared before anything is written, counts
    after it.
    """
    from shoeroot.events.merge import merge as merge_files

    with _Bar("Merging") as advance:
        merged = merge_files(sources, output, renumber=renumber, progress=advance)
    if as_json:
        _print_json(asdict(merged))
    else:
        from shoeroot.cli.rendering import size_text

        click.echo(
            f"{merged.path}: {merged.events} events of {len(merged.sources)} files, "
            f"{size_text(merged.size)}{', with new ids' if merged.renumbered else ''}"
        )


@click.command(epilog="Example: shoeroot salvage my-campaign/events/part-0003.root.part")
@click.argument("path", metavar="FILE.part", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The new file; by default the same name without .part.",
)
@as_json
@click.pass_context
def salvage(context: click.Context, path: Path, output: Path | None, as_json: bool) -> None:
    """Recover the events of a file whose writer was killed.

    The file itself is left as it is. Ends with exit code 1 where events of
    which there is a trace could not be recovered.
    """
    from shoeroot.events.salvage import salvage as salvage_file

    salvaged = salvage_file(path, output)
    lost = salvaged.lost_events_at_least
    if as_json:
        _print_json(asdict(salvaged))
    else:
        click.echo(f"{salvaged.path}: {salvaged.events} events recovered. {salvaged.reason}")
        if lost:
            click.echo(f"At least {lost} events were not committed or are damaged: not recovered.")
    context.exit(1 if lost else 0)


@click.command(epilog="Example: shoeroot verify my-campaign")
@existing
@as_json
@click.pass_context
def verify(context: click.Context, path: Path, as_json: bool) -> None:
    """Compare event files with what their writers said of them.

    Reads everything and compares counts and checksums, batch by batch. Ends
    with exit code 1 where something is wrong.
    """
    from shoeroot.cli.rendering import print_rich, verification_tables
    from shoeroot.events.verify import verify as verify_files

    found = verify_files(path)
    if as_json:
        _print_json({"ok": found.ok, "events": found.events, **asdict(found)})
    else:
        print_rich(*verification_tables(found))
    context.exit(0 if found.ok else 1)


class _Bar:
    """Progress of work that says how much there is when it begins."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._open = ExitStack()
        self._advance: Advance | None = None
        self._done = 0

    def __enter__(self) -> Callable[[int, int], None]:
        return self._show

    def __exit__(self, *problem: object) -> None:
        self._open.close()

    def _show(self, done: int, total: int) -> None:
        if self._advance is None:
            self._advance = self._open.enter_context(progress(self._label, total))
        self._advance(done - self._done)
        self._done = done
