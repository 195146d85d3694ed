"""The messages of the engine, in the forms that it writes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shoeroot.engine import Message, parse_end, parse_messages

ERR = """\
Program Version,EnergyPlus, Version 25.2.0-cf7368216c, YMD=2026.01.01 00:00,
   ** Warning ** Timestep: Requested number (2) is less than the suggested minimum of 4.
   **   ~~~   ** Please see entry for Timestep.
   ************* Beginning Simulation
   ** Severe  ** Supply air is too warm.
   **   ~~~   ** During Warmup
   ** Warning ** Twice said
   ** Warning ** Twice said
   ************* Simulation Error Summary *************
   ** Warning ** The following Report Variables were requested but not generated
   ************* Key=*, VarName=ZONE HAPPINESS, Frequency=Hourly
   ************* ===== Recurring Error Summary =====
   ************* The following recurring error messages occurred.
   *************
   *************  ** Severe  ** Supply air is too warm, error continues
   *************  **   ~~~   **   This error occurred 66810 total times;
   *************  **   ~~~   **   during Warmup 192 times;
   *************  **   ~~~   **   during Sizing 0 times.
   *************  **   ~~~   **   Max=30.000000 C  Min=30.000000 C
   *************
   *************  ** Warning ** Twice said
   *************  **   ~~~   **   This error occurred 5 total times;
   **  Fatal  ** Preceding conditions cause termination.
   ...Summary of Errors that led to program termination:
   ..... Reference severe error count=1
   ************* EnergyPlus Terminated--Fatal Error Detected. 3 Warning; 1 Severe Errors
"""


def test_messages_are_joined_merged_and_counted() -> None:
    assert parse_messages(ERR) == (
        Message(
            "warning",
            "Timestep: Requested number (2) is less than the suggested minimum of 4.\n"
            "Please see entry for Timestep.",
        ),
        Message("severe", "Supply air is too warm.\nDuring Warmup"),
        Message("warning", "Twice said", 5),
        Message(
            "warning",
            "The following Report Variables were requested but not generated\n"
            "Key=*, VarName=ZONE HAPPINESS, Frequency=Hourly",
        ),
        Message(
            "severe",
            "Supply air is too warm, error continues\nMax=30.000000 C  Min=30.000000 C",
            66810,
        ),
        Message("fatal", "Preceding conditions cause termination."),
    )


def test_same_text_with_another_severity_is_another_message() -> None:
    text = "   ** Warning ** A\n   ** Severe  ** A\n   ** Warning ** A\n"
    assert parse_messages(text) == (Message("warning", "A", 2), Message("severe", "A"))


def test_no_messages() -> None:
    assert parse_messages("") == ()
    assert parse_messages("   **   ~~~   ** continues nothing\n") == ()


@given(st.integers(0, len(ERR)))
def test_cut_file_gives_the_messages_before_the_cut(cut: int) -> None:
    whole, part = parse_messages(ERR), parse_messages(ERR[:cut])
    assert len(part) <= len(whole) + 1
    for message, complete in zip(part[:-1], whole, strict=False):
        assert message.severity == complete.severity


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for message in parse_messages(text):
        assert message.count >= 0


def test_end() -> None:
    assert parse_end("EnergyPlus Completed Successfully-- 1 Warning; 0 Severe Errors;")
    assert not parse_end("EnergyPlus Terminated--Fatal Error Detected. 3 Warning; 1 Severe")
    assert not parse_end("")
