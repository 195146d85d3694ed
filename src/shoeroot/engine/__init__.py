"""Find an engine, run models through it, read its results and its complaints."""

from shoeroot.engine.eso import EsoData, SeriesKey, parse_eso
from shoeroot.engine.find import SUPPORTED_VERSION, Candidate, Engine, candidates, find_engine
from shoeroot.engine.messages import Message, parse_end, parse_messages
from shoeroot.engine.run import (
    HOURS,
    MONTHS,
    STATUSES,
    EngineModel,
    Run,
    RunResult,
    Status,
    execute,
    run_model,
    stop_runs,
)

__all__ = [
    "HOURS",
    "MONTHS",
    "STATUSES",
    "SUPPORTED_VERSION",
    "Candidate",
    "Engine",
    "EngineModel",
    "EsoData",
    "Message",
    "Run",
    "RunResult",
    "SeriesKey",
    "Status",
    "candidates",
    "execute",
    "find_engine",
    "parse_end",
    "parse_eso",
    "parse_messages",
    "run_model",
    "stop_runs",
]
