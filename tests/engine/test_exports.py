"""What the engine room lets others use."""

from __future__ import annotations

from shoeroot import engine


def test_public_names() -> None:
    assert set(engine.__all__) == {
        "HOURS",
        "MONTHS",
        "STATUSES",
        "SUPPORTED_VERSION",
        "Candidate",
        "Engine",
        "EngineModel",
        "EsoData",
        "Message",
        "PersistentRunner",
        "Run",
        "RunResult",
        "Runner",
        "SeriesKey",
        "Status",
        "SubprocessRunner",
        "candidates",
        "execute",
        "find_engine",
        "library_refusal",
        "make_runner",
        "parse_end",
        "parse_eso",
        "parse_messages",
        "run_model",
        "stop_runs",
    }
    assert all(hasattr(engine, name) for name in engine.__all__)
