"""Uploads: to folders, to memory, and to an S3 server on a connection that is cut."""

import contextlib
import json
import socket
import struct
import threading

import numpy as np
import pytest

fsspec = pytest.importorskip("fsspec", reason="needs the extra upload")

from shoeroot.errors import ExportError  # noqa: E402
from shoeroot.exports import upload  # noqa: E402

FAST_S3 = {
    "key": "testing",
    "secret": "testing",
    "config_kwargs": {
        "retries": {"total_max_attempts": 1},
        "connect_timeout": 5,
        "read_timeout": 5,
    },
}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "batch_00023"
    (made / "events").mkdir(parents=True)
    rng = np.random.default_rng(0)
    (made / "campaign.toml").write_text("schema_version = 1\n")
    (made / "events" / "part-0000.root").write_bytes(rng.bytes(300_000))
    (made / "events" / "part-0001.root").write_bytes(rng.bytes(200_000))
    (made / "events" / ".part-0002.root.12.part").write_bytes(b"unfinished")
    return made


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".part" and path.name != "shoeroot-upload.json"
    }


def test_a_folder_arrives_and_a_repeated_call_copies_only_what_changed(folder, tmp_path):
    url = f"file://{tmp_path}/archive/batch"

    first = upload(folder, url)
    (folder / "campaign.toml").write_text("schema_version = 2\n")
    (tmp_path / "archive" / "batch" / "events" / "part-0001.root").write_bytes(b"cut short")
    second = upload(folder, url)
    third = upload(folder, url)

    assert (first.files, first.sent, first.skipped) == (3, 3, 0)
    assert (second.sent, second.skipped) == (2, 1)
    assert (third.sent, third.skipped) == (0, 3)
    assert contents(tmp_path / "archive" / "batch") == contents(folder)
    assert not list(tmp_path.glob("archive/**/.*.part"))
    assert upload(folder, url, resume=False).sent == 3


def test_memory_and_single_files(folder):
    memory = fsspec.filesystem("memory")

    named = upload(folder / "campaign.toml", "memory://bucket/settings.toml")
    put = upload(folder / "campaign.toml", "memory://bucket/settings/")

    assert memory.cat("/bucket/settings.toml") == b"schema_version = 1\n"
    assert memory.cat("/bucket/settings/campaign.toml") == b"schema_version = 1\n"
    assert (named.sent, put.sent, put.size) == (1, 1, 19)
    assert upload(folder / "campaign.toml", "memory://bucket/settings.toml").skipped == 1


def test_bytes_that_change_on_the_way_are_no_upload(folder, tmp_path, monkeypatch):
    from fsspec.implementations.local import LocalFileSystem

    honest = LocalFileSystem.put_file

    def lossy(self, path, target, **options):
        honest(self, path, target, **options)
        if "part-0001" in target:
            with open(target, "r+b") as file:  # noqa: PTH123
                file.truncate(1000)

    monkeypatch.setattr(LocalFileSystem, "put_file", lossy)
    monkeypatch.setattr("shoeroot.uploading.PAUSE", 0)

    with pytest.raises(ExportError, match=r"1 of 3 files did not arrive.*part-0001.*1000 bytes"):
        upload(folder, f"file://{tmp_path}/archive")

    there = contents(tmp_path / "archive")
    assert sorted(there) == ["campaign.toml", "events/part-0000.root"]
    assert not list(tmp_path.glob("archive/**/.*.part"))
    listed = json.loads((tmp_path / "archive" / "shoeroot-upload.json").read_text())["files"]
    assert sorted(listed) == sorted(there)


def test_places_and_sources_that_are_not_there(folder, tmp_path):
    with pytest.raises(ExportError, match="the URL cannot be used"):
        upload(folder, "nonsense://bucket")
    with pytest.raises(ExportError, match="nothing to upload"):
        upload(tmp_path / "nowhere", "memory://bucket")


