"""Find an engine, run models through it, read its results and its complaints."""

from shoeroot.engine.eso import EsoData, SeriesKey, parse_eso
from shoeroot.engine.find import Candidate, Engine, candidates, find_engine, library_refusal
from shoeroot.engine.judge import HOURS, MONTHS, STATUSES, RunResult, Status
from shoeroot.engine.messages import Message, parse_end, parse_messages
from shoeroot.engine.pool import PersistentRunner
from shoeroot.engine.probe import SUPPORTED_VERSION
from shoeroot.engine.run import EngineModel, Run, execute, run_model, stop_runs
from shoeroot.engine.runner import Runner, SubprocessRunner, make_runner

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
]