class CuttingProxy:
    """Forwards TCP to a server; cuts the first connections after some bytes of the client's."""

    def __init__(self, port: int, cuts: int, after: int) -> None:
        self.cuts, self.after, self.cut = cuts, after, 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open += [client, server]
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        passed = 0
        try:
            while data := source.recv(16384):
                passed += len(data)
                if counted and passed > self.after and self.cut < self.cuts:
                    self.cut += 1
                    self._reset(source, sink)
                    return
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _reset(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with contextlib.suppress(OSError):
                # Without a reset whoever is sending would wait for a reader for ever.
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self._listener.close()
        self._reset(*self._open)


@pytest.fixture(scope="module")
def s3_server():
    pytest.importorskip("s3fs", reason="needs s3fs")
    server = pytest.importorskip("moto.server", reason="needs moto[server]")
    running = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    yield running.get_host_and_port()[1]
    running.stop()


@pytest.fixture
def bucket(s3_server):
    system = fsspec.filesystem(
        "s3", **FAST_S3, client_kwargs=_at(s3_server), skip_instance_cache=True
    )
    system.mkdir("stock")
    yield system
    system.rm("stock", recursive=True)


def _at(port):
    return {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "eu-west-1"}


def _options(port):
    return {**FAST_S3, "client_kwargs": _at(port), "skip_instance_cache": True}


def test_a_connection_that_is_cut_is_tried_again(folder, bucket, s3_server, monkeypatch):
    monkeypatch.setattr("shoeroot.uploading.PAUSE", 0.01)
    proxy = CuttingProxy(s3_server, cuts=1, after=100_000)
    try:
        done = upload(folder, "s3://stock/batch", storage_options=_options(proxy.port))
    finally:
        proxy.close()

    assert proxy.cut == 1
    assert (done.sent, done.files) == (3, 3)
    bucket.invalidate_cache()
    for name, content in contents(folder).items():
        assert bucket.cat(f"stock/batch/{name}") == content


def test_a_connection_that_is_always_cut_leaves_no_half_file(
    folder, bucket, s3_server, monkeypatch
):
    monkeypatch.setattr("shoeroot.uploading.PAUSE", 0.01)
    part = folder / "events" / "part-0000.root"
    bucket.pipe_file("stock/part-0000.root", b"an older one")
    proxy = CuttingProxy(s3_server, cuts=10_000, after=100_000)
    try:
        with pytest.raises(ExportError, match=r"did not arrive(.|\n)*connection"):
            upload(part, "s3://stock/part-0000.root", storage_options=_options(proxy.port))
    finally:
        proxy.close()
    assert proxy.cut >= 3
    bucket.invalidate_cache()
    assert bucket.cat("stock/part-0000.root") == b"an older one"

    done = upload(part, "s3://stock/part-0000.root", storage_options=_options(s3_server))

    assert done.sent == 1
    bucket.invalidate_cache()
    assert bucket.cat("stock/part-0000.root") == part.read_bytes()


@pytest.fixture
def large(tmp_path):
    """A file that goes in three parts."""
    path = tmp_path / "part-0003.root"
    path.write_bytes(np.random.default_rng(1).bytes(40_000_000))
    return path


def parts_that_wait(bucket):
    return bucket.call_s3("list_multipart_uploads", Bucket="stock").get("Uploads", [])


def test_a_part_whose_connection_is_cut_is_sent_again(large, bucket, s3_server, monkeypatch):
    monkeypatch.setattr("shoeroot.uploading.PAUSE", 0.01)
    proxy = CuttingProxy(s3_server, cuts=1, after=8_000_000)
    try:
        done = upload(large, "s3://stock/large.root", storage_options=_options(proxy.port))
    finally:
        proxy.close()

    assert proxy.cut == 1
    assert (done.sent, done.size) == (1, 40_000_000)
    bucket.invalidate_cache()
    # What S3 gives an object of parts instead of a hash ends in their number.
    assert bucket.info("stock/large.root")["ETag"].strip('"').endswith("-3")
    assert bucket.cat("stock/large.root") == large.read_bytes()
    assert parts_that_wait(bucket) == []


def test_parts_of_an_object_that_never_became_whole_are_removed(
    large, bucket, s3_server, monkeypatch
):
    monkeypatch.setattr("shoeroot.uploading.PAUSE", 0.01)
    bucket.pipe_file("stock/large.root", b"an older one")
    # Somebody's earlier attempt, killed before it could tidy up, and another object's parts.
    for key in ("large.root", "another.root"):
        bucket.call_s3("create_multipart_upload", Bucket="stock", Key=key)
    proxy = CuttingProxy(s3_server, cuts=10_000, after=8_000_000)
    try:
        with pytest.raises(ExportError, match="did not arrive"):
            upload(large, "s3://stock/large.root", storage_options=_options(proxy.port))
    finally:
        proxy.close()

    bucket.invalidate_cache()
    assert bucket.cat("stock/large.root") == b"an older one"
    assert [one["Key"] for one in parts_that_wait(bucket)] == ["another.root"]


def test_a_file_goes_into_a_folder_that_is_there(folder, tmp_path):
    (tmp_path / "archive").mkdir()

    done = upload(folder / "campaign.toml", f"file://{tmp_path}/archive")

    assert done.url == f"file://{tmp_path}/archive/campaign.toml"
    assert [path.name for path in (tmp_path / "archive").iterdir()] == ["campaign.toml"]


def test_a_file_never_hides_in_a_folder_of_its_name(folder, tmp_path):
    taken = tmp_path / "archive" / "campaign.toml"
    taken.mkdir(parents=True)

    with pytest.raises(ExportError, match=r"1 of 3 files(.|\n)*a folder of this name"):
        upload(folder, f"file://{tmp_path}/archive")

    assert list(taken.iterdir()) == []
